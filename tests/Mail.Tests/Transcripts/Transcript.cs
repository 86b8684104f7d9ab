using System.Text;

namespace PenguinMails.Mail.Tests.Transcripts;

/// <summary>In what portions one side's octets are handed over.</summary>
public enum Portions
{
    /// <summary>All that is said before the other side speaks, at once.</summary>
    Whole,
    Lines,
    Octets,
}

/// <summary>A dialogue as it was on the wire: lines of client and server in their order, without line ends.</summary>
sealed record Transcript(IReadOnlyList<(bool IsClient, string Line)> Lines)
{
    /// <param name="name">A file of <c>Samples/Transcripts</c> without its ending: each line begins with <c>C: </c> or <c>S: </c>.</param>
    public static Transcript Load(string name) =>
        new([.. File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samples/Transcripts", name + ".txt")).Split('\n').Where(line => line.Length > 0).Select(line => (line[0] == 'C', line.Length > 3 ? line[3..] : ""))]);

    public IEnumerable<string> Of(bool isClient) => Lines.Where(line => line.IsClient == isClient).Select(line => line.Line);

    /// <summary>The octets of some lines, cut as asked for.</summary>
    public static IEnumerable<byte[]> Cut(IEnumerable<string> lines, Portions portions)
    {
        var all = lines.Select(line => Encoding.UTF8.GetBytes(line + "\r\n")).ToList();
        return portions switch
        {
            Portions.Whole => all.Count == 0 ? [] : [all.SelectMany(line => line).ToArray()],
            Portions.Lines => all,
            _ => all.SelectMany(line => line).Select(octet => new[] { octet }),
        };
    }

    public string ToText() => string.Concat(Lines.Select(line => $"{(line.IsClient ? 'C' : 'S')}: {line.Line}\n"));
}
