using System.Globalization;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns.Hosts;

/// <summary>DigitalOcean's API v2 with a token: every record is single and changed by a request of its own.</summary>
/// <remarks>A set of several records is therefore between before and after for a while, and stays so when the program stops there. That is taken for ours and finished;
/// anything that belongs to neither side stops the write before its first request. A record that differs is replaced where it stands, so that a set of one is never absent.</remarks>
sealed class DigitalOceanHost(string zone, ApiCall api) : IDnsHost
{
    public const string Root = "https://api.digitalocean.com/v2/";

    /// <summary>As <see cref="DnsSetup.HostKind"/> names it.</summary>
    public const string Kind = "digitalocean";

    const int PagesMax = 100;
    const int PerPage = 200; // The most it gives at once.

    sealed record Entry(string Id, DnsRecordSet Set)
    {
        public string Value => Set.Values[0];
    }

    string Path => $"domains/{Uri.EscapeDataString(zone)}/records";

    public async Task<Result<Done>> Probe(CancellationToken ct) => (await Read([], ct)).Problem is { } problem ? problem : default(Done);

    public async Task<Result<ZoneView>> Read(IReadOnlyList<DesiredRecords.Place> places, CancellationToken ct)
    {
        var entries = await All(ct);
        if (entries.Problem is { } problem) return problem;
        var wanted = places.SelectMany(place => place.Types.Select(type => (place.Name, type))).ToHashSet();
        return new ZoneView(zone, Sets(entries.Value).Where(set => wanted.Contains((set.Name, set.Type))));
    }

    public async Task<Result<Done>> Write(IReadOnlyList<DnsChange> changes, CancellationToken ct)
    {
        var entries = await All(ct);
        if (entries.Problem is { } problem) return problem;
        var view = new ZoneView(zone, Sets(entries.Value));
        if (changes.Any(change => !HalfwaySet.IsBetween(view.Find(Of(change).Name, Of(change).Type), change.Before, change.After)))
            return new Problem(ProblemKind.Conflict, "dns.zone_changed", "The zone changed since the plan was made, so nothing was written.");
        // What goes away first: an alias takes no other record beside it, and none takes an alias.
        foreach (var change in changes.OrderBy(change => change.After is null ? 0 : 1))
        {
            var (name, type) = (Of(change).Name, Of(change).Type);
            if ((await Write(change, [.. entries.Value.Where(entry => entry.Set.Name == name && entry.Set.Type == type)], ct)).Problem is { } refused) return refused;
        }

        return default(Done);
    }

    static DnsRecordSet Of(DnsChange change) => change.After ?? change.Before ?? throw new InvalidOperationException("A change without records.");

    async Task<Result<Done>> Write(DnsChange change, List<Entry> standing, CancellationToken ct)
    {
        var spare = new Queue<Entry>(standing.Where(entry => change.After is null || !HalfwaySet.Holds(change.After, entry.Value)));
        foreach (var value in change.After?.Values ?? [])
        {
            if (change.After is not { } after) break;
            var old = standing.Find(entry => HalfwaySet.AreSame(after.Type, entry.Value, value)) ?? (spare.TryDequeue(out var replaced) ? replaced : null);
            if (old is not null && HalfwaySet.AreSame(after.Type, old.Value, value) && old.Set.TtlSeconds == after.TtlSeconds) continue;
            var written = old is null ? await api.Send(HttpMethod.Post, Path, Body(after, value), ct) : await api.Send(HttpMethod.Put, $"{Path}/{old.Id}", Body(after, value), ct);
            if (written.Problem is { } refused) return refused;
        }

        foreach (var entry in spare)
        {
            if ((await api.Send(HttpMethod.Delete, $"{Path}/{entry.Id}", null, ct)).Problem is { } refused) return refused;
        }

        return default(Done);
    }

    // Names are relative, @ is the zone itself; a host without its final dot would be taken to lie in the zone. Texts are given plain: it cuts them into strings itself.
    Dictionary<string, object> Body(DnsRecordSet set, string value)
    {
        var body = new Dictionary<string, object> { ["type"] = set.Type.ToString().ToUpperInvariant(), ["name"] = set.Name == zone ? "@" : set.Name[..^(zone.Length + 1)], ["ttl"] = set.TtlSeconds };
        var words = value.Split(' ', 2);
        if (set.Type == DnsType.Mx) (body["priority"], value) = (int.Parse(words[0], CultureInfo.InvariantCulture), words[1]);
        body["data"] = set.Type is DnsType.Mx or DnsType.Cname ? value.TrimEnd('.') + "." : value;
        return body;
    }

    async Task<Result<List<Entry>>> All(CancellationToken ct)
    {
        var entries = new List<Entry>();
        for (var page = 1; page <= PagesMax; page++)
        {
            var answer = await api.Send(HttpMethod.Get, $"{Path}?page={page}&per_page={PerPage}", null, ct);
            if (answer.Problem is { } problem) return problem;
            if (ApiJson.Part(answer.Value, "domain_records") is not { ValueKind: JsonValueKind.Array } records) return api.Unclear;
            entries.AddRange(records.EnumerateArray().Select(Read).OfType<Entry>());
            var pages = ApiJson.Part(answer.Value, "links") is { } links ? ApiJson.Part(links, "pages") : null;
            if (pages is not { } more || ApiJson.Text(more, "next") is null) return entries;
        }

        return api.Unclear;
    }

    Entry? Read(JsonElement record)
    {
        if (ApiJson.Id(record) is not { } id || !id.All(char.IsAsciiDigit) || ApiJson.Text(record, "name") is not { } name || ApiJson.Text(record, "data") is not { } data) return null;
        if (!Enum.TryParse<DnsType>(ApiJson.Text(record, "type"), ignoreCase: true, out var type)) return null;
        var value = type switch
        {
            DnsType.Txt => data.StartsWith('"') ? ZoneText.Value(type, data) : data,
            DnsType.Mx => $"{ApiJson.Number(record, "priority") ?? 0} {Host(data)}",
            DnsType.Cname or DnsType.Ns => Host(data),
            _ => ZoneText.Value(type, data),
        };
        var owner = name == "@" ? zone : $"{name.TrimEnd('.').ToLowerInvariant()}.{zone}";
        return value is null ? null : new(id, new(owner, type, ApiJson.Number(record, "ttl") ?? PlanItem.TtlSecondsNew, [value]));
    }

    string Host(string data) => data switch { "@" => zone, "." => ".", _ => data.TrimEnd('.').ToLowerInvariant() };

    static IEnumerable<DnsRecordSet> Sets(IEnumerable<Entry> entries) => entries.GroupBy(entry => (entry.Set.Name, entry.Set.Type))
        .Select(group => new DnsRecordSet(group.Key.Name, group.Key.Type, group.Min(entry => entry.Set.TtlSeconds), [.. group.SelectMany(entry => entry.Set.Values)]));

    public void Dispose() => api.Dispose();
}
