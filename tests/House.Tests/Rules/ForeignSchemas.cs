using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PenguinMails.House.Tests.Sql;

namespace PenguinMails.House.Tests.Rules;

/// <summary>A module's SQL names its own schema only; what it needs from another it gets by a call or an event.</summary>
static partial class ForeignSchemas
{
    static readonly string Names = string.Join('|', Floors.Table.Keys.Select(name => name.ToLowerInvariant()));

    // A name before a dot, or after the word schema. References of foreign keys are names before a dot, too.
    static readonly Regex Mention = new(
        $@"(?<![\w.""])""?(?<schema>{Names})""?\s*\.\s*[\w""]+|\bschema\s+(?:if\s+(?:not\s+)?exists\s+)?""?(?<schema>{Names})\b",
        RegexOptions.IgnoreCase);

    /// <param name="files">C#, pages and migrations under src.</param>
    public static IReadOnlyList<Offence> Check(IEnumerable<TextFile> files) =>
        [.. files.Where(file => file.Module is not null).SelectMany(file => file.Has(".sql") ? InMigration(file) : InCode(file))];

    static IEnumerable<Offence> InMigration(TextFile file) => Foreign(file, file.Text).Select(found => Say(file.At(found.Index), file, found));

    static IEnumerable<Offence> InCode(TextFile file)
    {
        foreach (var token in file.Syntax.DescendantTokens())
        {
            if (!token.IsKind(SyntaxKind.StringLiteralToken) && !token.IsKind(SyntaxKind.MultiLineRawStringLiteralToken)
                && !token.IsKind(SyntaxKind.SingleLineRawStringLiteralToken)) continue;
            if (!SqlText.IsSql(token.ValueText)) continue;
            foreach (var found in Foreign(file, token.ValueText))
                yield return Say($"{file.Path}:{SqlConstants.FirstLine(token) + Lines(token.ValueText, found.Index)}", file, found);
        }
        foreach (var text in file.Syntax.DescendantNodes().OfType<InterpolatedStringExpressionSyntax>())
        {
            var whole = SqlBuilding.TextOf(text);
            if (!SqlText.IsSql(whole)) continue;
            foreach (var found in Foreign(file, whole)) yield return Say(file.At(text), file, found);
        }
    }

    static IEnumerable<Match> Foreign(TextFile file, string sql) => Mention.Matches(SqlText.Bare(sql))
        .Where(found => !found.Groups["schema"].Value.Equals(file.Module, StringComparison.OrdinalIgnoreCase));

    static Offence Say(string place, TextFile file, Match found) => new(place,
        $"{file.Module} names '{Spaces().Replace(found.Value, " ")}' of another module: call that module's slice or subscribe to its event " +
        "(a table of your own with that name needs an alias).");

    static int Lines(string text, int offset) => text[..offset].Count(c => c == '\n');

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

public sealed class ForeignSchemasTests
{
    [Fact]
    public void Sql_names_the_schema_of_its_own_module_only() =>
        KnownOffenders.Hold("foreign-schemas", ForeignSchemas.Check(Tree.Files.Where(file => file.Under("src") && file.Has(".cs", ".razor", ".sql"))));

    [Theory]
    [InlineData("select id from campaigns.list where id = $1", 0)]
    [InlineData("select id from fleet.domain where id = $1", 1)]
    [InlineData("select id from \"fleet\".domain", 1)]
    [InlineData("select id from core.job", 1)]
    [InlineData("select id from campaigns.list l join delivery.message m on m.id = l.id join fleet.server s on true", 2)]
    [InlineData("select 'fleet.domain' from campaigns.list -- as fleet.domain does", 0)]
    [InlineData("select 'fleet.domain'::regclass from campaigns.list", 1)]
    [InlineData("copy fleet.domain from stdin (format binary)", 1)]
    [InlineData("The fleet.domain page", 0)]
    public void Foreign_name_in_a_literal_is_seen(string sql, int offences)
    {
        var quotes = new string('"', 3);
        var file = new TextFile("src/Campaigns/Lists/A.cs", $"class A\n{{\n    const string Q = {quotes}\n        {sql}\n        {quotes};\n}}\n");
        var found = ForeignSchemas.Check([file]);
        Assert.Equal(offences, found.Count);
        Assert.All(found, offence => Assert.Equal("src/Campaigns/Lists/A.cs:4", offence.Place));
    }

    [Fact]
    public void Foreign_name_in_an_interpolated_string_is_seen() => Assert.Single(ForeignSchemas.Check(
        [new("src/Web/A.cs", "class A { string Q(string t) => $\"select {t} from accounts.tenant\"; }")]));

    [Theory]
    [InlineData("create table campaigns.list (id uuid references accounts.tenant (id));", 1)]
    [InlineData("create table campaigns.list (id uuid);\n-- accounts.tenant\ncreate schema campaigns;", 0)]
    [InlineData("grant usage on schema accounts to penguin_app;", 1)]
    public void Foreign_key_or_grant_in_a_migration_is_seen(string sql, int offences) =>
        Assert.Equal(offences, ForeignSchemas.Check([new("src/Campaigns/Migrations/0001_lists.sql", sql)]).Count);
}
