using System.Net;

namespace PenguinMails.Fleet.Domains;

/// <summary>A domain's mail goes straight to the recipients' servers.</summary>
/// <param name="Source">Address of this machine that it leaves from; null leaves it to the system.</param>
/// <param name="EhloName">Name given in EHLO; empty takes the one of this installation.</param>
public sealed record DirectRoute(IPAddress? Source, string EhloName)
{
    /// <summary>In the keys of limits, guards and warm-ups, while the system chooses the address.</summary>
    public const string AnyAddress = "direct";

    /// <summary>The address, in the keys of limits, guards and warm-ups.</summary>
    public string Key => Source?.ToString() ?? AnyAddress;

    /// <summary>Null for a domain whose mail goes through its mailboxes' own servers.</summary>
    internal static DirectRoute? Of(string transport, string source, string ehloName) =>
        transport == "direct" ? new(source.Length > 0 ? IPAddress.Parse(source) : null, ehloName) : null;
}
