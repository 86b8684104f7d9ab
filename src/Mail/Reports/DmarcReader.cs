using System.Globalization;
using System.Net;
using System.Text;
using System.Xml;

namespace PenguinMails.Mail.Reports;

/// <summary>Reads aggregate reports as a stream: elements by local name in any order, unknown ones left out, no DTD, no entities, nothing fetched.</summary>
public sealed partial class DmarcReader
{
    const int RecordsMax = 500_000;
    const int ReportsMax = 100;
    const int DepthMax = 32;
    const int TextLengthMax = 4096;
    const int ErrorsMax = 100;

    readonly List<string> _path = [];
    readonly List<string> _errors = [];
    readonly List<DmarcRow> _records = [];
    readonly Dictionary<string, string> _whole = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _row = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _item = new(StringComparer.Ordinal);
    readonly List<DmarcReason> _reasons = [];
    readonly List<DmarcDkim> _dkim = [];
    readonly List<DmarcSpf> _spf = [];
    bool _isReport;

    DmarcReader()
    {
    }

    /// <summary>Finds and reads the first aggregate report in a message, XML, gzip or zip; null when there is none.</summary>
    /// <remarks>At most 64 MB of XML and 1000 times the packed size (above 1 MB); beyond that the rows so far are given with an error.</remarks>
    public static DmarcReport? Read(ReadOnlyMemory<byte> input)
    {
        var read = All(input, 1);
        return read.Find(IsTelling) ?? read.FirstOrDefault();
    }

    /// <summary>Every aggregate report in a message, zip or other input, in its order: at most 100, with at most 64 MB of XML and 500,000 records together.</summary>
    public static IReadOnlyList<DmarcReport> ReadAll(ReadOnlyMemory<byte> input) => All(input, ReportsMax);

    static List<DmarcReport> All(ReadOnlyMemory<byte> input, int tellingMax)
    {
        var (found, left, records, telling) = (new List<DmarcReport>(), ReportPayload.UnpackedOctetsMax, 0, 0);
        foreach (var open in ReportPayload.Find(input, PayloadKind.Xml))
        {
            if (telling >= tellingMax || found.Count >= ReportsMax || records >= RecordsMax || left <= 0) break;
            if (Mended(open, ref left) is not { } read) continue;
            found.Add(read);
            records += read.Records.Count;
            if (IsTelling(read)) telling++;
        }
        return found;
    }

    static DmarcReport? Mended(Func<Stream> open, ref long left)
    {
        var (before, again) = (left, left);
        var read = One(open, null, ref left);
        // A declared charset the octets do not keep to: read them as what can never fail.
        if (read is { Records.Count: 0, Errors.Count: > 0 } && One(open, stream => new StreamReader(stream, Encoding.Latin1, false), ref before) is { Records.Count: > 0 } latin) read = latin;
        // Addresses in bare angle brackets, bare ampersands, a root that is hard to reach: the structure is still there.
        if (read is null or { Records.Count: 0, Errors.Count: > 0 } && One(open, stream => new MendedXml(new StreamReader(stream, Encoding.UTF8, true)), ref again) is { Records.Count: > 0 } mended) read = mended;
        return read;
    }

    static bool IsTelling(DmarcReport report) => report is { Records.Count: > 0 } or { Domain: not null };

    static DmarcReport? One(Func<Stream> open, Func<Stream, TextReader>? decode, ref long octetsLeft)
    {
        var reader = new DmarcReader();
        BoundedStream? counted = null;
        try
        {
            using var stream = new BoundedStream(open(), octetsLeft);
            counted = stream;
            using var text = decode?.Invoke(stream);
            var settings = new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Ignore,
                XmlResolver = null,
                CheckCharacters = false,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
                MaxCharactersInDocument = ReportPayload.UnpackedOctetsMax,
                ConformanceLevel = ConformanceLevel.Document,
            };
            using var xml = text is null ? XmlReader.Create(new LeadingStream(stream), settings) : XmlReader.Create(text, settings);
            reader.Elements(xml);
        }
        catch (Exception unreadable) when (unreadable is XmlException or InvalidDataException or IOException or DecoderFallbackException or ArgumentException or NotSupportedException)
        {
            reader.Fault(unreadable is XmlException at ? $"line {at.LineNumber.ToString(CultureInfo.InvariantCulture)}: not well-formed XML" : "unpacking stopped: damaged, or larger than allowed");
        }

        octetsLeft = counted?.Left ?? octetsLeft;
        return reader._isReport ? reader.Made() : null;
    }

    void Elements(XmlReader xml)
    {
        var text = new StringBuilder();
        while (xml.Read())
        {
            switch (xml.NodeType)
            {
                case XmlNodeType.Element:
                    text.Clear();
                    Begin(xml.LocalName.ToLowerInvariant());
                    if (xml.IsEmptyElement) End("");
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                    if (text.Length < TextLengthMax) text.Append(xml.Value.AsSpan(0, Math.Min(xml.Value.Length, TextLengthMax)));
                    break;
                case XmlNodeType.EndElement:
                    End(text.ToString().Trim());
                    text.Clear();
                    // What follows the end of the report is not looked at.
                    if (_path.Count == 0 && _isReport) return;
                    break;
            }
        }
    }

    void Begin(string name)
    {
        if (_path.Count >= DepthMax) throw new XmlException("Nested too deep.");
        _path.Add(name);
        if (name is "feedback" or "report_metadata" or "policy_published") _isReport = true;
        if (name == "record") Clear();
        else if (name is "reason" || (name is "dkim" or "spf" && Parent(1) == "auth_results")) _item.Clear();
    }

    void End(string text)
    {
        if (_path.Count == 0) return;
        var (name, parent) = (_path[^1], Parent(1));
        if (name == "record") Row();
        else if (name == "reason") _reasons.Add(new DmarcReason(Word(_item, "type"), Item("comment")));
        else if (parent == "auth_results" && name is "dkim" or "spf" && _item.Count == 0) { }
        else if (parent == "auth_results" && name == "dkim") _dkim.Add(new DmarcDkim(Item("domain"), Item("selector"), Word(_item, "result"), Item("human_result")));
        else if (parent == "auth_results" && name == "spf") _spf.Add(new DmarcSpf(Item("domain"), Word(_item, "scope"), Word(_item, "result"), Item("human_result")));
        else if (text.Length > 0) Leaf(name, parent, text);
        _path.RemoveAt(_path.Count - 1);
    }

    void Leaf(string name, string parent, string text)
    {
        if (name == "error" && parent != "record") Fault(text);
        else if (parent == "reason" || (parent is "dkim" or "spf" && Parent(2) == "auth_results")) _item.TryAdd(name, text);
        else if (_path.Contains("record")) _row.TryAdd(name, text);
        else _whole.TryAdd(name, text);
    }

    void Row()
    {
        if (_records.Count >= RecordsMax) throw new InvalidDataException("Too many records.");
        var ip = Value(_row, "source_ip");
        _records.Add(new DmarcRow(
            IPAddress.TryParse(ip, out var address) ? address.ToString() : ip, Number(_row, "count") ?? 0, Word(_row, "disposition"), Word(_row, "dkim"), Word(_row, "spf"), [.. _reasons],
            Value(_row, "envelope_to"), Value(_row, "envelope_from"), Value(_row, "header_from"), new DmarcAuth([.. _dkim], [.. _spf])));
        Clear();
    }

    void Clear()
    {
        _row.Clear();
        _reasons.Clear();
        _dkim.Clear();
        _spf.Clear();
    }

    void Fault(string text)
    {
        if (_errors.Count < ErrorsMax) _errors.Add(text);
    }

    string Parent(int up) => _path.Count > up ? _path[^(up + 1)] : "";

    string? Item(string name) => Value(_item, name);
}
