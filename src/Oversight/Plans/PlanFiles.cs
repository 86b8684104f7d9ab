using System.Text;
using PenguinMails.Core;

namespace PenguinMails.Oversight.Plans;

/// <summary>The files of a plan: one file, or a folder with everything below it.</summary>
public static class PlanFiles
{
    /// <summary>Octets of one file; a larger one is refused by name before it is read.</summary>
    public const long OctetsMax = 2 * 1024 * 1024;

    /// <summary>Octets of all files together.</summary>
    public const long OctetsTotalMax = 32 * 1024 * 1024;

    /// <summary>Files of one plan.</summary>
    public const int FilesMax = 5_000;

    static readonly string[] Endings = [".yaml", ".yml", ".json"];
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>Name and text of each file, by name; links and hidden files are left out.</returns>
    public static IReadOnlyList<(string Name, string Text)> Read(string path, List<PlanFault> faults)
    {
        if (File.Exists(path)) return [.. Load(path, path, faults, 0)];
        if (!Directory.Exists(path))
        {
            faults.Add(new PlanFault(new Place(path, 1, 1), "plan.not_found", "There is no such file or folder."));
            return [];
        }

        var found = new DirectoryInfo(path).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint, MaxRecursionDepth = 16 })
            .Where(file => Endings.Contains(file.Extension.ToLowerInvariant())).Take(FilesMax + 1).ToList();
        if (found.Count == 0) faults.Add(new PlanFault(new Place(path, 1, 1), "plan.empty", $"No plan in here: no file ends in {string.Join(", ", Endings)}."));
        if (found.Count > FilesMax) faults.Add(new PlanFault(new Place(path, 1, 1), "plan.too_large", $"More than {FilesMax} files."));
        if (found.Count > FilesMax) return [];
        long octets = 0;
        var texts = new List<(string, string)>();
        foreach (var file in found.OrderBy(one => Path.GetRelativePath(path, one.FullName), StringComparer.Ordinal))
        {
            texts.AddRange(Load(file.FullName, Path.GetRelativePath(path, file.FullName).Replace('\\', '/'), faults, octets));
            octets += file.Length;
        }

        return texts;
    }

    static IEnumerable<(string Name, string Text)> Load(string path, string name, List<PlanFault> faults, long before)
    {
        var at = new Place(name, 1, 1);
        if (RegularFile.IsPipeOrDevice(path))
        {
            faults.Add(new PlanFault(at, "plan.unreadable", "This is a pipe or a device, and a plan is read from files. Write what comes out of it to a file first."));
            yield break;
        }

        // What is no file of its own, such as a link to nothing, has no length.
        var length = new FileInfo(path) is { Exists: true } file ? file.Length : 0;
        if (length > OctetsMax || before + length > OctetsTotalMax)
        {
            faults.Add(new PlanFault(at, "plan.file_too_large", $"{length:N0} octets; at most {OctetsMax:N0} in a file and {OctetsTotalMax:N0} in all are read. Split it, or leave out what is no plan."));
            yield break;
        }

        string? text = null;
        try
        {
            text = Strict.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            faults.Add(new PlanFault(at, "plan.not_utf8", "This file is not UTF-8. Save it as UTF-8."));
        }

        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            faults.Add(new PlanFault(at, "plan.unreadable", $"This file cannot be read: {unread.Message}"));
        }

        if (text is not null) yield return (name, text);
    }
}
