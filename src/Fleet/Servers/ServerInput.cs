using System.Net;
using PenguinMails.Core;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Fleet.Servers;

/// <summary>What is asked of the names and addresses of every server.</summary>
static class ServerInput
{
    const int NameLengthMax = 100;

    /// <summary>Null when both can be used.</summary>
    public static Problem? Fault(string name, string hostName, out string ascii)
    {
        ascii = "";
        if (name.Trim().Length is 0 or > NameLengthMax || name.Any(char.IsControl)) return Wrong("name", $"Give a name of 1 to {NameLengthMax} characters, for people.");
        if (!DomainName.TryParse(hostName.Trim().TrimEnd('.'), out var domain, out _) || !domain.Ascii.Contains('.'))
            return Wrong("host_name", "Give the name the server introduces itself with, such as mail.example.com. It needs an address record of its own.");
        ascii = domain.Ascii;
        return null;
    }

    /// <summary>A literal as it is written best, or a host name; null for anything else.</summary>
    public static string? Address(string text)
    {
        var plain = text.Trim();
        if (IPAddress.TryParse(plain, out var address) && (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 || plain.Count(letter => letter == '.') == 3)) return address.ToString();
        return DomainName.TryParse(plain.TrimEnd('.'), out var host, out _) ? host.Ascii : null;
    }

    public static Problem Wrong(string field, string detail) => Problem.Invalid("server.invalid", new FieldProblem(field, detail));

    public static Problem Exists(string hostName) => new(ProblemKind.Conflict, "server.exists", $"{hostName} is a server of this workspace already. Give another host name, or destroy that server first.");
}
