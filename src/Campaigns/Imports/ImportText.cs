using System.Text;

namespace PenguinMails.Campaigns.Imports;

/// <summary>How the bytes of an uploaded file become text.</summary>
static class ImportText
{
    static ImportText() => System.Text.Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static Encoding Encoding(string name) => name == "utf-8" ? new UTF8Encoding(false) : System.Text.Encoding.GetEncoding(1252);
}
