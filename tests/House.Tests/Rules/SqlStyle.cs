using System.Text.RegularExpressions;
using PenguinMails.House.Tests.Sql;

namespace PenguinMails.House.Tests.Rules;

/// <summary>Constants read alike: lower case, named columns, an end to every list.</summary>
static partial class SqlStyle
{
    public static IReadOnlyList<Offence> Check(IEnumerable<SqlConstant> constants) => [.. constants.SelectMany(CheckOne)];

    static IEnumerable<Offence> CheckOne(SqlConstant constant)
    {
        var bare = SqlText.Bare(constant.Text);
        var shouting = Keyword().Matches(bare).FirstOrDefault(word => word.Value.Any(char.IsUpper));
        if (shouting is not null)
            yield return new(constant.Place, $"{constant.Name} writes {shouting.Value}: keywords are lower case.");
        if (Star().IsMatch(bare))
            yield return new(constant.Place, $"{constant.Name} takes every column with a star: name the columns in the order Read takes them (exists takes select 1).");

        var levels = SqlText.Levels(bare);
        for (var depth = 0; depth < levels.Count; depth++)
            if (IsEndless(levels[depth], outermost: depth == 0))
                yield return new(constant.Place, $"{constant.Name} orders a list without end: add limit $n (and a keyset cursor when people page through it).");
    }

    // Inside a statement, distinct on needs its order and returns one row a key. An insert that orders its rows takes
    // its locks in that order; it is no list.
    static bool IsEndless(string level, bool outermost) =>
        (outermost ? Query() : Select()).IsMatch(level)
        && OrderBy().IsMatch(level) && !Limit().IsMatch(level)
        && (outermost || !DistinctOn().IsMatch(level));

    [GeneratedRegex(@"(?<![\w.""])(?:select|insert|update|delete|from|where|values|returning|set|into|join|left|inner|on|and|or|not|null|is|in|as|order|group|by|limit|having|with|case|when|then|else|end|exists|union|all|distinct|conflict|for|skip|locked|using|cast|asc|desc|true|false)(?![\w.""])", RegexOptions.IgnoreCase)]
    private static partial Regex Keyword();

    [GeneratedRegex(@"\b(?:select|returning|distinct)\s+(?:\w+\.)?\*|,\s*(?:\w+\.)?\*|\bselect\s+\w+\.\*", RegexOptions.IgnoreCase)]
    private static partial Regex Star();

    [GeneratedRegex(@"^\s*(?:select|with)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Query();

    [GeneratedRegex(@"^\s*select\b", RegexOptions.IgnoreCase)]
    private static partial Regex Select();

    [GeneratedRegex(@"\border\s+by\b", RegexOptions.IgnoreCase)]
    private static partial Regex OrderBy();

    [GeneratedRegex(@"\blimit\b|\bfetch\s+(?:first|next)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Limit();

    [GeneratedRegex(@"\bdistinct\s+on\b", RegexOptions.IgnoreCase)]
    private static partial Regex DistinctOn();
}

public sealed class SqlStyleTests
{
    [Fact]
    public void Constants_are_lower_case_name_columns_and_limit_lists() => KnownOffenders.Hold("sql-style", SqlStyle.Check(SqlConstants.All()));

    [Theory]
    [InlineData("select id from core.job where id = $1", 0)]
    [InlineData("SELECT id FROM core.job", 1)]
    [InlineData("select id from core.job WHERE id = $1", 1)]
    [InlineData("select 'SELECT * FROM' from core.job", 0)]
    [InlineData("select * from core.job", 1)]
    [InlineData("select j.* from core.job j", 1)]
    [InlineData("select id, j.* from core.job j", 1)]
    [InlineData("select count(*) from core.job", 0)]
    [InlineData("select 2 * rank from core.job", 0)]
    [InlineData("insert into core.job (id) values ($1) returning *", 1)]
    [InlineData("select id from core.job order by id", 1)]
    [InlineData("select id from core.job order by id limit $1", 0)]
    [InlineData("select id, row_number() over (order by id) from core.job", 0)]
    [InlineData("select array_agg(id order by id) from core.job", 0)]
    [InlineData("insert into core.job (id) select id from unnest($1) as t (id) order by id on conflict (id) do nothing", 0)]
    [InlineData("with due as (select id from core.job order by id) select id from due limit 1", 1)]
    [InlineData("with due as (select distinct on (kind) id from core.job order by kind, id) select id from due limit 1", 0)]
    [InlineData("update core.job set state = 'RUNNING' where id = $1", 0)]
    public void Breach_of_style_is_seen(string sql, int offences) =>
        Assert.Equal(offences, SqlStyle.Check([new("Job.Claim", "src/Core/Jobs/Job.cs", 1, sql)]).Count);
}
