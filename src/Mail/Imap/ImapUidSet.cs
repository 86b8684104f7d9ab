using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Imap;

/// <summary>Unique identifiers in ascending order, kept as ranges (RFC 9051 sequence-set): a million neighbours cost nothing.</summary>
public sealed class ImapUidSet
{
    /// <summary>Ranges of one set; further ones are left out when reading.</summary>
    public const int RangesMax = 2_000_000;

    readonly List<(uint First, uint Last)> ranges;

    ImapUidSet(List<(uint First, uint Last)> ranges) => this.ranges = ranges;

    public static ImapUidSet Empty { get; } = new([]);

    public bool IsEmpty => ranges.Count == 0;

    /// <summary>How many identifiers.</summary>
    public long Count => ranges.Sum(range => (long)range.Last - range.First + 1);

    /// <summary>The highest; 0 when empty.</summary>
    public uint Max => ranges.Count == 0 ? 0 : ranges[^1].Last;

    /// <summary>All, lazily: a hostile server can say 1:4294967295.</summary>
    public IEnumerable<uint> Uids => ranges.SelectMany(Range);

    /// <summary>Any order, doubles allowed; 0 is no identifier and left out.</summary>
    public static ImapUidSet Of(params IEnumerable<uint> uids) => Merge([.. uids.Where(uid => uid > 0).Select(uid => (uid, uid))]);

    /// <summary>From this one to the highest there can be.</summary>
    public static ImapUidSet From(uint first) => new([(Math.Max(first, 1), uint.MaxValue)]);

    /// <summary>As a server writes it, such as <c>4:7,9</c>; what is no number is left out, <c>*</c> is the highest there can be.</summary>
    public static ImapUidSet Read(string text)
    {
        var read = new List<(uint, uint)>();
        for (var at = 0; at < text.Length && read.Count < RangesMax;)
        {
            var comma = text.IndexOf(',', at);
            var part = text.AsSpan(at, (comma < 0 ? text.Length : comma) - at);
            at += part.Length + 1;
            var colon = part.IndexOf(':');
            var (one, two) = (Number(colon < 0 ? part : part[..colon]), Number(colon < 0 ? part : part[(colon + 1)..]));
            // RFC 9051 9: 7:4 means 4:7.
            if (one > 0 && two > 0) read.Add((Math.Min(one, two), Math.Max(one, two)));
        }
        return Merge(read);
    }

    internal static ImapUidSet Merge(ImapUidSet one, ImapUidSet other) => Merge([.. one.ranges, .. other.ranges]);

    public bool Contains(uint uid)
    {
        var index = ranges.BinarySearch((uid, uint.MaxValue));
        if (index < 0) index = ~index - 1;
        return index >= 0 && uid >= ranges[index].First && uid <= ranges[index].Last;
    }

    /// <summary>What lies above <paramref name="uid"/>.</summary>
    public ImapUidSet Above(uint uid) => new([.. ranges.Where(range => range.Last > uid).Select(range => (Math.Max(range.First, uid + 1), range.Last))]);

    /// <summary>As a command has it.</summary>
    public override string ToString() => string.Join(',', Texts(int.MaxValue));

    /// <summary>In pieces that fit a command line: RFC 7162 4 asks servers for 8192 octets a line.</summary>
    internal IEnumerable<string> Texts(int lengthMax)
    {
        var text = new StringBuilder();
        foreach (var (first, last) in ranges)
        {
            if (text.Length > lengthMax)
            {
                yield return text.ToString();
                text.Clear();
            }
            if (text.Length > 0) text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{first}");
            if (last == uint.MaxValue && first != last) text.Append(":*");
            else if (last > first) text.Append(CultureInfo.InvariantCulture, $":{last}");
        }
        if (text.Length > 0) yield return text.ToString();
    }

    static IEnumerable<uint> Range((uint First, uint Last) range)
    {
        for (var uid = (ulong)range.First; uid <= range.Last; uid++) yield return (uint)uid;
    }

    static uint Number(ReadOnlySpan<char> text) =>
        text is "*" ? uint.MaxValue : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    static ImapUidSet Merge(List<(uint First, uint Last)> read)
    {
        read.Sort();
        var merged = new List<(uint First, uint Last)>();
        foreach (var (first, last) in read)
        {
            if (merged.Count > 0 && first <= (ulong)merged[^1].Last + 1) merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            else merged.Add((first, last));
        }
        return new ImapUidSet(merged);
    }
}
