using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Auth;

/// <summary>Which identifiers agree with the author's domain.</summary>
public enum DmarcAlignment
{
    None,
    Dkim,
    Spf,
    Both,
}

/// <summary>What DMARC says of a message.</summary>
/// <param name="Result">none, pass, fail, temperror or permerror.</param>
/// <param name="Policy">The policy that applies to this domain as published (p, sp or np); null without a record.</param>
/// <param name="Disposition">The same after t=y lowered it (RFC 9989 4.7); null without a record.</param>
/// <param name="Domain">The author's domain; empty when there is none.</param>
/// <param name="RecordDomain">Whose record applies; empty without one.</param>
/// <param name="Alignment">Identifiers that passed and agree.</param>
public sealed record DmarcVerdict(AuthResult Result, DmarcPolicy? Policy, DmarcPolicy? Disposition, string Domain, string RecordDomain, DmarcAlignment Alignment, string Reason);

/// <summary>DMARC of RFC 9989: the tree walk; with a public suffix list, discovery as RFC 7489 had it.</summary>
/// <param name="suffixes">Null for the tree walk.</param>
public sealed class DmarcChecker(IDnsLookup dns, PublicSuffixList? suffixes)
{
    readonly Dictionary<string, DmarcWalk> walks = new(StringComparer.Ordinal);

    /// <param name="message">Any octets.</param>
    /// <param name="spf">Null when SPF was not asked.</param>
    /// <returns>With several authors of different domains the worst verdict (RFC 9989 5.3 leaves the choice; this one can't be gamed). Only cancellation throws.</returns>
    public ValueTask<DmarcVerdict> Check(ReadOnlyMemory<byte> message, IReadOnlyList<DkimVerdict> dkim, SpfVerdict? spf, CancellationToken ct) =>
        Check(RawMessage.Read(message), dkim, spf, ct);

    internal async ValueTask<DmarcVerdict> Check(RawMessage message, IReadOnlyList<DkimVerdict> dkim, SpfVerdict? spf, CancellationToken ct)
    {
        var authors = message.Fields.Where(field => field.Is("From")).ToList();
        if (authors.Count != 1) return Nothing(authors.Count == 0 ? AuthResult.None : AuthResult.Permerror, "", authors.Count == 0 ? "no From field" : $"{authors.Count} From fields");
        var domains = AuthorDomains.Of(authors[0]);
        if (domains.Count == 0) return Nothing(AuthResult.None, "", "no domain in From");
        DmarcVerdict? worst = null;
        foreach (var domain in domains)
        {
            var verdict = await Judge(domain, dkim, spf, ct).ConfigureAwait(false);
            if (worst is null || Weight(verdict) > Weight(worst)) worst = verdict;
        }
        return worst ?? Nothing(AuthResult.None, "", "no domain in From");
    }

    static DmarcVerdict Nothing(AuthResult result, string domain, string reason) => new(result, null, null, domain, "", DmarcAlignment.None, reason);

    static int Weight(DmarcVerdict verdict) => verdict.Result switch
    {
        AuthResult.Fail => 10 + (int)(verdict.Disposition ?? DmarcPolicy.None),
        AuthResult.Temperror => 3,
        AuthResult.Pass => 1,
        _ => 2,
    };

    async ValueTask<DmarcVerdict> Judge(string domain, IReadOnlyList<DkimVerdict> dkim, SpfVerdict? spf, CancellationToken ct)
    {
        var (at, record, isAnswered) = await Discover(domain, ct).ConfigureAwait(false);
        if (!isAnswered && record is null) return Nothing(AuthResult.Temperror, domain, $"no answer from DNS for the record of {domain}");
        if (record is null) return Nothing(AuthResult.None, domain, $"{domain} has no DMARC record");
        // RFC 9989 4.10.1: what is broken counts as none while reports are wanted, and as nothing else.
        var isBroken = record.HasBrokenPolicy || (suffixes is not null && record.Policy is null);
        if (isBroken && !record.HasReportAddress) return Nothing(AuthResult.None, domain, $"the record of {at} has no valid policy");
        var policy = isBroken ? DmarcPolicy.None : await Policy(domain, at, record, ct).ConfigureAwait(false);
        var disposition = record.IsTest && suffixes is null ? (DmarcPolicy)Math.Max(0, (int)policy - 1) : policy;
        var seen = await Align(domain, record, dkim, spf, ct).ConfigureAwait(false);
        return new DmarcVerdict(seen.Result, policy, disposition, domain, at, seen.Alignment, seen.Reason);
    }

    async ValueTask<(string Domain, DmarcRecord? Record, bool IsAnswered)> Discover(string domain, CancellationToken ct)
    {
        var (own, isAnswered) = await DmarcWalk.At(domain, dns, ct).ConfigureAwait(false);
        if (own is not null || !isAnswered) return (domain, own, isAnswered);
        if (suffixes is not null)
        {
            var organization = suffixes.Organization(domain);
            if (organization == domain) return (domain, null, true);
            var (above, isKnown) = await DmarcWalk.At(organization, dns, ct).ConfigureAwait(false);
            return (organization, above, isKnown);
        }
        var walk = await Walk(domain, ct).ConfigureAwait(false);
        return walk.Applicable is { } found ? (found.Domain, found.Record, true) : ("", null, walk.IsComplete);
    }

    async ValueTask<DmarcWalk> Walk(string domain, CancellationToken ct)
    {
        if (!walks.TryGetValue(domain, out var walk)) walks[domain] = walk = await DmarcWalk.From(domain, dns, ct).ConfigureAwait(false);
        return walk;
    }

    async ValueTask<DmarcPolicy> Policy(string domain, string at, DmarcRecord record, CancellationToken ct)
    {
        var policy = record.Policy ?? DmarcPolicy.None; // RFC 9989 4.7: p= may be left out.
        if (domain == at) return policy;
        if (suffixes is null && record.MissingPolicy is { } missing && await IsMissing(domain, ct).ConfigureAwait(false)) return missing;
        return record.SubdomainPolicy ?? policy;
    }

    // RFC 9989 3.2.13: neither addresses nor exchanges. A name DNS gives no answer for counts as existing.
    async ValueTask<bool> IsMissing(string domain, CancellationToken ct)
    {
        foreach (var type in (DnsType[])[DnsType.A, DnsType.Aaaa, DnsType.Mx])
            if ((await dns.Look(domain, type, ct).ConfigureAwait(false)).Status is not (DnsStatus.NoName or DnsStatus.NoRecords)) return false;
        return true;
    }

    async ValueTask<(AuthResult Result, DmarcAlignment Alignment, string Reason)> Align(
        string domain, DmarcRecord record, IReadOnlyList<DkimVerdict> dkim, SpfVerdict? spf, CancellationToken ct)
    {
        var (byDkim, bySpf, isOpen) = (false, false, false);
        foreach (var signature in dkim.Where(one => one.Result is AuthResult.Pass or AuthResult.Temperror))
        {
            if (!await Agrees(domain, signature.Domain, record.IsDkimStrict, ct).ConfigureAwait(false)) continue;
            byDkim |= signature.Result == AuthResult.Pass;
            isOpen |= signature.Result == AuthResult.Temperror;
        }
        if (spf is { Result: AuthResult.Pass or AuthResult.Temperror } && await Agrees(domain, spf.Domain.TrimEnd('.').ToLowerInvariant(), record.IsSpfStrict, ct).ConfigureAwait(false))
        {
            bySpf = spf.Result == AuthResult.Pass;
            isOpen |= spf.Result == AuthResult.Temperror;
        }
        var alignment = (byDkim, bySpf) switch { (true, true) => DmarcAlignment.Both, (true, false) => DmarcAlignment.Dkim, (false, true) => DmarcAlignment.Spf, _ => DmarcAlignment.None };
        if (alignment != DmarcAlignment.None) return (AuthResult.Pass, alignment, alignment == DmarcAlignment.Both ? "DKIM and SPF agree" : $"{(byDkim ? "DKIM" : "SPF")} agrees");
        // RFC 7489 6.6.2 and RFC 9989 5.3: an open question is no failure.
        return isOpen ? (AuthResult.Temperror, alignment, "an aligned identifier could not be checked for want of DNS") : (AuthResult.Fail, alignment, Why(domain, dkim, spf));
    }

    static string Why(string domain, IReadOnlyList<DkimVerdict> dkim, SpfVerdict? spf)
    {
        var signed = dkim.Any(one => one.Result == AuthResult.Pass) ? "no passing signature agrees with" : dkim.Count > 0 ? "no signature passed for" : "no signature for";
        var path = spf is null ? "SPF not asked" : spf.Result == AuthResult.Pass ? $"SPF passed for {spf.Domain}, which does not agree" : $"SPF {spf.Result.Word()}";
        return $"{signed} {domain}; {path}";
    }

    async ValueTask<bool> Agrees(string author, string other, bool isStrict, CancellationToken ct)
    {
        if (author == other) return true;
        if (isStrict || other.Length == 0) return false;
        if (suffixes is not null) return suffixes.Organization(author) == suffixes.Organization(other);
        return (await Walk(author, ct).ConfigureAwait(false)).Organization == (await Walk(other, ct).ConfigureAwait(false)).Organization;
    }
}
