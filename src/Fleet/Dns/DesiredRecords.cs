using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>What must stand in the zone for a domain to send well, worked out against what stands there.</summary>
static class DesiredRecords
{
    /// <summary>A name and the types that are looked at there.</summary>
    public sealed record Place(string Name, IReadOnlyList<DnsType> Types);

    public sealed record Wanted(IReadOnlyList<DesiredRecord> Records, IReadOnlyList<ZoneFinding> Findings);

    static readonly DnsType[] Beside = [DnsType.Cname, DnsType.A, DnsType.Aaaa, DnsType.Txt, DnsType.Mx];

    /// <summary>Every place that is judged or written, wildcards above them included. At most 24, and one for each name of the domain's server.</summary>
    public static IReadOnlyList<Place> Places(Domain domain, DnsSetup setup, string zone)
    {
        var name = domain.Name;
        string[] alone = [$"_dmarc.{name}", $"_penguin.{name}", $"{domain.DkimSelector}._domainkey.{name}", $"{setup.DkimNextSelector}._domainkey.{name}",
            $"_mta-sts.{name}", $"_smtp._tls.{name}", DesiredBimi.NameOf(name), .. setup.DkimRevokedSelectors.Select(selector => $"{selector}._domainkey.{name}"), .. Enumerable.Range(1, DesiredSpf.PartsMax).Select(i => $"_pmspf{i}.{name}")];
        string[] hosts = [domain.ReturnPathHost, domain.TrackingHost, $"mta-sts.{name}", $"autoconfig.{name}", $"autodiscover.{name}"];
        string[] wild = [.. new[] { $"*.{name}", $"*._domainkey.{name}", $"*.{zone}" }.Distinct()];
        return
        [
            new(name, [DnsType.Txt, DnsType.Mx, DnsType.Cname]),
            .. alone.Select(one => new Place(one, [DnsType.Txt, DnsType.Cname])),
            .. hosts.Concat(wild).Concat(Addressed(setup, zone).Select(record => record.Name).Concat(setup.Server?.PastNames(zone) ?? []).Distinct()).Select(one => new Place(one, Beside)),
        ];
    }

    /// <param name="above">DMARC record of the organization's own domain; null when there is none or the domain is that one.</param>
    public static async ValueTask<Wanted> For(Domain domain, DnsSetup setup, PlatformHosts hosts, ZoneView view, IDnsLookup dns, DmarcAbove? above, CancellationToken ct)
    {
        var name = domain.Name;
        var platform = $"include:{hosts.Mail}";
        var ours = ReadTransport.SpfTerms(setup.Server, setup.Direct, hosts);
        string[] past = [.. new[] { platform }.Except(ours), .. (setup.Server?.PastSpfTerms ?? []).Except(ours)];
        var spf = await DesiredSpf.Of(name, ours, [.. view.Texts(name, "v=spf1").Select(text => past.Length > 0 ? Without(text, past) : text)], dns, ct);
        var dmarc = DesiredDmarc.Of($"_dmarc.{name}", setup.DmarcStage, $"mailto:dmarc@{domain.ReturnPathHost}", [.. view.Texts($"_dmarc.{name}", "v=DMARC1")], above?.Policy);
        var records = new List<DesiredRecord>
        {
            Text(view, "ownership", $"_penguin.{name}", "penguin-domain-verification", [setup.Challenge], "Proves that the domain is this account's, before anything else is published for it.", true),
        };
        if (spf.Record is { } text) records.Add(Text(view, "spf", name, "v=spf1", [text], "Names the servers that may send for this domain; receivers count mail from others as forged.", true, spf.Note));
        records.AddRange(spf.Parts.Select(part => new DesiredRecord("spf_part", part.Name, DnsType.Txt, [part.Record], "A piece of the SPF record, which is too long or too dear for one.", true)));
        records.Add(Key("dkim", name, domain.DkimSelector, domain.DkimPublicKey, setup.DkimDelegate, "The public key that proves a message is yours and was not changed on its way.", true));
        records.Add(Key("dkim_next", name, setup.DkimNextSelector, setup.DkimNextPublicKey, setup.DkimDelegate, "The key that takes over when the first is rotated, so that nobody has to touch DNS then.", false));
        if (dmarc.Record is { } policy) records.Add(Text(view, "dmarc", $"_dmarc.{name}", "v=DMARC1", [policy], "Ties SPF and DKIM to the address people see; Gmail, Yahoo and Microsoft ask bulk senders for it.", true, dmarc.Note));
        records.Add(new("return_path", domain.ReturnPathHost, DnsType.Mx, [$"10 {hosts.Mail}"], "Bounces come back here, so that dead addresses are suppressed by themselves.", true));
        records.Add(Text(view, "return_path_spf", domain.ReturnPathHost, "v=spf1", [$"v=spf1 redirect={name}"], "SPF is judged by the return path; it refers to the record of the domain.", true));
        records.Add(new("tracking", domain.TrackingHost, DnsType.Cname, [hosts.Web], "Links and the unsubscribe page under your own name, so that their reputation is yours and not shared.", false));
        records.AddRange(Addressed(setup, view.Zone));
        records.AddRange(Optional(domain, setup, view));
        records.AddRange(DesiredWebNames.Of(name, setup, hosts, view));
        var bimi = DesiredBimi.Of(name, setup, view, above);
        if (bimi.Record is { } logo) records.Add(logo);
        records.AddRange(Gone(name, setup, view));
        var findings = spf.Findings.ToList();
        if (dmarc.Finding is { } found) findings.Add(found);
        if (bimi.Finding is { } unearned) findings.Add(unearned);
        findings.AddRange(DesiredWebNames.Findings(name, setup, hosts, view));
        findings.AddRange(ZoneOddities.Of(domain, setup, view, records));
        return new(records, findings);
    }

    static IEnumerable<DesiredRecord> Addressed(DnsSetup setup, string zone) => setup.Server?.AddressRecords(zone) ?? [];

    // Our own terms of a time when the mail left from elsewhere.
    static string Without(string record, IReadOnlyList<string> terms) => string.Join(' ', record.Split(' ').Where(one => !terms.Contains(one.TrimStart('+'), StringComparer.OrdinalIgnoreCase)));

    /// <summary>What a server that was left had here. Its address may be somebody else's tomorrow, and its keys may have been read.</summary>
    static IEnumerable<DesiredRecord> Gone(string name, DnsSetup setup, ZoneView view)
    {
        foreach (var past in setup.Server?.PastRecords(view) ?? []) yield return past;
        foreach (var host in setup.DkimRevokedSelectors.Select(selector => $"{selector}._domainkey.{name}"))
            foreach (var type in new[] { DnsType.Txt, DnsType.Cname }.Where(type => view.Find(host, type) is not null))
                yield return new("dkim_revoked", host, type, [], "The key of this record lay on a server that was left; mail signed with it must not pass any more.", true);
    }

    /// <summary>MX records as a plan writes them.</summary>
    internal static IReadOnlyList<string> Exchanges(DnsSetup setup) => [.. setup.MxHosts.Select((host, i) => $"{(i + 1) * 10} {host}")];

    static IEnumerable<DesiredRecord> Optional(Domain domain, DnsSetup setup, ZoneView view)
    {
        var name = domain.Name;
        if (setup.MxHosts.Count > 0)
            yield return new("mx", name, DnsType.Mx, Exchanges(setup), "Where answers to this domain go; one that cannot receive looks like a throw-away.", true);
        if (setup.HasTlsReports && !view.Texts($"_smtp._tls.{name}", "v=TLSRPTv1").Any())
            yield return Text(view, "tls_reports", $"_smtp._tls.{name}", "v=TLSRPTv1", [$"v=TLSRPTv1; rua=mailto:tls@{domain.ReturnPathHost}"], "Others report here when they could not deliver to you over TLS (RFC 8460).", false);
    }

    /// <summary>Ours among the texts of a name: those of the same kind are replaced, all others stay.</summary>
    internal static DesiredRecord Text(ZoneView view, string purpose, string name, string version, string[] texts, string why, bool isRequired, string note = "")
    {
        var others = (view.Find(name, DnsType.Txt)?.Values ?? []).Where(text => !IsOfKind(text, version));
        return new(purpose, name, DnsType.Txt, [.. others, .. texts], why, isRequired, note);
    }

    static bool IsOfKind(string text, string version) => ZoneView.Is(text, version) || text.StartsWith(version + "=", StringComparison.OrdinalIgnoreCase);

    static DesiredRecord Key(string purpose, string name, string selector, string publicKey, string? delegateTo, string why, bool isRequired) => delegateTo is null
        ? new(purpose, $"{selector}._domainkey.{name}", DnsType.Txt, [$"v=DKIM1; k=rsa; p={publicKey}"], why, isRequired)
        : new(purpose, $"{selector}._domainkey.{name}", DnsType.Cname, [$"{selector}.{name.Replace('.', '-')}.{delegateTo}"], why, isRequired, "An alias: the key itself is published by this installation and can be changed without you.");
}
