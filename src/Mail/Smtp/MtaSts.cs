using System.Globalization;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Smtp;

/// <summary>What a domain asks of those who send to it (RFC 8461 5).</summary>
public enum MtaStsMode
{
    /// <summary>No policy any more.</summary>
    None,

    /// <summary>Deliver all the same, and report.</summary>
    Testing,

    /// <summary>Only to the hosts named, only over verified TLS.</summary>
    Enforce,
}

/// <summary>A policy as published (RFC 8461 3.2).</summary>
/// <param name="MxPatterns">Host names in lower case, or <c>*.</c> and the rest for exactly one more label.</param>
/// <param name="MaxAgeSeconds">0 to 31557600.</param>
public sealed record MtaStsPolicy(MtaStsMode Mode, IReadOnlyList<string> MxPatterns, int MaxAgeSeconds)
{
    /// <summary>Octets of a policy; a longer one is refused (RFC 8461 3.2 suggests 64 KB).</summary>
    public const int LengthMax = 64 * 1024;

    const int AgeMax = 31_557_600;
    const int PatternsMax = 100;

    /// <returns>Null with the reason when the text is no policy.</returns>
    public static MtaStsPolicy? Read(string text, out string reason)
    {
        reason = "";
        if (text.Length > LengthMax) reason = "The policy is longer than 64 KB.";
        var fields = text.Split('\n').Select(line => line.TrimEnd('\r').Split(':', 2)).Where(pair => pair.Length == 2).Select(pair => (Key: pair[0].Trim(), Value: pair[1].Trim())).ToList();
        string? One(string key) => fields.Find(field => field.Key == key).Value; // RFC 8461 3.2: of a key that comes twice, the first counts.
        if (reason.Length == 0 && One("version") != "STSv1") reason = "version: STSv1 is missing.";
        MtaStsMode? mode = One("mode") switch { "enforce" => MtaStsMode.Enforce, "testing" => MtaStsMode.Testing, "none" => MtaStsMode.None, _ => null };
        if (reason.Length == 0 && mode is null) reason = "mode is none of enforce, testing, none.";
        if (reason.Length == 0 && !(int.TryParse(One("max_age"), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed <= AgeMax)) reason = "max_age is not 0 to 31557600.";
        var patterns = fields.Where(field => field.Key == "mx").Select(field => field.Value.ToLowerInvariant().TrimEnd('.')).Take(PatternsMax).ToList();
        if (reason.Length == 0 && mode != MtaStsMode.None && patterns.Count == 0) reason = "mx is missing.";
        return reason.Length > 0 || mode is not { } known ? null : new(known, patterns, int.Parse(One("max_age") ?? "0", NumberStyles.None, CultureInfo.InvariantCulture));
    }

    /// <summary>Whether mail may go to this host (RFC 8461 4.1); a wildcard stands for one label.</summary>
    public bool Allows(string host)
    {
        var name = host.ToLowerInvariant().TrimEnd('.');
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return MxPatterns.Any(pattern => pattern == name || (dot > 0 && pattern.StartsWith("*.", StringComparison.Ordinal) && pattern.AsSpan(1).SequenceEqual(name.AsSpan(dot))));
    }
}

/// <summary>Fetches a policy's text over HTTPS with a verified certificate, without redirects, within a minute, at most 64 KB (RFC 8461 3.3).</summary>
/// <returns>Null when it cannot be had.</returns>
public delegate ValueTask<string?> MtaStsFetch(Uri policy, CancellationToken ct);

/// <summary>Finds and remembers policies.</summary>
/// <remarks>A policy counts until its age is over, also when DNS or the web server fail meanwhile: that is what protects against an attacker who makes them fail (RFC 8461 3.3, 10).</remarks>
public sealed class MtaSts(IDnsLookup dns, MtaStsFetch fetch, TimeProvider clock)
{
    /// <summary>Domains remembered; the oldest make room.</summary>
    public const int DomainsMax = 10_000;

    readonly Lock gate = new();
    readonly Dictionary<string, Known> known = new(StringComparer.Ordinal);

    sealed record Known(string Id, MtaStsPolicy Policy, DateTimeOffset FetchedAt)
    {
        public bool Holds(DateTimeOffset now) => now < FetchedAt.AddSeconds(Policy.MaxAgeSeconds);
    }

    /// <returns>Null: the domain has no policy.</returns>
    public async ValueTask<MtaStsPolicy?> Find(DomainName domain, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var kept = Kept(domain.Ascii, now);
        var id = await Id(domain, ct).ConfigureAwait(false);
        if (id is null || id == kept?.Id) return Active(kept?.Policy);
        var text = await fetch(new Uri($"https://mta-sts.{domain.Ascii}/.well-known/mta-sts.txt"), ct).ConfigureAwait(false);
        if (text is null || MtaStsPolicy.Read(text, out _) is not { } policy) return Active(kept?.Policy);
        Keep(domain.Ascii, new Known(id, policy, now));
        return Active(policy);
    }

    /// <summary>The id of the one record that begins with v=STSv1 (RFC 8461 3.1); null with none, several or no answer.</summary>
    async ValueTask<string?> Id(DomainName domain, CancellationToken ct)
    {
        var answer = await dns.Look("_mta-sts." + domain.Ascii, DnsType.Txt, ct).ConfigureAwait(false);
        var records = answer.Records.Where(r => r.Value.StartsWith("v=STSv1;", StringComparison.Ordinal)).ToList();
        if (records.Count != 1) return null;
        var id = records[0].Value.Split(';').Select(field => field.Trim()).FirstOrDefault(field => field.StartsWith("id=", StringComparison.Ordinal))?[3..];
        return id is { Length: >= 1 and <= 32 } && id.All(char.IsAsciiLetterOrDigit) ? id : null;
    }

    Known? Kept(string domain, DateTimeOffset now)
    {
        lock (gate) return known.TryGetValue(domain, out var found) && found.Holds(now) ? found : null;
    }

    void Keep(string domain, Known found)
    {
        lock (gate)
        {
            if (known.Count >= DomainsMax && !known.ContainsKey(domain)) known.Remove(known.MinBy(entry => entry.Value.FetchedAt).Key);
            known[domain] = found;
        }
    }

    static MtaStsPolicy? Active(MtaStsPolicy? policy) => policy is { Mode: MtaStsMode.None } ? null : policy;
}
