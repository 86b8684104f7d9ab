using System.Collections.Frozen;

namespace PenguinMails.Mail.Addresses;

/// <summary>Classes of address that cold mail treats with care: a function instead of a person, a private mailbox, a throw-away one.</summary>
/// <remarks>Each list is an embedded table whose first lines give its source and date.</remarks>
public static class AddressClasses
{
    static readonly FrozenSet<string> Roles = EmbeddedTable.Rows("role-addresses.tsv").Select(row => row[0]).ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> ConsumerNames =
        EmbeddedTable.Rows("consumer-domains.tsv").Where(row => !row[0].EndsWith(".*", StringComparison.Ordinal)).Select(row => row[0]).ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> ConsumerFamilies =
        EmbeddedTable.Rows("consumer-domains.tsv").Where(row => row[0].EndsWith(".*", StringComparison.Ordinal)).Select(row => row[0][..^2]).ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> Disposable = EmbeddedTable.Rows("disposable-domains.tsv").Select(row => row[0]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>True for info@, sales@, abuse@, postmaster@ and the like; a +tag is ignored.</summary>
    public static bool IsRole(EmailAddress address)
    {
        var local = address.Local.ToLowerInvariant();
        var plus = local.IndexOf('+', StringComparison.Ordinal);
        return Roles.Contains(plus > 0 ? local[..plus] : local);
    }

    /// <summary>True for the domain of a provider of private mailboxes, country variants included (yahoo.co.uk, live.fr).</summary>
    public static bool IsConsumer(DomainName domain)
    {
        if (ConsumerNames.Contains(domain.Ascii)) return true;
        var dot = domain.Ascii.IndexOf('.', StringComparison.Ordinal);
        // A family is <name>.<country> or <name>.<co|com>.<country>: yahoo.fr and yahoo.co.uk, not yahoo.example.com.
        var rest = domain.Ascii[(dot + 1)..].Split('.');
        var isCountry = rest.Length == 1 ? rest[0].Length is 2 or 3 : rest.Length == 2 && rest[0] is "co" or "com" && rest[1].Length == 2;
        return isCountry && ConsumerFamilies.Contains(domain.Ascii[..dot]);
    }

    /// <summary>True for the domain of a service of throw-away mailboxes, and every name below it.</summary>
    public static bool IsDisposable(DomainName domain)
    {
        for (var name = domain.Ascii; name.Contains('.', StringComparison.Ordinal); name = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..])
            if (Disposable.Contains(name)) return true;
        return false;
    }
}
