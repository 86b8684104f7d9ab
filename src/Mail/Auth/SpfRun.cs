using System.Net;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Auth;

/// <summary>One evaluation with its counters: include and redirect come back to <see cref="Judge"/>, so the limit on lookups bounds the depth.</summary>
sealed class SpfRun(SpfSender sender, IDnsLookup dns)
{
    const int ExchangesMax = 10; // RFC 7208 4.6.4.

    enum Match
    {
        No,
        Yes,
        Temperror,
        Permerror,
    }

    readonly SpfValues values = new(sender, dns);
    int voids;
    string reason = "";

    public SpfSender Sender => sender;

    public int Lookups { get; private set; }

    public async ValueTask<SpfOutcome> Judge(string domain, CancellationToken ct)
    {
        if (!SpfSender.IsDomain(domain)) return new SpfOutcome(AuthResult.None, $"{SpfRecord.Shown(domain)} is not a domain name", domain);
        var answer = await dns.Look(domain, DnsType.Txt, ct).ConfigureAwait(false);
        if (answer.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut) return new SpfOutcome(AuthResult.Temperror, $"no answer from DNS for {domain}", domain);
        var records = answer.Records.Where(found => SpfRecord.IsRecord(found.Value)).ToList();
        if (records.Count == 0) return new SpfOutcome(AuthResult.None, $"{domain} publishes no SPF record", domain);
        if (records.Count > 1) return new SpfOutcome(AuthResult.Permerror, $"{domain} publishes {records.Count} SPF records", domain); // RFC 7208 4.5.
        if (SpfRecord.Parse(records[0].Value, out var fault) is not { } record) return new SpfOutcome(AuthResult.Permerror, $"record of {domain}: {fault}", domain);
        foreach (var term in record.Terms)
        {
            switch (await Matches(term, domain, ct).ConfigureAwait(false))
            {
                case Match.Yes: return new SpfOutcome(term.Result, $"{SpfRecord.Shown(term.Text)} of {domain} matches", domain, term.Text, record);
                case Match.Temperror: return new SpfOutcome(AuthResult.Temperror, reason, domain, term.Text);
                case Match.Permerror: return new SpfOutcome(AuthResult.Permerror, reason, domain, term.Text);
                case Match.No: break;
            }
        }
        return record.Redirect is { } target ? await Redirect(target, domain, ct).ConfigureAwait(false) : new SpfOutcome(AuthResult.Neutral, $"nothing in the record of {domain} matches", domain);
    }

    async ValueTask<SpfOutcome> Redirect(string target, string domain, CancellationToken ct)
    {
        if (++Lookups > SpfChecker.LookupsMax) return new SpfOutcome(AuthResult.Permerror, TooMany, domain);
        var name = await values.Name(target, domain, ct).ConfigureAwait(false);
        var outcome = await Judge(name, ct).ConfigureAwait(false);
        // RFC 7208 6.1: a redirect to a domain without a record is the publisher's mistake.
        return outcome.Result == AuthResult.None ? new SpfOutcome(AuthResult.Permerror, $"redirect of {domain}: {outcome.Reason}", domain) : outcome;
    }

    static string TooMany => $"more than {SpfChecker.LookupsMax} terms that cost a query";

    ValueTask<Match> Matches(SpfTerm term, string domain, CancellationToken ct)
    {
        if (term.Kind is SpfMechanism.All) return ValueTask.FromResult(Match.Yes);
        if (term.Network is { } network) return ValueTask.FromResult(IsWithin(network, term) ? Match.Yes : Match.No);
        return ++Lookups > SpfChecker.LookupsMax ? ValueTask.FromResult(Because(Match.Permerror, TooMany)) : Asked(term, domain, ct);
    }

    async ValueTask<Match> Asked(SpfTerm term, string domain, CancellationToken ct)
    {
        var target = term.Domain is { } spec ? await values.Name(spec, domain, ct).ConfigureAwait(false) : domain;
        return term.Kind switch
        {
            SpfMechanism.Include => await Include(target, ct).ConfigureAwait(false),
            SpfMechanism.A => await Address(target, term, ct).ConfigureAwait(false),
            SpfMechanism.Mx => await Exchange(target, term, ct).ConfigureAwait(false),
            SpfMechanism.Exists => await Exists(target, ct).ConfigureAwait(false),
            SpfMechanism.Ptr => await Pointer(target, ct).ConfigureAwait(false),
            SpfMechanism.All or SpfMechanism.Ip4 or SpfMechanism.Ip6 => Match.No,
        };
    }

    async ValueTask<Match> Include(string target, CancellationToken ct)
    {
        var inner = await Judge(target, ct).ConfigureAwait(false);
        return inner.Result switch
        {
            AuthResult.Pass => Match.Yes,
            AuthResult.Temperror => Because(Match.Temperror, inner.Reason),
            // RFC 7208 5.2: the table of include, none included.
            AuthResult.Permerror or AuthResult.None => Because(Match.Permerror, $"include: {inner.Reason}"),
            AuthResult.Fail or AuthResult.Softfail or AuthResult.Neutral or AuthResult.Policy => Match.No,
        };
    }

    async ValueTask<Match> Address(string target, SpfTerm term, CancellationToken ct)
    {
        var answer = await dns.Look(target, sender.IsIpv4 ? DnsType.A : DnsType.Aaaa, ct).ConfigureAwait(false);
        return Failed(answer, target) ?? (answer.Records.Any(found => IsWithin(IPAddress.Parse(found.Value), term)) ? Match.Yes : Match.No);
    }

    async ValueTask<Match> Exchange(string target, SpfTerm term, CancellationToken ct)
    {
        var answer = await dns.Look(target, DnsType.Mx, ct).ConfigureAwait(false);
        if (Failed(answer, target) is { } failed) return failed;
        if (answer.Records.Count > ExchangesMax) return Because(Match.Permerror, $"{target} has more than {ExchangesMax} MX records");
        foreach (var exchange in answer.Records.Where(found => found.Value.Length > 0).OrderBy(found => found.Preference))
        {
            var addresses = await dns.Look(exchange.Value, sender.IsIpv4 ? DnsType.A : DnsType.Aaaa, ct).ConfigureAwait(false);
            if (addresses.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut) return Because(Match.Temperror, $"no answer from DNS for {exchange.Value}");
            if (addresses.Records.Any(found => IsWithin(IPAddress.Parse(found.Value), term))) return Match.Yes;
        }
        return Match.No;
    }

    // RFC 7208 5.7: an A record even when the client comes by IPv6.
    async ValueTask<Match> Exists(string target, CancellationToken ct)
    {
        var answer = await dns.Look(target, DnsType.A, ct).ConfigureAwait(false);
        return Failed(answer, target) ?? (answer.Status == DnsStatus.Found ? Match.Yes : Match.No);
    }

    async ValueTask<Match> Pointer(string target, CancellationToken ct)
    {
        var bare = target.TrimEnd('.');
        var names = await values.ClientNames(ct).ConfigureAwait(false);
        if (values.HasNoPointer && ++voids > SpfChecker.VoidLookupsMax) return Because(Match.Permerror, TooManyVoid);
        return names.Exists(name => SpfValues.IsAtOrBelow(name, bare)) ? Match.Yes : Match.No;
    }

    static string TooManyVoid => $"more than {SpfChecker.VoidLookupsMax} lookups that find nothing";

    /// <summary>The verdict of a lookup that failed, or found nothing once too often; null to go on.</summary>
    Match? Failed(DnsAnswer answer, string target)
    {
        if (answer.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut) return Because(Match.Temperror, $"no answer from DNS for {target}");
        if (answer.Status == DnsStatus.Found || ++voids <= SpfChecker.VoidLookupsMax) return null;
        return Because(Match.Permerror, TooManyVoid);
    }

    Match Because(Match match, string why)
    {
        reason = why;
        return match;
    }

    bool IsWithin(IPAddress network, SpfTerm term) =>
        network.AddressFamily == sender.Client.AddressFamily
        && IsSamePrefix(network.GetAddressBytes(), sender.Client.GetAddressBytes(), sender.IsIpv4 ? term.Bits4 : term.Bits6);

    static bool IsSamePrefix(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, int bits)
    {
        var whole = bits / 8;
        if (!one[..whole].SequenceEqual(other[..whole])) return false;
        return bits % 8 == 0 || (one[whole] ^ other[whole]) >> (8 - (bits % 8)) == 0;
    }

    /// <summary>The domain's words for a fail, or null when there are none that work (RFC 7208 6.2).</summary>
    public async ValueTask<string?> Explain(SpfOutcome outcome, CancellationToken ct)
    {
        if (outcome.Record?.Explanation is not { } spec) return null;
        var answer = await dns.Look(await values.Name(spec, outcome.Domain, ct).ConfigureAwait(false), DnsType.Txt, ct).ConfigureAwait(false);
        if (answer.Records is not [var only] || only.Value.Length == 0 || !SpfMacro.IsMacroText(only.Value, true)) return null;
        return await SpfMacro.Expand(only.Value, true, letter => values.Of(letter, outcome.Domain, ct)).ConfigureAwait(false);
    }
}
