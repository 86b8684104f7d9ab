using System.Net;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Auth;

/// <summary>One term of a record with what it costs receivers at worst.</summary>
/// <param name="Text">As published, such as <c>include:_spf.example.com</c>.</param>
/// <param name="Lookups">Terms that cost a query, in it and below it; 0 for ip4, ip6 and all.</param>
/// <param name="Networks">The addresses it stands for, in the form of ip4: and ip6: terms; null when that would change its meaning, and then it must stay.</param>
public sealed record SpfTermCost(string Text, int Lookups, IReadOnlyList<string>? Networks);

/// <summary>What a record costs receivers at worst.</summary>
/// <param name="Lookups">Of all terms together; <see cref="SpfChecker.LookupsMax"/> are allowed (RFC 7208 4.6.4).</param>
/// <param name="Terms">In the order of the record, redirect last.</param>
/// <param name="Fault">Why the record cannot work whoever sends, in a sentence without a final dot; null when it can.</param>
/// <param name="IsUnsure">DNS did not answer for a part, so the sum is a lower bound.</param>
public sealed record SpfCost(int Lookups, IReadOnlyList<SpfTermCost> Terms, string? Fault, bool IsUnsure);

/// <summary>Counts the look-ups of a record before anybody publishes it, following every include: no client, no verdict.</summary>
public static class SpfBudget
{
    const int QuestionsMax = 100; // Of one count: far beyond any record that receivers evaluate.
    const int DepthMax = 12;
    const int NetworksMax = 500;

    /// <param name="domain">Where the record stands, or shall stand.</param>
    /// <param name="record">From <c>v=spf1</c> on.</param>
    /// <returns>Any text gives a count; only cancellation throws.</returns>
    public static async ValueTask<SpfCost> Count(string domain, string record, IDnsLookup dns, CancellationToken ct)
    {
        if (!SpfRecord.IsRecord(record)) return new SpfCost(0, [], "it does not begin with v=spf1", false);
        if (SpfRecord.Parse(record, out var fault) is not { } parsed) return new SpfCost(0, [], fault, false);
        var run = new Run(dns);
        var terms = new List<SpfTermCost>();
        foreach (var term in parsed.Terms)
        {
            var part = await run.Weigh(term, domain, 0, ct).ConfigureAwait(false);
            terms.Add(new SpfTermCost(term.Text, part.Lookups, term.Result == AuthResult.Pass && part.Networks is { Count: <= NetworksMax } networks ? networks : null));
        }
        if (parsed.Redirect is { } target)
        {
            var part = await run.Whole(target, 1, ct).ConfigureAwait(false);
            terms.Add(new SpfTermCost($"redirect={target}", part.Lookups + 1, null));
        }
        return new SpfCost(terms.Sum(term => term.Lookups), terms, run.Fault, run.IsUnsure);
    }

    sealed record Part(int Lookups, List<string>? Networks);

    sealed class Run(IDnsLookup dns)
    {
        readonly HashSet<string> open = new(StringComparer.OrdinalIgnoreCase);
        int questions;

        public string? Fault { get; private set; }

        public bool IsUnsure { get; private set; }

        public async ValueTask<Part> Weigh(SpfTerm term, string domain, int depth, CancellationToken ct)
        {
            var target = term.Domain ?? domain;
            switch (term.Kind)
            {
                case SpfMechanism.All: return new Part(0, null);
                case SpfMechanism.Ip4 or SpfMechanism.Ip6: return new Part(0, [Shown(term.Network, term)]);
                case SpfMechanism.Exists or SpfMechanism.Ptr: return new Part(1, null);
                case SpfMechanism.A or SpfMechanism.Mx or SpfMechanism.Include: break;
            }
            if (target.Contains('%', StringComparison.Ordinal)) return new Part(1, null); // A macro: differs by sender.
            if (term.Kind == SpfMechanism.A) return new Part(1, await Addresses(target, term, ct).ConfigureAwait(false));
            if (term.Kind == SpfMechanism.Mx) return new Part(1, await Exchanges(target, term, ct).ConfigureAwait(false));
            var inner = await Whole(target, depth + 1, ct).ConfigureAwait(false);
            return inner with { Lookups = inner.Lookups + 1 };
        }

        /// <summary>The record at a name, as include and redirect see it: only a pass inside counts (RFC 7208 5.2).</summary>
        public async ValueTask<Part> Whole(string domain, int depth, CancellationToken ct)
        {
            if (depth > DepthMax || !open.Add(domain)) return Wrong($"{SpfRecord.Shown(domain)} includes itself");
            try
            {
                var answer = await Ask(domain, DnsType.Txt, ct).ConfigureAwait(false);
                if (answer is null) return new Part(0, null);
                var records = answer.Records.Where(found => SpfRecord.IsRecord(found.Value)).ToList();
                if (records.Count != 1) return Wrong($"{SpfRecord.Shown(domain)} has {(records.Count == 0 ? "no SPF record" : $"{records.Count} SPF records")}");
                if (SpfRecord.Parse(records[0].Value, out var fault) is not { } record) return Wrong($"the record of {SpfRecord.Shown(domain)}: {fault}");
                var (lookups, networks) = (0, (List<string>?)[]);
                foreach (var term in record.Terms)
                {
                    var part = await Weigh(term, domain, depth, ct).ConfigureAwait(false);
                    lookups += part.Lookups;
                    // What ends an include without a pass matches nothing; anything else that is no plain pass cannot be told in addresses.
                    if (term is { Kind: SpfMechanism.All, Result: not AuthResult.Pass }) return new Part(lookups, networks);
                    if (term.Result != AuthResult.Pass || part.Networks is not { } more || networks?.Count + more.Count > NetworksMax) networks = null;
                    else networks?.AddRange(more);
                }
                if (record.Redirect is not { } target) return new Part(lookups, networks);
                var rest = await Whole(target, depth + 1, ct).ConfigureAwait(false);
                return new Part(lookups + rest.Lookups + 1, networks is not null && rest.Networks is { } others && networks.Count + others.Count <= NetworksMax ? [.. networks, .. others] : null);
            }
            finally
            {
                open.Remove(domain);
            }
        }

        async ValueTask<List<string>?> Addresses(string host, SpfTerm term, CancellationToken ct)
        {
            var four = await Ask(host, DnsType.A, ct).ConfigureAwait(false);
            var six = await Ask(host, DnsType.Aaaa, ct).ConfigureAwait(false);
            if (four is null || six is null) return null;
            return [.. four.Records.Concat(six.Records).Select(found => Shown(IPAddress.Parse(found.Value), term))];
        }

        async ValueTask<List<string>?> Exchanges(string host, SpfTerm term, CancellationToken ct)
        {
            var networks = new List<string>();
            foreach (var exchange in (await Ask(host, DnsType.Mx, ct).ConfigureAwait(false))?.Records.Where(found => found.Value.Length > 0) ?? [])
            {
                if (await Addresses(exchange.Value, term, ct).ConfigureAwait(false) is not { } more) return null;
                networks.AddRange(more);
            }
            return IsUnsure ? null : networks;
        }

        async ValueTask<DnsAnswer?> Ask(string name, DnsType type, CancellationToken ct)
        {
            var answer = ++questions > QuestionsMax ? null : await dns.Look(name, type, ct).ConfigureAwait(false);
            if (answer is not null && answer.Status is not (DnsStatus.ServerFailed or DnsStatus.TimedOut)) return answer;
            IsUnsure = true;
            return null;
        }

        Part Wrong(string fault)
        {
            Fault ??= fault;
            return new Part(0, null);
        }

        static string Shown(IPAddress? address, SpfTerm term)
        {
            var isFour = address?.GetAddressBytes().Length == 4;
            var (bits, all) = isFour ? (term.Bits4, 32) : (term.Bits6, 128);
            return $"{(isFour ? "ip4" : "ip6")}:{address}{(bits == all ? "" : $"/{bits}")}";
        }
    }
}
