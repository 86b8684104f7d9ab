using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Lint;

/// <summary>Whether a link of a plan leads somewhere. Nothing is fetched; a file beside the plan is looked for where the plan was read from a folder, and never outside of it.</summary>
static class LinkTargets
{
    // What people link to beside a plan; "example.org" is a forgotten scheme, and no file.
    static readonly string[] Extensions = [".md", ".txt", ".pdf", ".csv", ".html", ".yaml", ".yml", ".json", ".png", ".svg", ".jpg", ".docx", ".xlsx", ".pptx", ".odt", ".ods"];

    /// <param name="folder">Where the plan was read from; null when it came as text, and no file beside it can be known.</param>
    /// <returns>Why it leads nowhere, as the end of a sentence; null when it leads somewhere, or when nobody can know.</returns>
    public static string? Dead(PlanObject link, string? folder)
    {
        var target = link.Text("target") ?? "";
        if (target.StartsWith('/')) return "is a path on a site that is not named, so it cannot be followed";
        if (IsFile(target)) return folder is null ? null : Missing(link, target, folder);
        if (!target.Contains("://", StringComparison.Ordinal)) return target.Contains('@', StringComparison.Ordinal) && target.StartsWith("mailto:", StringComparison.Ordinal) ? null : "is no address";
        // "htps://" is a slip; other schemes are somebody's own.
        var scheme = target[..target.IndexOf("://", StringComparison.Ordinal)];
        if (scheme is not ("http" or "https" or "ftp") && Nearest.Find(scheme, ["https", "http"]) is { } meant) return $"begins with {scheme}, where {meant} was meant";
        return Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && !target.Contains(' ', StringComparison.Ordinal) ? null : "is no valid address";
    }

    static bool IsFile(string target) =>
        !target.Contains(':', StringComparison.Ordinal) && (target.StartsWith('.') || Extensions.Contains(Path.GetExtension(Bare(target)).ToLowerInvariant()));

    // Without the heading or the question behind it.
    static string Bare(string target) => target.Split('#', '?')[0];

    static string? Missing(PlanObject link, string target, string folder)
    {
        var root = Path.GetFullPath(folder);
        var beside = Path.GetDirectoryName(Path.Combine(root, link.At.File)) ?? root;
        var file = Path.GetFullPath(Path.Combine(beside, Uri.UnescapeDataString(Bare(target))));
        if (file != root && !file.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal)) return "leads out of the folder of the plan, where nobody who has the plan may have it";
        if (LeadsAway(root, file)) return "passes a link of the file system, which is not followed";
        return Path.Exists(file) ? null : "is a path to a file that is not there";
    }

    static bool LeadsAway(string root, string file)
    {
        for (var at = file; at is not null && at.Length > root.Length; at = Path.GetDirectoryName(at))
            if (new FileInfo(at).LinkTarget is not null) return true;
        return false;
    }
}
