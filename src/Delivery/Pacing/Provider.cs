using PenguinMails.Core;

namespace PenguinMails.Delivery.Pacing;

/// <summary>Where a default comes from.</summary>
public enum ProfileBasis
{
    /// <summary>The provider says so itself.</summary>
    Published,

    /// <summary>The provider names no number; this is what careful senders do.</summary>
    Practice,
}

/// <summary>How many messages in any stretch of time.</summary>
/// <param name="Count">At least 1.</param>
/// <param name="Seconds">Length of the stretch, at least 1.</param>
public sealed record RateLimit(int Count, int Seconds)
{
    public TimeSpan Window => TimeSpan.FromSeconds(Seconds);
}

/// <summary>What a provider allows one of its own mailboxes to send, whoever the recipients are.</summary>
/// <param name="ConnectionsMax">For sending, at once from one mailbox; null where no number is published. Those that read are counted apart, where they are counted.</param>
/// <param name="TrialLimits">In place of <paramref name="Limits"/> while the provider's own trial lasts.</param>
public sealed record AccountLimits(IReadOnlyList<RateLimit> Limits, IReadOnlyList<RateLimit> TrialLimits, string Source, DateOnly AsOf, int? ConnectionsMax = null);

/// <summary>The organisation that takes mail in for a recipient's domain, known by its MX host, with how it likes to be treated: <c>providers.json</c>.</summary>
/// <remarks>Reputation and limits are kept by who runs the MX host and not by the address: a thousand companies at one provider are one receiver.
/// The defaults hold for one route, which is one mailbox or one sending address of ours towards one provider.</remarks>
/// <param name="Id">Stable key of routes, such as <c>google</c>; for a host that belongs to none of the known, <c>mx:</c> and the host's domain.</param>
/// <param name="Mx">Domains of its MX hosts.</param>
/// <param name="ConnectionsMax">At once.</param>
/// <param name="MessagesPerConnectionMax">Then the connection is closed and opened again.</param>
/// <param name="Submission">Hosts through which its own mailboxes send.</param>
/// <param name="PerHourMax">Messages in any 60 minutes from a sender it does not know yet.</param>
/// <param name="GapSeconds">Least time between the beginnings of two messages.</param>
/// <param name="Account">Limits of mailboxes that are hosted there; null when none are published.</param>
public sealed record Provider(
    string Id, string Name, IReadOnlyList<string> Mx, int ConnectionsMax, int MessagesPerConnectionMax, int PerHourMax, int GapSeconds,
    ProfileBasis Basis, string Source, DateOnly AsOf, AccountLimits? Account, IReadOnlyList<string>? Submission = null)
{
    const string OtherId = "other";
    const string UnknownPrefix = "mx:";
    const int LabelsOfDomain = 2;

    // Second-level names under which countries register, so that two companies there are not taken for one.
    static readonly string[] SharedLabels = ["ac", "co", "com", "edu", "gob", "gov", "gv", "ne", "net", "or", "org"];

    /// <summary>All of the file, <c>other</c> included.</summary>
    public static readonly IReadOnlyList<Provider> All = EmbeddedJson.Read<Provider[]>("providers.json");

    static readonly Dictionary<string, Provider> BySuffix =
        All.SelectMany(provider => provider.Mx.Concat(provider.Submission ?? []).Select(suffix => (suffix, provider))).ToDictionary(pair => pair.suffix, pair => pair.provider, StringComparer.Ordinal);

    /// <summary>Whoever is none of the known.</summary>
    public static readonly Provider Other = All.Single(provider => provider.Id == OtherId);

    public bool IsKnown => Mx.Count > 0;

    /// <summary>The provider that an MX host, or a host its mailboxes send through, belongs to: the longest known suffix that ends on a whole label.</summary>
    /// <param name="mxHost">As DNS gave it, in any case, with or without the final dot.</param>
    /// <returns>For an unknown host <see cref="Other"/>, under a key of its domain, so that hosts of one organisation share a route.
    /// The domain is the last two labels, or three below a shared second level such as co.uk; an address in place of a name keeps itself.</returns>
    public static Provider Of(string mxHost)
    {
        var host = mxHost.TrimEnd('.').ToLowerInvariant();
        for (var rest = host; rest.Length > 0; rest = Shortened(rest))
            if (BySuffix.TryGetValue(rest, out var known)) return known;
        var domain = DomainOf(host);
        return Other with { Id = UnknownPrefix + domain, Name = domain };
    }

    /// <summary>The provider of that key, as <see cref="Of"/> gave it.</summary>
    public static Provider ById(string id) => All.FirstOrDefault(provider => provider.Id == id) ?? Other with { Id = id, Name = IsUnknown(id) ? id[UnknownPrefix.Length..] : id };

    /// <summary>Whether that key is of a host nobody knows and so names its domain, most often the recipients' own.</summary>
    public static bool IsUnknown(string id) => id.StartsWith(UnknownPrefix, StringComparison.Ordinal);

    static string Shortened(string host) => host.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? host[(dot + 1)..] : "";

    static string DomainOf(string host)
    {
        if (System.Net.IPAddress.TryParse(host.Trim('[', ']'), out _)) return host;
        var labels = host.Split('.');
        if (labels.Length <= LabelsOfDomain) return host;
        var isShared = labels[^1].Length == 2 && SharedLabels.Contains(labels[^2]);
        return string.Join('.', labels[^(isShared ? LabelsOfDomain + 1 : LabelsOfDomain)..]);
    }
}
