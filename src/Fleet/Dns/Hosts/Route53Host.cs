using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns.Hosts;

/// <summary>Amazon Route 53 (API 2013-04-01): record sets as a whole, all changes in one batch, each deletion only of exactly what is named, so the service itself compares.</summary>
/// <param name="keyId">Of an access key that may list hosted zones, list record sets and change them.</param>
sealed class Route53Host(string zone, string keyId, string secret, ApiCall api, TimeProvider clock) : IDnsHost
{
    public const string Root = "https://route53.amazonaws.com/";

    const string Version = "2013-04-01";
    const int PagesMax = 100;

    static readonly XNamespace Space = "https://route53.amazonaws.com/doc/2013-04-01/";

    /// <param name="Raw">Contents as the service wrote them: a deletion must repeat them to the letter.</param>
    sealed record Entry(DnsRecordSet Set, IReadOnlyList<string> Raw);

    public async Task<Result<Done>> Probe(CancellationToken ct) => (await Read([], ct)).Problem is { } problem ? problem : default(Done);

    public async Task<Result<ZoneView>> Read(IReadOnlyList<DesiredRecords.Place> places, CancellationToken ct)
    {
        var found = await All(ct);
        if (found.Problem is { } problem) return problem;
        var wanted = places.SelectMany(place => place.Types.Select(type => (place.Name, type))).ToHashSet();
        return new ZoneView(zone, found.Value.Entries.Select(entry => entry.Set).Where(set => wanted.Contains((set.Name, set.Type))));
    }

    public async Task<Result<Done>> Write(IReadOnlyList<DnsChange> changes, CancellationToken ct)
    {
        var found = await All(ct);
        if (found.Problem is { } problem) return problem;
        var batch = new XElement(Space + "Changes");
        foreach (var change in changes)
        {
            var set = change.Before ?? change.After ?? throw new InvalidOperationException("A change without records.");
            var stands = found.Value.Entries.Find(entry => entry.Set.Name == set.Name && entry.Set.Type == set.Type);
            if (stands is null ? change.Before is not null : change.Before?.HasSameRecords(stands.Set) != true) return Changed;
            if (stands is not null) batch.Add(Change("DELETE", stands.Set, stands.Raw));
            if (change.After is { } after) batch.Add(Change("CREATE", after, after.Values.Select(value => ZoneText.Of(after.Type, value))));
        }

        var body = new XElement(Space + "ChangeResourceRecordSetsRequest", new XElement(Space + "ChangeBatch", batch));
        var answer = await Call(HttpMethod.Post, $"{Version}/hostedzone/{found.Value.Id}/rrset/", "", body.ToString(SaveOptions.DisableFormatting), ct);
        return answer.Problem is { } refused ? refused : default(Done);
    }

    static Problem Changed => new(ProblemKind.Conflict, "dns.zone_changed", "The zone changed since the plan was made, so nothing was written.");

    static XElement Change(string action, DnsRecordSet set, IEnumerable<string> contents) => new(Space + "Change",
        new XElement(Space + "Action", action),
        new XElement(Space + "ResourceRecordSet",
            new XElement(Space + "Name", set.Name + "."), new XElement(Space + "Type", set.Type.ToString().ToUpperInvariant()), new XElement(Space + "TTL", set.TtlSeconds),
            new XElement(Space + "ResourceRecords", contents.Select(content => new XElement(Space + "ResourceRecord", new XElement(Space + "Value", content))))));

    async Task<Result<(string Id, List<Entry> Entries)>> All(CancellationToken ct)
    {
        var zones = await Call(HttpMethod.Get, $"{Version}/hostedzonesbyname", $"dnsname={Uri.EscapeDataString(zone)}&maxitems=1", null, ct);
        if (zones.Problem is { } refused) return refused;
        var first = zones.Value.Descendants(Space + "HostedZone").FirstOrDefault();
        if (first?.Element(Space + "Name")?.Value.TrimEnd('.') != zone)
            return new Problem(ProblemKind.Conflict, "dns.zone_missing", $"Route 53 shows no hosted zone {zone} to this key. Check the account, and that the key may list zones.");
        if (first.Element(Space + "Id")?.Value.Split('/')[^1] is not { Length: > 0 } id || !id.All(char.IsAsciiLetterOrDigit)) return api.Unclear;
        var entries = new List<Entry>();
        var from = "";
        for (var page = 0; page < PagesMax; page++)
        {
            var answer = await Call(HttpMethod.Get, $"{Version}/hostedzone/{id}/rrset", $"maxitems=300{from}", null, ct);
            if (answer.Problem is { } problem) return problem;
            if (answer.Value.Root?.Element(Space + "ResourceRecordSets") is not { } sets) return api.Unclear;
            entries.AddRange(sets.Elements().Select(Read).OfType<Entry>());
            if (answer.Value.Root.Element(Space + "IsTruncated")?.Value != "true") return (id, entries);
            from = $"&name={Uri.EscapeDataString(answer.Value.Root.Element(Space + "NextRecordName")?.Value ?? "")}&type={Uri.EscapeDataString(answer.Value.Root.Element(Space + "NextRecordType")?.Value ?? "")}";
        }

        return api.Unclear;
    }

    static Entry? Read(XElement set)
    {
        if (!Enum.TryParse<DnsType>(set.Element(Space + "Type")?.Value, ignoreCase: true, out var type) || set.Element(Space + "Name")?.Value is not { } name) return null;
        var raw = set.Descendants(Space + "Value").Select(value => value.Value).ToList();
        // An alias of their own kind has no contents; its target stands for them, so that the place does not look empty.
        var values = raw.Count > 0 ? raw.Select(text => ZoneText.Value(type, text)).OfType<string>().ToList() : [.. set.Descendants(Space + "DNSName").Select(target => target.Value.TrimEnd('.'))];
        var ttl = int.TryParse(set.Element(Space + "TTL")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : PlanItem.TtlSecondsNew;
        return values.Count == 0 ? null : new(new(name.Replace("\\052", "*", StringComparison.Ordinal).TrimEnd('.').ToLowerInvariant(), type, ttl, values), raw);
    }

    async Task<Result<XDocument>> Call(HttpMethod method, string path, string query, string? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, query.Length == 0 ? path : $"{path}?{query}");
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/xml");
        AmazonSignature.Sign(request, api.Root, keyId, secret, body ?? "", clock.GetUtcNow());
        var answer = await api.Text(request, ct);
        if (answer.Problem is { } problem) return Meaning(problem);
        try
        {
            using var reader = XmlReader.Create(new StringReader(answer.Value), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            return XDocument.Load(reader);
        }
        catch (XmlException)
        {
            return api.Unclear;
        }
    }

    // Both come as 400; the first also when somebody changed a set between our reading and writing.
    static Problem Meaning(Problem problem) =>
        problem.Code != "dns.host_refused" ? problem
        : problem.Detail.Contains("InvalidChangeBatch", StringComparison.Ordinal) ? problem with { Code = "dns.zone_changed" }
        : problem.Detail.Contains("Throttling", StringComparison.Ordinal) || problem.Detail.Contains("PriorRequestNotComplete", StringComparison.Ordinal)
            ? new Problem(ProblemKind.Unavailable, "dns.host_busy", "Route 53 asks to wait before the next request.")
            : problem;

    public void Dispose() => api.Dispose();
}
