using System.Text.RegularExpressions;
using PenguinMails.House.Tests.Sql;

namespace PenguinMails.House.Tests.Rules;

/// <summary>Migrations run forward in order, and every table is walled off by tenant or stands on a list with a reason.</summary>
static partial class Migrations
{
    public const string UnscopedPath = "docs/security/unscoped-tables.md";

    /// <param name="files">All files; those under src/*/Migrations are looked at.</param>
    /// <param name="unscoped">Markdown with table rows "schema.table | reason".</param>
    public static IReadOnlyList<Offence> Check(IEnumerable<TextFile> files, string unscoped)
    {
        var modules = files.Where(file => file.Module is not null && file.Has(".sql") && file.Path.Split('/')[^2] == "Migrations")
            .GroupBy(file => file.Module ?? "").ToList();
        var listed = Listed(unscoped);
        var offences = modules.SelectMany(Numbers).ToList();
        var tables = modules.SelectMany(Tables).Concat(files.Where(file => file.Module is not null && file.Has(".cs")).SelectMany(InCode)).ToList();
        offences.AddRange(tables.SelectMany(table => CheckTable(table, listed)));
        foreach (var (name, reason) in listed)
        {
            if (tables.FirstOrDefault(table => table.Name == name) is not { } table)
                offences.Add(new(UnscopedPath, $"{name} is not created by any migration: remove its row."));
            else if (table.Missing.Count == 0)
                offences.Add(new(UnscopedPath, $"{name} has tenant_id and policies: remove its row."));
            if (reason.Length < 10) offences.Add(new(UnscopedPath, $"{name} has no reason: say why it holds nothing of a tenant, or why no policy can apply."));
        }
        return offences;
    }

    sealed record Table(string Name, string Module, string Place, IReadOnlyList<string> Missing);

    static IEnumerable<Offence> Numbers(IGrouping<string, TextFile> module)
    {
        var expected = 1;
        foreach (var file in module.OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            if (!FileName().IsMatch(file.Name))
                yield return new(file.Path, "Name it 0001_what_it_does.sql: four digits, then words in lower case.");
            else if (int.Parse(file.Name[..4]) != expected++)
                yield return new(file.Path, $"{module.Key} expects {expected - 1:0000} here: numbers run from 0001 without gaps or doubles.");
            if (Backwards().IsMatch(file.Name))
                yield return new(file.Path, "No down migrations: a mistake is mended by the next one forward.");
        }
    }

    static IEnumerable<Table> Tables(IGrouping<string, TextFile> module)
    {
        var whole = string.Join('\n', module.Select(file => SqlText.Bare(file.Text))).ToLowerInvariant();
        foreach (var file in module)
            foreach (Match found in CreateTable().Matches(SqlText.Bare(file.Text).ToLowerInvariant()))
            {
                var name = found.Groups["name"].Value.Replace("\"", "");
                yield return new(name, module.Key, file.At(found.Index), [.. Missing(name, Body(file.Text.ToLowerInvariant(), found), whole)]);
            }
    }

    // A table that the program itself creates, such as the record of migrations, is judged by its own text.
    static IEnumerable<Table> InCode(TextFile file) =>
        from token in file.Syntax.DescendantTokens()
        where token.Value is string
        let sql = SqlText.Bare(token.ValueText).ToLowerInvariant()
        from Match found in CreateTable().Matches(sql)
        let name = found.Groups["name"].Value
        select new Table(name, file.Module ?? "", $"{file.Path}:{SqlConstants.FirstLine(token)}", [.. Missing(name, Body(sql, found), sql)]);

    static IEnumerable<string> Missing(string name, string body, string whole)
    {
        var table = Regex.Escape(name);
        var alter = $@"alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?{table}\s[^;]*?";
        if (!Regex.IsMatch(body, @"\btenant_id\b")) yield return "a tenant_id column";
        if (!Regex.IsMatch(whole, alter + @"\benable\s+row\s+level\s+security")) yield return "enable row level security";
        if (!Regex.IsMatch(whole, alter + @"\bforce\s+row\s+level\s+security")) yield return "force row level security";
        if (!Regex.IsMatch(whole, $@"create\s+policy\s+\w+\s+on\s+{table}\s[^;]*\busing\s*\([^;]*\bwith\s+check\s*\("))
            yield return "a policy with using and with check";
    }

    static IEnumerable<Offence> CheckTable(Table table, Dictionary<string, string> listed)
    {
        if (!table.Name.StartsWith(table.Module.ToLowerInvariant() + ".", StringComparison.Ordinal))
            yield return new(table.Place, $"Table {table.Name} is outside the module's schema: create {table.Module.ToLowerInvariant()}.{table.Name.Split('.')[^1]}.");
        else if (table.Missing.Count > 0 && !listed.ContainsKey(table.Name))
            yield return new(table.Place, $"Table {table.Name} lacks {string.Join(", ", table.Missing)}: add it, or a row to {UnscopedPath} with the reason.");
    }

    // From the opening bracket to its partner.
    static string Body(string sql, Match found)
    {
        var depth = 0;
        for (var i = found.Index + found.Length - 1; i < sql.Length; i++)
        {
            if (sql[i] == '(') depth++;
            if (sql[i] == ')' && --depth == 0) return sql[(found.Index + found.Length)..i];
        }
        return sql[found.Index..];
    }

    static Dictionary<string, string> Listed(string markdown) => Row().Matches(markdown)
        .ToDictionary(row => row.Groups["name"].Value, row => row.Groups["reason"].Value.Trim());

    // Partitions are created with "partition of" and no bracket: the policies of the parent hold.
    [GeneratedRegex(@"\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?<name>[\w.""]+)\s*\(")]
    private static partial Regex CreateTable();

    [GeneratedRegex(@"^\d{4}_[a-z0-9_]+\.sql$")]
    private static partial Regex FileName();

    [GeneratedRegex(@"(?:^|[_.])(?:down|undo|rollback|revert)(?:[_.]|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Backwards();

    [GeneratedRegex(@"^\|?\s*`?(?<name>[a-z_0-9]+\.[a-z_0-9]+)`?\s*\|(?<reason>[^|\n]*)", RegexOptions.Multiline)]
    private static partial Regex Row();
}

public sealed class MigrationsTests
{
    const string Scoped = """
        create table fleet.domain (tenant_id uuid not null, id uuid not null, primary key (tenant_id, id));
        alter table fleet.domain enable row level security;
        alter table fleet.domain force row level security;
        create policy tenant on fleet.domain
          using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
          with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
        """;

    [Fact]
    public void Migrations_run_forward_and_wall_every_table_off() =>
        KnownOffenders.Hold("migrations", Migrations.Check(Tree.Files, Tree.TextOf(Migrations.UnscopedPath) ?? ""));

    [Fact]
    public void Table_with_tenant_and_policies_passes() => Assert.Empty(Check("", ("0001_domains.sql", Scoped)));

    [Fact]
    public void Policies_may_come_in_a_later_migration()
    {
        var parts = Scoped.Split('\n', 2);
        Assert.Empty(Check("", ("0001_domains.sql", parts[0]), ("0002_walls.sql", parts[1])));
    }

    [Theory]
    [InlineData("tenant_id uuid not null, ", "a tenant_id column")]
    [InlineData("alter table fleet.domain enable row level security;", "enable row level security")]
    [InlineData("alter table fleet.domain force row level security;", "force row level security")]
    [InlineData("create policy tenant on fleet.domain", "a policy with using and with check")]
    [InlineData("with check (tenant_id", "a policy with using and with check")]
    public void Table_without_one_of_its_walls_is_seen(string taken, string lacking)
    {
        var sql = Scoped.Replace(taken, "", StringComparison.Ordinal).Replace("primary key (tenant_id, id)", "primary key (id)", StringComparison.Ordinal);
        var offence = Assert.Single(Check("", ("0001_domains.sql", sql)));
        Assert.Contains(lacking, offence.Message, StringComparison.Ordinal);
        Assert.Equal("src/Fleet/Migrations/0001_domains.sql:1", offence.Place);
    }

    [Theory]
    [InlineData("| fleet.region | Same list of regions for everyone. |", 0)]
    [InlineData("", 1)]
    [InlineData("| fleet.region | |", 1)]
    [InlineData("| fleet.region | Same list of regions for everyone. |\n| fleet.gone | Was the same for everyone once. |", 1)]
    public void Unscoped_table_needs_its_row_and_reason(string list, int offences) =>
        Assert.Equal(offences, Check(list, ("0001_regions.sql", "create table fleet.region (id text primary key);")).Count);

    [Fact]
    public void Scoped_table_on_the_list_of_unscoped_ones_is_seen() =>
        Assert.Contains("remove its row", Assert.Single(Check("| fleet.domain | No longer true, long ago. |", ("0001_domains.sql", Scoped))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0001_a.sql", "0003_b.sql", 1)]
    [InlineData("0001_a.sql", "0001_b.sql", 1)]
    [InlineData("0001_a.sql", "2_b.sql", 1)]
    [InlineData("0001_a.sql", "0002_a_down.sql", 1)]
    [InlineData("0001_a.sql", "0002_breakdown.sql", 0)]
    public void Gap_double_bad_name_or_way_back_is_seen(string first, string second, int offences) =>
        Assert.Equal(offences, Check("", (first, ""), (second, "")).Count);

    [Fact]
    public void Table_made_by_the_program_is_judged_too() => Assert.Equal("src/Fleet/A.cs:1", Assert.Single(Migrations.Check(
        [new("src/Fleet/A.cs", "class A { const string Q = \"create table if not exists fleet.step (id text)\"; }")], "")).Place);

    [Fact]
    public void Table_outside_the_module_schema_is_seen() =>
        Assert.Contains("create fleet.region", Assert.Single(Check("", ("0001_a.sql", "create table region (id text);"))).Message, StringComparison.Ordinal);

    static IReadOnlyList<Offence> Check(string unscoped, params (string Name, string Sql)[] files) =>
        Migrations.Check(files.Select(file => new TextFile($"src/Fleet/Migrations/{file.Name}", file.Sql)), unscoped);
}
