using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>What is unusual about a zone, each with an explanation and a way out.</summary>
static class ZoneOddities
{
    const int StringOctets = 255; // RFC 1035 3.3.14.

    public static IEnumerable<ZoneFinding> Of(Domain domain, DnsSetup setup, ZoneView view, IReadOnlyList<DesiredRecord> records) =>
        records.SelectMany(record => Alias(view, record, domain.Name) ?? Outside(view, record) ?? []).DistinctBy(finding => (finding.Code, finding.Name))
            .Concat(Wild(view, records)).Concat(Cut(view, records)).Concat(About(domain, setup, view));

    // RFC 1034 3.6.2: beside an alias stands nothing else.
    static IEnumerable<ZoneFinding>? Alias(ZoneView view, DesiredRecord record, string domain)
    {
        if (record.Type != DnsType.Cname && view.Find(record.Name, DnsType.Cname) is { } alias)
            return
            [
                new("name.alias", record.Name, $"{record.Name} is an alias (CNAME) to {alias.Values[0]}, and beside an alias no other record may stand (RFC 1034 3.6.2).",
                    record.Name == domain
                        ? $"Ask your DNS host to turn the alias into A and AAAA records (some call it flattening or ALIAS), or send from a sub-domain without one, such as mail.{domain}."
                        : "Take the alias away by hand if nothing needs it, then plan again.", true),
            ];
        if (record.Type != DnsType.Cname) return null;
        var taken = new[] { DnsType.A, DnsType.Aaaa, DnsType.Txt, DnsType.Mx }.Where(type => view.Find(record.Name, type) is not null).ToList();
        return taken.Count == 0 ? null :
        [
            new("name.taken", record.Name, $"{record.Name} has {string.Join(", ", taken.Select(type => type.ToString().ToUpperInvariant()))} records, and an alias cannot stand beside them (RFC 1034 3.6.2).",
                "Take them away by hand if nothing needs them, then plan again.", true),
        ];
    }

    static IEnumerable<ZoneFinding>? Outside(ZoneView view, DesiredRecord record) => view.Holds(record.Name) ? null :
    [
        new("name.outside", record.Name, $"{record.Name} does not lie in the zone {view.Zone}, so it cannot be published there.", "Connect the zone that holds the domain.", true),
    ];

    static IEnumerable<ZoneFinding> Wild(ZoneView view, IReadOnlyList<DesiredRecord> records) => records
        .Where(record => view.Find(record.Name, record.Type) is null)
        .Select(record => view.Wildcard(record.Name, record.Type)).OfType<DnsRecordSet>().DistinctBy(set => (set.Name, set.Type))
        .Select(set => new ZoneFinding("zone.wildcard", set.Name, $"The wildcard {set.Name} ({set.Type.ToString().ToUpperInvariant()}) answers for every name without records of its own, also for some of ours until they are published.",
            "Nothing to do: our records take precedence at their names (RFC 4592 2.2.1), and the wildcard stays.", false));

    // Panels that take one string only cut longer texts, and a key that lost its end never verifies.
    static IEnumerable<ZoneFinding> Cut(ZoneView view, IReadOnlyList<DesiredRecord> records) =>
        from record in records
        where record.Type == DnsType.Txt
        let found = view.Find(record.Name, DnsType.Txt)
        where found is not null && found.Values.Any(text => text.Length <= StringOctets && record.Values.Any(whole => whole.Length > text.Length && text.Length > StringOctets / 2 && whole.StartsWith(text, StringComparison.Ordinal)))
        select new ZoneFinding("text.cut", record.Name, $"The text at {record.Name} ends after {StringOctets} characters: the panel cut it.", "Publish it as several quoted strings of one record; the zone file shows them so.", false);

    static IEnumerable<ZoneFinding> About(Domain domain, DnsSetup setup, ZoneView view)
    {
        if (view.Zone != domain.Name && view.Holds(domain.Name))
            yield return new("zone.above", domain.Name, $"{domain.Name} has no zone of its own: its records stand in {view.Zone}.", $"In a panel that adds {view.Zone} by itself, leave that part out of the names.", false);
        if (domain.Name.Split('.').Any(label => label.StartsWith("xn--", StringComparison.Ordinal)))
            yield return new("name.idn", domain.Name, "The domain has letters beyond ASCII. DNS and SMTP know it by the form that begins with xn--.", "Publish the records under that form; receivers that show addresses turn it back.", false);
        var exchanges = view.Find(domain.Name, DnsType.Mx)?.Values ?? [];
        if (setup.MxHosts.Count == 0 && exchanges.Count == 0)
            yield return new("mx.none", domain.Name, $"{domain.Name} has no MX record, so nobody can reply, and many receivers refuse its mail.", "Publish those your mailbox provider names, or name its hosts in the settings here.", false);
        if (exchanges.Any(exchange => exchange.EndsWith(" .", StringComparison.Ordinal)))
            yield return new("mx.null", domain.Name, $"{domain.Name} says that it takes no mail (RFC 7505).", "Replace that MX record by those of your mailbox provider.", setup.MxHosts.Count > 0);
    }
}
