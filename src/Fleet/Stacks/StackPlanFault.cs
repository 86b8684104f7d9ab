using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PenguinMails.Core;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Fleet.Stacks;

/// <summary>Finds what a stack must not be given. What passes holds no character with a meaning in any configuration file.</summary>
static class StackPlanFault
{
    const int AddressesMax = 64, DomainsMax = 500, MailboxesMax = 5000, TargetsMax = 100, PasswordLengthMax = 256, RsaBitsMin = 1024;

    /// <returns>Null when the plan is sound; the problem <c>stack.plan_invalid</c> names the first fault.</returns>
    public static Problem? Of(StackPlan plan) =>
        (Sizes(plan) ?? Hosts(plan) ?? Domains(plan) ?? Mailboxes(plan) ?? Aliases(plan) ?? Certificate(plan.Certificate)) is { } fault
            ? new Problem(ProblemKind.Invalid, "stack.plan_invalid", $"The mail server cannot be set up as described: {fault}.")
            : null;

    static string? Sizes(StackPlan plan) =>
        plan.Addresses.Count is 0 or > AddressesMax ? $"it needs 1 to {AddressesMax} addresses"
        : plan.Domains.Count > DomainsMax ? $"more than {DomainsMax} domains"
        : plan.Mailboxes.Count > MailboxesMax || plan.Aliases.Count > MailboxesMax ? $"more than {MailboxesMax} mailboxes or aliases"
        : null;

    static string? Hosts(StackPlan plan) =>
        new[] { plan.HostName }.Concat(plan.Addresses.Select(address => address.EhloName)).FirstOrDefault(name => !IsDomain(name)) is { } bad ? $"\"{Shown(bad)}\" is no host name in lower case"
        : Twice(plan.Addresses.Select(address => $"{address.Ip}")) is { } twice ? $"the address {twice} is named twice"
        : plan.Addresses.Any(address => address.Ip.ToString().Contains('%')) ? "an address has a zone of one machine"
        : null;

    static string? Domains(StackPlan plan) =>
        plan.Domains.FirstOrDefault(domain => !IsDomain(domain.Name)) is { } bad ? $"\"{Shown(bad.Name)}\" is no domain in lower case"
        : Twice(plan.Domains.Select(domain => domain.Name)) is { } twice ? $"the domain {twice} is named twice"
        : plan.Domains.Select(domain => Keys(domain)).FirstOrDefault(fault => fault is not null);

    static string? Keys(StackDomain domain) =>
        domain.Keys.FirstOrDefault(key => !IsSelector(key.Selector)) is { } bad ? $"\"{Shown(bad.Selector)}\" is no DKIM selector in lower case"
        : Twice(domain.Keys.Select(key => key.Selector)) is { } twice ? $"the selector {twice} of {domain.Name} is named twice"
        : domain.Keys.FirstOrDefault(key => CanonicalKey(key.PrivateKeyPem) is null) is { } key ? $"the DKIM key {key.Selector} of {domain.Name} is no RSA private key of {RsaBitsMin} bits or more"
        : null;

    static string? Mailboxes(StackPlan plan)
    {
        var domains = plan.Domains.Select(domain => domain.Name).ToHashSet();
        return plan.Mailboxes.Select(mailbox => Mailbox(mailbox, plan, domains)).FirstOrDefault(fault => fault is not null)
            ?? (Twice(plan.Mailboxes.Select(mailbox => mailbox.Address).Concat(plan.Aliases.Select(alias => alias.Address))) is { } twice ? $"the address {Shown(twice)} is named twice" : null);
    }

    static string? Mailbox(StackMailbox mailbox, StackPlan plan, HashSet<string> domains) =>
        !IsOwnAddress(mailbox.Address, domains) ? OwnAddress(mailbox.Address)
        : mailbox.Passwords.Count is 0 or > StackMailbox.PasswordsMax ? $"{mailbox.Address} needs 1 to {StackMailbox.PasswordsMax} passwords"
        : mailbox.Passwords.Any(password => password.Length is 0 or > PasswordLengthMax || password.Any(char.IsControl)) ? $"a password of {mailbox.Address} is empty, too long or holds control characters"
        : mailbox.QuotaBytes < 0 ? $"the quota of {mailbox.Address} is below 0"
        : mailbox.HourlyLimit < 1 ? $"the hourly limit of {mailbox.Address} is below 1"
        : mailbox.SendFrom is { } from && !plan.Addresses.Any(address => address.Ip.Equals(from)) ? $"{mailbox.Address} sends from {from}, which is no address of the server"
        : null;

    static string? Aliases(StackPlan plan)
    {
        var domains = plan.Domains.Select(domain => domain.Name).ToHashSet();
        return plan.Aliases.FirstOrDefault(alias => !IsOwnAddress(alias.Address, domains)) is { } bad ? OwnAddress(bad.Address)
            : plan.Aliases.FirstOrDefault(alias => alias.Targets.Count is 0 or > TargetsMax || !alias.Targets.All(IsTarget)) is { } target ? $"the alias {target.Address} needs 1 to {TargetsMax} plain addresses to go to"
            : null;
    }

    static string? Certificate(StackCertificate certificate) => certificate switch
    {
        StackCertificate.Acme acme => acme.Directory.Scheme != Uri.UriSchemeHttps || acme.Directory.UserInfo.Length > 0 ? "the ACME directory is no https address"
            : !IsTarget(acme.Contact) ? "the contact for ACME is no plain address" : null,
        StackCertificate.Given given => IsPair(given) ? null : "the certificate given is no PEM chain that begins with the certificate of its private key",
        _ => null,
    };

    static string OwnAddress(string address) => $"\"{Shown(address)}\" is no address of its domains: a to z, 0 to 9, dot, dash and underscore before the @, in lower case";

    static bool IsDomain(string name) => DomainName.TryParse(name, out var domain, out _) && domain.Ascii == name;

    static bool IsOwnAddress(string address, HashSet<string> domains)
    {
        var at = address.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && domains.Contains(address[(at + 1)..]) && IsOwnLocal(address[..at]);
    }

    /// <summary>What may stand before the @ of a mailbox or an alias.</summary>
    public static bool IsOwnLocal(string local) => local.Length is > 0 and <= 64 && IsLocal(local, "._-");

    /// <summary>Where an alias may lead: a plain address, in the form it was read.</summary>
    public static bool IsTarget(string address) =>
        EmailAddress.TryParse(address, out var parsed, out _) && parsed.Text == address && IsLocal(address[..address.IndexOf('@', StringComparison.Ordinal)].ToLowerInvariant(), "._-+=");

    static bool IsLocal(string local, string also) =>
        char.IsAsciiLetterLower(local[0]) | char.IsAsciiDigit(local[0]) && local[^1] != '.' && !local.Contains("..", StringComparison.Ordinal)
        && local.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || also.Contains(letter));

    static bool IsSelector(string selector) => selector.Length is > 0 and <= 63 && IsLocal(selector, ".-") && selector[^1] != '-';

    static string? Twice(IEnumerable<string> names) => names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key;

    static string Shown(string text) => string.Concat(text.Where(letter => !char.IsControl(letter)).Take(80));

    /// <summary>The key as PKCS#8 PEM of our own writing, so that nothing else that stood in the text is passed on; null when it is no such key.</summary>
    public static string? CanonicalKey(string pem)
    {
        using var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.KeySize >= RsaBitsMin ? key.ExportPkcs8PrivateKeyPem() + "\n" : null;
        }
        catch (Exception foreign) when (foreign is ArgumentException or CryptographicException)
        {
            return null;
        }
    }

    static bool IsPair(StackCertificate.Given given)
    {
        try
        {
            using var pair = X509Certificate2.CreateFromPem(given.ChainPem, given.KeyPem);
            return pair.HasPrivateKey;
        }
        catch (Exception foreign) when (foreign is ArgumentException or CryptographicException)
        {
            return false;
        }
    }
}
