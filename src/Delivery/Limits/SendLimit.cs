using PenguinMails.Mail.Addresses;

namespace PenguinMails.Delivery.Limits;

/// <summary>How many messages may be sent in any stretch of time.</summary>
/// <param name="Scope">plan (what the account's plan includes), account, domain (the sender's), server (the mailbox's outgoing server), company (the recipient's domain; consumer mail has none) or provider (who receives for it).</param>
/// <param name="Key">Of the scope, or <c>*</c>: each by itself. A limit with a key takes the place of <c>*</c> over the same stretch.</param>
/// <param name="WindowSeconds">60 to 2,678,400 (31 days). It is counted in sixtieths, each of which counts until the whole of it has left.</param>
/// <param name="Most">0 or more; never exceeded in any such stretch, whoever sends.</param>
public sealed record SendLimit(string Scope, string Key, int WindowSeconds, int Most)
{
    /// <summary>Every key by itself.</summary>
    public const string Each = "*";

    /// <summary>What the account's plan includes; written by the plan, not by people.</summary>
    public const string Plan = "plan";
}

/// <summary>One limit that a message counts for.</summary>
sealed record LimitUse(string Scope, string Key, int WindowSeconds, int Most);

/// <summary>Where a message would be sent from and to, in the keys of limits.</summary>
/// <param name="Domain">Of the sender.</param>
/// <param name="Server">Host of the outgoing server.</param>
sealed record LimitPlace(string Domain, string Server)
{
    public LimitUse[] Uses(IReadOnlyList<SendLimit> limits, string address, string provider) =>
    [
        .. from limit in limits
           let key = Key(limit.Scope, address, provider)
           where key is not null && (limit.Key == key || (limit.Key == SendLimit.Each && !limits.Any(other => other != limit && other.Scope == limit.Scope && other.WindowSeconds == limit.WindowSeconds && other.Key == key)))
           select new LimitUse(limit.Scope, key, limit.WindowSeconds, limit.Most),
    ];

    string? Key(string scope, string address, string provider) => scope switch
    {
        "domain" => Domain,
        "server" => Server,
        "company" => Company(address),
        "provider" => provider.Length > 0 ? provider : null,
        _ => SendLimit.Each,
    };

    static string? Company(string address) => DomainName.TryParse(address[(address.LastIndexOf('@') + 1)..], out var domain, out _) && !AddressClasses.IsConsumer(domain) ? domain.Ascii : null;
}
