using System.Net;

namespace PenguinMails.Fleet.Stacks;

/// <summary>Everything one mail server is to be: all its domains, mailboxes and aliases at once.</summary>
/// <param name="HostName">Its own name, in A-labels and lower case, as MX records and certificates have it.</param>
/// <param name="Addresses">1 to 64, each with a name of its own; mail leaves from the first unless a mailbox names another.</param>
/// <param name="Domains">At most 500.</param>
/// <param name="Mailboxes">At most 5,000, in the domains above.</param>
/// <param name="Aliases">At most 5,000, in the domains above.</param>
public sealed record StackPlan(
    string HostName, IReadOnlyList<StackAddress> Addresses, IReadOnlyList<StackDomain> Domains,
    IReadOnlyList<StackMailbox> Mailboxes, IReadOnlyList<StackAlias> Aliases, StackCertificate Certificate);

/// <summary>An address mail leaves from.</summary>
/// <param name="EhloName">What the server calls itself there; its A and the address's PTR record name each other.</param>
public sealed record StackAddress(IPAddress Ip, string EhloName);

/// <summary>A domain whose mail the server takes and signs.</summary>
/// <param name="Keys">The keys to sign with now, each of them; none leaves signing to the platform. A key that only stands in DNS is not listed.</param>
public sealed record StackDomain(string Name, IReadOnlyList<StackDkimKey> Keys);

/// <summary>A DKIM key: RSA of 1024 bits or more, as PEM.</summary>
public sealed record StackDkimKey(string Selector, string PrivateKeyPem)
{
    public override string ToString() => Selector;
}

/// <summary>A mailbox with its log-in, which is its address.</summary>
/// <param name="Address">Lower case; the local part of letters, digits, dot, dash and underscore.</param>
/// <param name="Passwords">1 to 8: the current one, and others still accepted (the old one while it is rotated, app passwords).</param>
/// <param name="QuotaBytes">0 for no limit.</param>
/// <param name="HourlyLimit">Recipients an hour through its log-in, from 1; what is above is put off (451), never lost.</param>
/// <param name="SendFrom">One of the plan's addresses; null for the first.</param>
public sealed record StackMailbox(string Address, IReadOnlyList<string> Passwords, long QuotaBytes, int HourlyLimit, IPAddress? SendFrom)
{
    /// <summary>Of one mailbox at once.</summary>
    public const int PasswordsMax = 8;

    public override string ToString() => Address;
}

/// <summary>Mail to an address goes on to others.</summary>
/// <param name="Targets">1 to 100 addresses, anywhere.</param>
public sealed record StackAlias(string Address, IReadOnlyList<string> Targets);

/// <summary>How the server proves its name to those who connect.</summary>
public abstract record StackCertificate
{
    /// <summary>From an ACME authority by HTTP-01 on port 80 (RFC 8555 8.3); renewed on the machine itself.</summary>
    public sealed record Acme(Uri Directory, string Contact) : StackCertificate;

    /// <summary>One that somebody else keeps up to date.</summary>
    public sealed record Given(string ChainPem, string KeyPem) : StackCertificate
    {
        public override string ToString() => nameof(Given);
    }

    /// <summary>Until the name resolves: made on the machine, proves nothing.</summary>
    public sealed record SelfSigned : StackCertificate;
}
