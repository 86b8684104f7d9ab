using System.Xml;

namespace PenguinMails.Fleet.Dns;

/// <summary>Whether a file is a logo that receivers take: SVG Tiny Portable/Secure, which is SVG Tiny 1.2 without scripts, movement, pictures and anything from elsewhere. Pure.</summary>
/// <remarks>Checks what receivers refuse for; it does not judge every attribute of the profile, nor what the picture looks like.</remarks>
static class JudgeBimiLogo
{
    public const int OctetsMax = 32 * 1024;

    const string Svg = "http://www.w3.org/2000/svg";
    const int DepthMax = 100;
    const int TitleLengthMax = 64;

    static readonly Dictionary<string, string> Forbidden = new(StringComparer.OrdinalIgnoreCase)
    {
        ["script"] = "scripts", ["handler"] = "scripts", ["listener"] = "scripts", ["foreignObject"] = "foreign content", ["style"] = "style sheets",
        ["image"] = "pixel pictures", ["video"] = "films", ["audio"] = "sound", ["animation"] = "movement", ["animate"] = "movement", ["animateColor"] = "movement",
        ["animateMotion"] = "movement", ["animateTransform"] = "movement", ["set"] = "movement", ["discard"] = "movement", ["a"] = "links", ["filter"] = "filters",
    };

    /// <summary>The first thing that is wrong, as a sentence; null when nothing is.</summary>
    public static string? Wrong(byte[] file)
    {
        if (file.Length > OctetsMax) return "The file is larger than 32 KB: simplify its paths.";
        if (file is [0x1f, 0x8b, ..]) return "The file is compressed (svgz): give the plain SVG.";
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = OctetsMax };
        try
        {
            using var memory = new MemoryStream(file);
            using var reader = XmlReader.Create(memory, settings);
            return Read(reader);
        }
        catch (XmlException broken)
        {
            return broken.Message.Contains("DTD", StringComparison.Ordinal) ? "The file has a document type (DOCTYPE): take that line out." : $"The file is not well-formed XML (line {broken.LineNumber}).";
        }
    }

    static string? Read(XmlReader reader)
    {
        var (title, isInTitle) = ("", false);
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.ProcessingInstruction) return "The file has a processing instruction, which may draw in a style sheet: take it out.";
            if (isInTitle && reader is { Depth: 2, NodeType: XmlNodeType.Text or XmlNodeType.CDATA }) title += reader.Value;
            if (reader.NodeType != XmlNodeType.Element) continue;
            if (reader.Depth <= 1) isInTitle = title.Trim().Length == 0 && reader is { Depth: 1, LocalName: "title", NamespaceURI: Svg };
            if (Element(reader) is { } wrong) return wrong;
        }

        if (title.Trim().Length == 0) return "A title is missing: put <title>Your company</title> directly below svg.";
        return title.Trim().Length > TitleLengthMax ? $"The title is longer than {TitleLengthMax} characters." : null;
    }

    static string? Element(XmlReader reader)
    {
        if (reader.Depth == 0 && Root(reader) is { } wrong) return wrong;
        if (reader.Depth > DepthMax) return $"Elements are nested deeper than {DepthMax}.";
        return Forbidden.TryGetValue(reader.LocalName, out var what) ? $"The element {reader.LocalName} is not allowed: a logo has no {what}." : Attributes(reader);
    }

    static string? Root(XmlReader reader)
    {
        if (reader.LocalName != "svg" || reader.NamespaceURI != Svg) return $"The outermost element must be svg of the namespace {Svg}.";
        if (reader.GetAttribute("version") != "1.2") return "The svg element must have version=\"1.2\".";
        if (reader.GetAttribute("baseProfile") != "tiny-ps") return "The svg element must have baseProfile=\"tiny-ps\": export the logo as SVG Tiny PS.";
        return reader.GetAttribute("x") is null && reader.GetAttribute("y") is null ? null : "The svg element must have no x or y.";
    }

    static string? Attributes(XmlReader reader)
    {
        var element = reader.LocalName;
        while (reader.MoveToNextAttribute())
        {
            var value = reader.Value.Trim();
            if (reader.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase) && reader.Prefix.Length == 0) return $"The attribute {reader.LocalName} of {element} would run a script.";
            if (reader.LocalName is "href" or "src" && !value.StartsWith('#')) return $"The attribute {reader.Name} of {element} refers to something outside the file.";
            if (reader.LocalName == "base" && reader.Prefix == "xml") return $"The attribute xml:base of {element} refers to something outside the file.";
            if (HasOutsideUrl(value)) return $"The attribute {reader.Name} of {element} draws in something from outside the file.";
        }

        reader.MoveToElement();
        return null;
    }

    static bool HasOutsideUrl(string value)
    {
        for (var at = value.IndexOf("url(", StringComparison.OrdinalIgnoreCase); at >= 0; at = value.IndexOf("url(", at + 4, StringComparison.OrdinalIgnoreCase))
        {
            if (!value[(at + 4)..].TrimStart(' ', '\'', '"').StartsWith('#')) return true;
        }

        return false;
    }
}
