using System.Text;

namespace PenguinMails.Campaigns.Imports;

/// <summary>How the bytes of an uploaded file become text.</summary>
static class ImportText
{
    static ImportText() => System.Text.Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static Encoding Encoding(string name) => name == "utf-8" ? new UTF8Encoding(false) : System.Text.Encoding.GetEncoding(1252);

    /// <summary>Comma, semicolon or tab: the one that stands most often in the first line.</summary>
    public static char Delimiter(string head)
    {
        var end = head.AsSpan().IndexOfAny('\r', '\n');
        var line = end < 0 ? head : head[..end];
        return new[] { ',', ';', '\t' }.MaxBy(c => line.Count(x => x == c));
    }
}
