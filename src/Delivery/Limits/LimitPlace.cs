using PenguinMails.Delivery.Pacing;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Delivery.Limits;

/// <summary>One limit that a message counts for.</summary>
/// <param name="IsDefault">Of <c>providers.json</c>; nobody set it.</param>
sealed record LimitUse(string Scope, string Key, int WindowSeconds, int Most, bool IsDefault = false);

/// <summary>Where a message would be sent from and to, in the keys of limits; with the limits that hold where nobody set one.</summary>
/// <param name="Domain">Of the sender.</param>
/// <param name="Server">Host of the outgoing server.</param>
/// <param name="Mailbox">Its id without prefix.</param>
/// <param name="IsNew">Mailbox, domain or server warms up: providers do not know it yet, so their careful numbers hold.</param>
sealed record LimitPlace(string Domain, string Server, string Mailbox = "", bool IsNew = false)
{
    const int HourSeconds = 3600;

    readonly LimitUse[] _ofMailbox = Provider.Of(Server).Account is { } account
        ? [.. account.Limits.Select(limit => new LimitUse("mailbox", Mailbox, limit.Seconds, limit.Count, IsDefault: true))] : [];

    /// <summary>False: without a limit of the account nothing needs counting.</summary>
    public bool HasDefaults => IsNew || _ofMailbox.Length > 0;

    public LimitUse[] Uses(IReadOnlyList<SendLimit> limits, string address, string provider) =>
    [
        .. from limit in limits
           let key = Key(limit.Scope, address, provider)
           where key is not null && (limit.Key == key || (limit.Key == SendLimit.Each && !limits.Any(other => other != limit && other.Scope == limit.Scope && other.WindowSeconds == limit.WindowSeconds && other.Key == key)))
           select new LimitUse(limit.Scope, key, limit.WindowSeconds, limit.Most),
        .. Defaults(provider).Where(use => !limits.Any(limit => limit.Scope == use.Scope && limit.WindowSeconds == use.WindowSeconds && (limit.Key == use.Key || limit.Key == SendLimit.Each))),
    ];

    /// <summary>Key of what a domain sends to one provider.</summary>
    public static string Pair(string domain, string provider) => $"{domain}/{provider}";

    /// <summary>The two names of such a key; the second is empty where there is none.</summary>
    public static (string Domain, string Provider) Split(string pair) => pair.Split('/', 2) is [var domain, var provider] ? (domain, provider) : (pair, "");

    LimitUse[] Defaults(string provider) =>
        IsNew && provider.Length > 0 ? [.. _ofMailbox, new("domain_provider", Pair(Domain, provider), HourSeconds, Provider.ById(provider).PerHourMax, IsDefault: true)] : _ofMailbox;

    string? Key(string scope, string address, string provider) => scope switch
    {
        "domain" => Domain,
        "server" => Server,
        "mailbox" => Mailbox,
        "company" => Company(address),
        "provider" => provider.Length > 0 ? provider : null,
        "domain_provider" => provider.Length > 0 ? Pair(Domain, provider) : null,
        _ => SendLimit.Each,
    };

    static string? Company(string address) => DomainName.TryParse(address[(address.LastIndexOf('@') + 1)..], out var domain, out _) && !AddressClasses.IsConsumer(domain) ? domain.Ascii : null;
}
