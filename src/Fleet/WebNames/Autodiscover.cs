using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Fleet.WebNames;

/// <summary>Settings in the form that Outlook asks for (MS-OXDSCLI): it posts an address and reads what to connect to.</summary>
public static class Autodiscover
{
    const int RequestLengthMax = 16 * 1024;

    static readonly XNamespace Outer = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
    static readonly XNamespace Inner = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

    /// <summary>The address a request is about; null when it is no such request, or longer than 16 KB.</summary>
    public static async Task<EmailAddress?> Address(Stream request, CancellationToken ct)
    {
        var settings = new XmlReaderSettings { Async = true, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = RequestLengthMax };
        using var reader = XmlReader.Create(request, settings);
        try
        {
            while (await reader.ReadAsync())
            {
                ct.ThrowIfCancellationRequested();
                if (reader is { NodeType: XmlNodeType.Element, LocalName: "EMailAddress" }) return EmailAddress.TryParse((await reader.ReadElementContentAsStringAsync()).Trim(), out var address, out _) ? address : null;
            }
        }
        catch (XmlException)
        {
            // Nothing that Outlook would send.
        }

        return null;
    }

    /// <summary>The same for every address of the domain; of another one nothing is said.</summary>
    public static string Of(MailSettings settings, EmailAddress? address, TimeProvider clock)
    {
        if (address is null || address.Domain.Ascii != settings.Domain) return Refusal(clock.GetUtcNow());
        var login = address.ToString();
        return Document(new XElement(Outer + "Autodiscover", new XElement(Inner + "Response", new XElement(Inner + "Account",
            Element("AccountType", "email"), Element("Action", "settings"),
            Protocol("IMAP", settings.Server, MailSettings.ImapPort, login, "SSL"),
            Protocol("SMTP", settings.Server, MailSettings.SmtpPort, login, "TLS")))));
    }

    static XElement Protocol(string type, string host, int port, string login, string encryption)
    {
        var protocol = new XElement(Inner + "Protocol", Element("Type", type), Element("Server", host), Element("Port", port.ToString(CultureInfo.InvariantCulture)), Element("DomainRequired", "off"),
            Element("LoginName", login), Element("SPA", "off"), Element("SSL", "on"), Element("Encryption", encryption), Element("AuthRequired", "on"));
        if (type == "SMTP") protocol.Add(Element("UsePOPAuth", "off"), Element("SMTPLast", "off"));
        return protocol;
    }

    static XElement Element(string name, string text) => new(Inner + name, text);

    static string Refusal(DateTimeOffset now) => Document(new XElement(Outer + "Autodiscover", new XElement(Outer + "Response",
        new XElement(Outer + "Error", new XAttribute("Time", now.ToString("HH:mm:ss.fffffff", CultureInfo.InvariantCulture)), new XAttribute("Id", "1"),
            new XElement(Outer + "ErrorCode", "600"), new XElement(Outer + "Message", "Invalid Request"), new XElement(Outer + "DebugData")))));

    static string Document(XElement root) => new XDeclaration("1.0", "utf-8", null) + "\n" + root + "\n";
}
