using System.Formats.Tar;
using System.Text;

namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>What <c>place.sh</c> takes in: files by number, and three lists. And the way back, for showing differences.</summary>
static class NodeTar
{
    const int FileBytesMax = 1024 * 1024;

    public static byte[] Of(IReadOnlyList<NodeFile> files, IEnumerable<string> ours, IEnumerable<string> units)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Ustar))
        {
            for (var number = 0; number < files.Count; number++) Add(tar, $"{number}", files[number].Bytes);
            Add(tar, "list", Encoding.UTF8.GetBytes(string.Concat(files.Select((file, number) => $"{number} {file.Mode} {file.Owner} {file.Group} {file.Path}\n"))));
            Add(tar, "ours", Encoding.UTF8.GetBytes(string.Concat(ours.Select(path => path + "\n"))));
            Add(tar, "units", Encoding.UTF8.GetBytes(string.Concat(units.Select(unit => unit + "\n"))));
        }

        return stream.ToArray();
    }

    /// <summary>Regular files of at most 1 MiB in a tar, by path without the leading slash. A cut tar gives what is whole.</summary>
    public static IReadOnlyDictionary<string, string> Texts(byte[] tar)
    {
        var texts = new Dictionary<string, string>();
        using var reader = new TarReader(new MemoryStream(tar));
        try
        {
            while (reader.GetNextEntry() is { } entry)
            {
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.Length > FileBytesMax || entry.DataStream is not { } content) continue;
                using var text = new StreamReader(content);
                texts[entry.Name] = text.ReadToEnd();
            }
        }
        catch (Exception cut) when (cut is IOException or InvalidDataException)
        {
            // The rest is shown as changed, without a diff.
        }

        return texts;
    }

    static void Add(TarWriter tar, string name, byte[] content) =>
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content), Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
}
