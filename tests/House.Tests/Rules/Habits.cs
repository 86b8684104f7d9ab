using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PenguinMails.House.Tests.Rules;

/// <summary>Habits that hide failures: swallowed exceptions, silenced warnings, blocked threads, loose ends.</summary>
static partial class Habits
{
    public const string CatchAllPath = "tests/House.Tests/catch-all.txt";

    /// <param name="files">C# anywhere.</param>
    /// <param name="catchAll">Lines "path | reason": the edges where every exception ends.</param>
    public static IReadOnlyList<Offence> Check(IEnumerable<TextFile> files, string catchAll)
    {
        var edges = Entries.Of(catchAll).ToDictionary(entry => entry[0], entry => entry.ElementAtOrDefault(1) ?? "");
        var used = new HashSet<string>();
        var code = files.ToList();
        var lists = code.SelectMany(TypeLists).ToHashSet();
        var offences = code.SelectMany(file => Nodes(file, edges, used, lists).Concat(Remarks(file))).ToList();
        foreach (var (path, reason) in edges)
        {
            if (!used.Contains(path)) offences.Add(new(CatchAllPath, $"{path} catches everything no more: remove its line."));
            if (reason.Length < 10) offences.Add(new(CatchAllPath, $"{path} needs its reason: path | why every exception ends here."));
        }
        return offences;
    }

    static IEnumerable<Offence> Nodes(TextFile file, Dictionary<string, string> edges, HashSet<string> used, HashSet<string> lists)
    {
        var product = file.Under("src");
        foreach (var node in file.Syntax.DescendantNodes(descendIntoTrivia: false))
        {
            if (product && node is CatchClauseSyntax clause && CatchesAll(clause, lists))
            {
                used.Add(file.Path);
                if (!edges.ContainsKey(file.Path))
                    yield return new(file.At(node), $"catches everything: name the exceptions, let the rest reach the edge (edges stand in {CatchAllPath}).");
            }
            if (product && node.IsKind(SyntaxKind.SuppressNullableWarningExpression))
                yield return new(file.At(node), "silences a null warning with '!': test for null and say what happens then.");
            if (IsAsyncVoid(node))
                yield return new(file.At(node), "async void: its exceptions end the process; return Task.");
            if (node is MemberAccessExpressionSyntax member && Blocks(member))
                yield return new(file.At(node), $"blocks a thread with .{member.Name}: await it (if it is no task, name the member for what it holds).");
            if (node is IdentifierNameSyntax { Identifier.Text: "NotImplementedException" })
                yield return new(file.At(node), "is not implemented: finish it or leave it out.");
        }
    }

    static IEnumerable<Offence> Remarks(TextFile file)
    {
        foreach (var trivia in file.Syntax.DescendantTrivia(descendIntoTrivia: true))
        {
            var place = file.At(trivia.GetLocation());
            if (trivia.IsKind(SyntaxKind.RegionDirectiveTrivia))
                yield return new(place, "folds code away in a region: split the file instead.");
            if (trivia.GetStructure() is PragmaWarningDirectiveTriviaSyntax pragma && pragma.DisableOrRestoreKeyword.IsKind(SyntaxKind.DisableKeyword) && !HasReason(file, trivia))
                yield return new(place, "disables a warning without saying why: // reason on the same line.");
            if (!trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) && !trivia.IsKind(SyntaxKind.MultiLineCommentTrivia) && !trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia)) continue;
            if (LooseEnd(trivia.ToFullString()) is { } complaint) yield return new(place, complaint);
        }
    }

    /// <summary>Loose ends in files that are not C#.</summary>
    public static IReadOnlyList<Offence> CheckText(IEnumerable<TextFile> files) =>
    [
        .. from file in files
           where file.Has(".ts", ".css", ".sql", ".sh", ".razor")
           from line in file.Text.Split('\n').Select((text, index) => (Text: text, Number: index + 1))
           let complaint = LooseEnd(line.Text)
           where complaint is not null
           select new Offence($"{file.Path}:{line.Number}", complaint),
    ];

    static string? LooseEnd(string text) =>
        Fixme().IsMatch(text) ? "FIXME: fix it before it gets here."
        : Todo().IsMatch(text) ? "TODO without an issue: write TODO #123: what is missing."
        : null;

    // A clean-up that ends in throw hides nothing; a filter that names types is a list of types.
    static bool CatchesAll(CatchClauseSyntax clause, HashSet<string> lists) =>
        clause.Declaration?.Type.ToString() is null or "Exception" or "System.Exception"
        && clause.Filter?.FilterExpression.DescendantNodesAndSelf().Any(node => NamesTypes(node) || CallsList(node, lists)) != true
        && clause.Block.Statements.LastOrDefault() is not ThrowStatementSyntax { Expression: null };

    static bool NamesTypes(SyntaxNode node) =>
        node is IsPatternExpressionSyntax or SwitchExpressionSyntax || node.IsKind(SyntaxKind.IsExpression);

    static bool CallsList(SyntaxNode node, HashSet<string> lists) =>
        node is InvocationExpressionSyntax call && lists.Contains(call.Expression.ToString().Split('.')[^1]);

    // Predicates such as IsLoss(Exception e) => e is IOException or SocketException.
    static IEnumerable<string> TypeLists(TextFile file) =>
        from method in file.Syntax.DescendantNodes().OfType<MethodDeclarationSyntax>()
        where method.ReturnType.ToString() == "bool" && method.ParameterList.Parameters.Any(parameter => parameter.Type?.ToString() == "Exception")
        where method.DescendantNodes().Any(NamesTypes)
        select method.Identifier.Text;

    static bool IsAsyncVoid(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Modifiers.Any(SyntaxKind.AsyncKeyword) && method.ReturnType.ToString() == "void",
        LocalFunctionStatementSyntax local => local.Modifiers.Any(SyntaxKind.AsyncKeyword) && local.ReturnType.ToString() == "void",
        _ => false,
    };

    // Without types: Result of a call or of something called a task; Wait as a statement, since a wait that is awaited
    // later is kept in a variable; GetResult of an awaiter.
    static bool Blocks(MemberAccessExpressionSyntax member) => member.Name.Identifier.Text switch
    {
        "Result" => member.Expression is InvocationExpressionSyntax || TaskName().IsMatch(member.Expression.ToString()),
        "Wait" or "WaitAll" or "WaitAny" => member.Parent is InvocationExpressionSyntax { Parent: ExpressionStatementSyntax } || TaskName().IsMatch(member.Expression.ToString()),
        "GetResult" => member.Expression.ToString().EndsWith("GetAwaiter()", StringComparison.Ordinal),
        _ => false,
    };

    static bool HasReason(TextFile file, SyntaxTrivia pragma)
    {
        var line = pragma.GetLocation().GetLineSpan().StartLinePosition.Line;
        var lines = file.Text.Split('\n');
        return lines[line].Contains("//", StringComparison.Ordinal) || line > 0 && lines[line - 1].TrimStart().StartsWith("//", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?:^|[._ ])\w*[tT]ask$")]
    private static partial Regex TaskName();

    [GeneratedRegex(@"\bTODO\b(?!\W{0,3}#\d)")]
    private static partial Regex Todo();

    [GeneratedRegex(@"\bFIXME\b")]
    private static partial Regex Fixme();
}

public sealed class HabitsTests
{
    [Fact]
    public void Nothing_hides_a_failure() => KnownOffenders.Hold("habits", Habits.Check(Tree.Code, Tree.TextOf(Habits.CatchAllPath) ?? ""));

    [Fact]
    public void Loose_ends_name_an_issue() => KnownOffenders.Hold("loose-ends", Habits.CheckText(Tree.Files.Where(file => file.Under("src", "bench"))));

    [Theory]
    [InlineData("try { } catch (Exception) { }", 1)]
    [InlineData("try { } catch (System.Exception e) { Log(e); }", 1)]
    [InlineData("try { } catch { }", 1)]
    [InlineData("try { } catch (Exception e) when (Log(e)) { }", 1)]
    [InlineData("try { } catch (Exception e) when (e is IOException or TimeoutException) { }", 0)]
    [InlineData("try { } catch (Exception e) when (IsLoss(e)) { } } static bool IsLoss(Exception e) => e is IOException; void N() {", 0)]
    [InlineData("try { } catch { file.Dispose(); throw; }", 0)]
    [InlineData("try { } catch (IOException) { }", 0)]
    [InlineData("string s = null!;", 1)]
    [InlineData("Use(row!.Name);", 1)]
    [InlineData("if (!done) return;", 0)]
    [InlineData("async void Later() { }", 1)]
    [InlineData("Use(Send().Result);", 1)]
    [InlineData("Use(sendTask.Result);", 1)]
    [InlineData("Use(spf.Result);", 0)]
    [InlineData("task.Wait();", 1)]
    [InlineData("slots.Wait();", 1)]
    [InlineData("var woken = signal.Wait();", 0)]
    [InlineData("Send().GetAwaiter().GetResult();", 1)]
    [InlineData("throw new NotImplementedException();", 1)]
    [InlineData("#region x\n#endregion", 1)]
    [InlineData("#pragma warning disable CA1000\n;", 1)]
    [InlineData("#pragma warning disable CA1000 // The parser needs it.\n;", 0)]
    [InlineData("// TODO later", 1)]
    [InlineData("// TODO #12: later", 0)]
    [InlineData("/* FIXME */", 1)]
    [InlineData("Use(\"TODO\");", 0)]
    public void Bad_habit_is_seen(string code, int offences) =>
        Assert.Equal(offences, Habits.Check([new("src/Core/A.cs", $"class A {{ void M() {{\n{code}\n}} }}")], "").Count);

    [Theory]
    [InlineData("src/Core/A.cs | Last stop of every job: logs once, then retries.", 0)]
    [InlineData("src/Core/A.cs |", 1)]
    [InlineData("src/Core/A.cs | Last stop of every job.\nsrc/Core/B.cs | Was an edge a while ago.", 1)]
    public void Edge_needs_its_line_and_reason(string list, int offences) => Assert.Equal(offences,
        Habits.Check([new("src/Core/A.cs", "class A { void M() { try { } catch (Exception) { } } }")], list).Count);

    [Fact]
    public void Loose_end_in_a_script_is_seen() => Assert.Equal("src/Web/a.ts:2",
        Assert.Single(Habits.CheckText([new("src/Web/a.ts", "let a;\n// TODO later\n")])).Place);
}
