using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PenguinMails.House.Tests.Rules;

/// <summary>Type names say what a thing is; method names do not repeat that everything here is asynchronous.</summary>
static partial class Names
{
    static readonly string[] Empty = ["Manager", "Helper", "Util", "Processor", "Base", "Impl", "Data", "Info"];

    // Names the framework asks for: it calls them by convention or through an interface of its own.
    static readonly string[] Framework =
    [
        "DisposeAsync", "InitializeAsync", "StartAsync", "StopAsync", "ExecuteAsync", "InvokeAsync", "TryHandleAsync", "CheckHealthAsync", "BindAsync",
    ];

    /// <param name="files">C# anywhere; type names are judged under src only.</param>
    public static IReadOnlyList<Offence> Check(IEnumerable<TextFile> files) => [.. files.SelectMany(file => Types(file).Concat(Methods(file)))];

    static IEnumerable<Offence> Types(TextFile file)
    {
        if (!file.Under("src")) yield break;
        foreach (var node in file.Syntax.DescendantNodes().OfType<MemberDeclarationSyntax>())
        {
            var name = node switch
            {
                BaseTypeDeclarationSyntax type => type.Identifier.Text,
                DelegateDeclarationSyntax type => type.Identifier.Text,
                _ => "",
            };
            var last = LastWord().Match(name).Value;
            if (Empty.FirstOrDefault(word => last == word || last == word + "s") is { } empty)
                yield return new(file.At(node), $"{name} ends in {empty}, which says nothing: name it for what it is or does.");
        }
    }

    static IEnumerable<Offence> Methods(TextFile file) =>
        from method in file.Syntax.DescendantNodes().OfType<MethodDeclarationSyntax>()
        let name = method.Identifier.Text
        where name.Length > 5 && name.EndsWith("Async", StringComparison.Ordinal)
        where !method.Modifiers.Any(SyntaxKind.OverrideKeyword) && method.ExplicitInterfaceSpecifier is null && !Framework.Contains(name)
        select new Offence(file.At(method), $"{name}: there are no sync twins, so drop the suffix: {name[..^5]}.");

    [GeneratedRegex(@"(?:[A-Z]+(?![a-z])|[A-Z][a-z0-9]*)$")]
    private static partial Regex LastWord();
}

public sealed class NamesTests
{
    [Fact]
    public void Names_say_what_things_are() => KnownOffenders.Hold("names", Names.Check(Tree.Code));

    [Theory]
    [InlineData("class QueueManager { }", 1)]
    [InlineData("record UserInfo(int A);", 1)]
    [InlineData("static class MailUtils { }", 1)]
    [InlineData("enum Data { }", 1)]
    [InlineData("delegate void ParserBase();", 1)]
    [InlineData("class Outer { struct MailData { } }", 1)]
    [InlineData("class Database { }", 0)]
    [InlineData("class DataFolder { }", 0)]
    [InlineData("class A { void SendAsync() { } }", 1)]
    [InlineData("class A { ValueTask DisposeAsync() => default; }", 0)]
    [InlineData("class A : Stream { public override Task FlushAsync() => x; }", 0)]
    public void Empty_word_or_async_suffix_is_seen(string code, int offences) =>
        Assert.Equal(offences, Names.Check([new("src/Core/A.cs", code)]).Count);
}
