using System.Text.RegularExpressions;
using PenguinMails.House.Tests.Sql;

namespace PenguinMails.House.Tests.Rules;

/// <summary>A migration has no tenant, so a forced policy shows it no row: who changes or reads tenants' rows must let the policy step aside, or it changes nothing and says so nowhere.</summary>
static partial class MigratedRows
{
    public static IReadOnlyList<Offence> Check(IEnumerable<TextFile> files)
    {
        var offences = new List<Offence>();
        foreach (var module in files.Where(file => file.Module is not null && file.Has(".sql") && file.Path.Split('/')[^2] == "Migrations").GroupBy(file => file.Module))
        {
            HashSet<string> forced = [];
            foreach (var file in module.OrderBy(file => file.Name, StringComparer.Ordinal)) offences.AddRange(File(file, forced));
        }

        return offences;
    }

    // Statement by statement, with what is forced at that moment.
    static IEnumerable<Offence> File(TextFile file, HashSet<string> forced)
    {
        var aside = new Dictionary<string, int>();
        foreach (var (at, text) in Statements(file.Text))
        {
            if (Force().Match(text) is { Success: true } wall)
            {
                var table = wall.Groups["table"].Value;
                if (wall.Groups["no"].Success && forced.Remove(table)) aside[table] = at;
                else if (!wall.Groups["no"].Success && forced.Add(table)) aside.Remove(table);
            }
            else if (Change().IsMatch(text))
            {
                foreach (var table in Name().Matches(text).Select(name => name.Value).Distinct().Where(forced.Contains))
                    yield return new(file.At(at), $"The policy of {table} shows a migration no row. Put \"alter table {table} no force row level security;\" before it and \"force\" after it.");
            }
        }

        foreach (var (table, at) in aside) yield return new(file.At(at), $"The policy of {table} steps aside and is never forced again: add \"alter table {table} force row level security;\".");
    }

    // Without the bodies of functions, which run later and for a tenant.
    static IEnumerable<(int At, string Text)> Statements(string sql)
    {
        var bare = Body().Replace(SqlText.Bare(sql).ToLowerInvariant(), body => new string(' ', body.Length));
        return from Match one in Statement().Matches(bare)
               select (one.Index, one.Value);
    }

    [GeneratedRegex(@"\$(?<tag>\w*)\$[\s\S]*?\$\k<tag>\$")]
    private static partial Regex Body();

    [GeneratedRegex(@"[^;\s][^;]*")]
    private static partial Regex Statement();

    [GeneratedRegex(@"^alter\s+table\s+(?:only\s+)?(?<table>[\w.]+)\s+(?<no>no\s+)?force\s+row\s+level\s+security")]
    private static partial Regex Force();

    [GeneratedRegex(@"^(?:update|delete|insert|merge|with|select|copy)\b")]
    private static partial Regex Change();

    [GeneratedRegex(@"\b[a-z_]+\.[a-z_0-9]+\b")]
    private static partial Regex Name();
}

public sealed class MigratedRowsTests
{
    const string Walled = "alter table fleet.domain force row level security;\n";

    [Fact]
    public void Migrations_see_the_rows_they_change() => KnownOffenders.Hold("migrated-rows", MigratedRows.Check(Tree.Files));

    [Theory]
    [InlineData("update fleet.domain set name = lower(name);")]
    [InlineData("delete from fleet.domain where name = '';")]
    [InlineData("insert into fleet.region (id) select region from fleet.domain;")]
    [InlineData("with d as (select id from fleet.domain) update fleet.region r set id = d.id from d;")]
    public void Change_that_the_policy_hides_is_seen(string change)
    {
        var offence = Assert.Single(Check("", Walled, change));
        Assert.Equal("src/Fleet/Migrations/0003.sql:1", offence.Place);
        Assert.Contains("fleet.domain no force", offence.Message, StringComparison.Ordinal);
        Assert.Empty(Check("", Walled, $"alter table fleet.domain no force row level security;\n{change}\n{Walled}"));
    }

    [Fact]
    public void Policy_that_never_comes_back_is_seen() => Assert.Contains("never forced again", Assert.Single(Check(
        Walled, "-- All of them.\nalter table fleet.domain no force row level security;\nupdate fleet.domain set name = 'a;b';")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("update fleet.region set id = 'x';")]
    [InlineData("create function fleet.f() returns void language plpgsql as $$ begin update fleet.domain set name = ''; end $$;")]
    [InlineData("grant select, update on fleet.domain to penguin_app;")]
    public void What_changes_no_row_behind_a_policy_passes(string sql) => Assert.Empty(Check(Walled, sql));

    [Fact]
    public void Table_of_the_same_migration_may_be_filled_before_it_is_walled_off() =>
        Assert.Empty(Check("insert into fleet.domain (id) values (1);\n" + Walled));

    static IReadOnlyList<Offence> Check(params string[] migrations) =>
        MigratedRows.Check(migrations.Select((sql, i) => new TextFile($"src/Fleet/Migrations/{i + 1:0000}.sql", sql)));
}
