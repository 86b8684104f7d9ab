using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PenguinMails.House.Tests;

/// <summary>A text file of the tree; its C# is parsed once, on first use.</summary>
sealed class TextFile
{
    static readonly CSharpParseOptions Options = new(LanguageVersion.Preview, DocumentationMode.Parse);
    readonly Lazy<CompilationUnitSyntax> syntax;
    readonly Lazy<int[]> lineStarts;

    /// <param name="path">From the repository root, with forward slashes.</param>
    /// <param name="text">Whole text.</param>
    public TextFile(string path, string text)
    {
        (Path, Text) = (path, text);
        syntax = new(() => CSharpSyntaxTree.ParseText(Has(".razor") ? CodeBlock(text) : text, Options).GetCompilationUnitRoot());
        lineStarts = new(() => [0, .. text.Select((c, i) => (c, i)).Where(at => at.c == '\n').Select(at => at.i + 1)]);
    }

    public string Path { get; }
    public string Text { get; }

    /// <summary>The C# of a .cs file, or of the code block that ends a .razor file.</summary>
    public CompilationUnitSyntax Syntax => syntax.Value;

    /// <summary>Lines as an editor counts them: a final line end opens no further line.</summary>
    public int LineCount => lineStarts.Value.Length - (Text.EndsWith('\n') || Text.Length == 0 ? 1 : 0);

    public string Name => System.IO.Path.GetFileName(Path);
    public bool Has(params string[] extensions) => extensions.Any(end => Path.EndsWith(end, StringComparison.Ordinal));
    public bool Under(params string[] folders) => folders.Any(folder => Path.StartsWith(folder + "/", StringComparison.Ordinal));

    /// <summary>Folder below src: the module; null elsewhere.</summary>
    public string? Module => Path.Split('/') is ["src", var module, _, ..] ? module : null;

    public string At(int offset)
    {
        var found = Array.BinarySearch(lineStarts.Value, offset);
        return $"{Path}:{(found >= 0 ? found : ~found - 1) + 1}";
    }

    public string At(SyntaxNode node) => At(node.GetLocation());
    public string At(Location location) => $"{Path}:{location.GetLineSpan().StartLinePosition.Line + 1}";

    // Keeps every line where it was, so that places stay right.
    static string CodeBlock(string text)
    {
        var start = text.LastIndexOf("@code", StringComparison.Ordinal);
        if (start < 0) return "";
        return new string('\n', text[..start].Count(c => c == '\n')) + "class Page" + text[(start + "@code".Length)..];
    }
}

/// <summary>The working tree this test was built in.</summary>
static class Tree
{
    static readonly string[] Skipped = [".git", "artifacts", "node_modules", "bin", "obj", ".data", "dist", "TestResults"];
    static readonly string[] TextKinds =
    [
        "", ".cs", ".razor", ".ts", ".js", ".mjs", ".css", ".md", ".sql", ".json", ".xml", ".yml", ".yaml", ".sh", ".props", ".targets",
        ".csproj", ".slnx", ".txt", ".html", ".hbs", ".config", ".editorconfig", ".gitignore", ".npmrc", ".service",
    ];
    const long BytesMax = 4_000_000;

    public static string Root { get; } = FindRoot();
    public static IReadOnlyList<TextFile> Files { get; } = ReadAll();

    /// <summary>C# under src, the code blocks of pages included.</summary>
    public static IReadOnlyList<TextFile> Source { get; } = [.. Files.Where(file => file.Under("src") && file.Has(".cs", ".razor"))];

    /// <summary>All C#: product, tests and benchmarks.</summary>
    public static IReadOnlyList<TextFile> Code { get; } = [.. Files.Where(file => file.Under("src", "tests", "bench") && file.Has(".cs", ".razor"))];

    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    public static string? TextOf(string path) => Files.FirstOrDefault(file => file.Path == path)?.Text;

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "PenguinMails.slnx"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No PenguinMails.slnx above {AppContext.BaseDirectory}.");
    }

    static List<TextFile> ReadAll()
    {
        var found = new List<TextFile>();
        var open = new Stack<DirectoryInfo>([new(Root)]);
        while (open.TryPop(out var folder))
        {
            foreach (var child in folder.EnumerateDirectories())
                if (!Skipped.Contains(child.Name) && child.LinkTarget is null) open.Push(child);
            foreach (var file in folder.EnumerateFiles())
                if (IsText(file)) found.Add(new(Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'), File.ReadAllText(file.FullName)));
        }
        found.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return found;
    }

    static bool IsText(FileInfo file)
    {
        if (file.Name == ".git" || file.Length > BytesMax || file.LinkTarget is not null) return false;
        if (!TextKinds.Contains(file.Extension) && !file.Name.StartsWith('.')) return false;
        using var stream = file.OpenRead();
        Span<byte> head = stackalloc byte[512];
        return !head[..stream.Read(head)].Contains((byte)0);
    }
}
