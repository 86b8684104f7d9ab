using System.Xml.Linq;

namespace PenguinMails.Fleet.WebNames;

/// <summary>Settings in the form that Thunderbird reads, and others after it (config-v1.1.xml).</summary>
public static class Autoconfig
{
    public static string Of(MailSettings settings) => new XDeclaration("1.0", "UTF-8", null) + "\n" + new XElement("clientConfig", new XAttribute("version", "1.1"),
        new XElement("emailProvider", new XAttribute("id", settings.Domain),
            new XElement("domain", settings.Domain),
            new XElement("displayName", settings.Domain),
            new XElement("displayShortName", settings.Domain),
            Server("incomingServer", "imap", settings.Server, MailSettings.ImapPort, "SSL"),
            Server("outgoingServer", "smtp", settings.Server, MailSettings.SmtpPort, "STARTTLS"))) + "\n";

    // password-cleartext means as it is: the connection is encrypted.
    static XElement Server(string element, string type, string host, int port, string security) => new(element, new XAttribute("type", type),
        new XElement("hostname", host), new XElement("port", port), new XElement("socketType", security), new XElement("authentication", "password-cleartext"), new XElement("username", "%EMAILADDRESS%"));
}
