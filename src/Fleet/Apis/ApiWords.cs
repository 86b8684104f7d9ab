namespace PenguinMails.Fleet.Apis;

/// <summary>How refusals of one sort of API are named: the codes are public.</summary>
/// <param name="Prefix">First part of every code: <c>dns</c> or <c>server</c>.</param>
/// <param name="MissingCode">Code for what the API does not know (404).</param>
/// <param name="Missing">What it does not know, after "knows".</param>
/// <param name="Right">The right a credential lacks that may not do this (403).</param>
sealed record ApiWords(string Prefix, string MissingCode, string Missing, string Right)
{
    public static readonly ApiWords Dns = new("dns", "dns.zone_missing", "no such zone, or this credential may not see it", "to read and change the records of this zone");

    public static readonly ApiWords Servers = new("server", "server.host_missing", "no such server, or this credential may not see it", "to read, create and destroy servers");

    public static readonly ApiWords Stacks = new("stack", "stack.host_missing", "no such thing, or has no API at this address", "to manage domains, accounts, DKIM keys and limits");
}
