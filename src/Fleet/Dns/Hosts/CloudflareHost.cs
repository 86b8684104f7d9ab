using System.Globalization;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns.Hosts;

/// <summary>Cloudflare's API v4 with a token: records are single there; one batch deletes and creates them in one transaction.</summary>
/// <remarks>There is no condition on what stood before; the records are read again right before the batch, which names those it deletes by id.</remarks>
sealed class CloudflareHost(string zone, ApiCall api) : IDnsHost
{
    public const string Root = "https://api.cloudflare.com/client/v4/";

    const int PagesMax = 100;
    const int PerPage = 100;

    sealed record Entry(string Id, DnsRecordSet Set);

    public async Task<Result<Done>> Probe(CancellationToken ct) => (await Read([], ct)).Problem is { } problem ? problem : default(Done);

    public async Task<Result<ZoneView>> Read(IReadOnlyList<DesiredRecords.Place> places, CancellationToken ct)
    {
        var entries = await All(ct);
        if (entries.Problem is { } problem) return problem;
        var wanted = places.SelectMany(place => place.Types.Select(type => (place.Name, type))).ToHashSet();
        return new ZoneView(zone, Sets(entries.Value.Entries).Where(set => wanted.Contains((set.Name, set.Type))));
    }

    public async Task<Result<Done>> Write(IReadOnlyList<DnsChange> changes, CancellationToken ct)
    {
        var found = await All(ct);
        if (found.Problem is { } problem) return problem;
        var (id, entries) = found.Value;
        var view = new ZoneView(zone, Sets(entries));
        var deletes = new List<object>();
        foreach (var change in changes)
        {
            var set = change.Before ?? change.After ?? throw new InvalidOperationException("A change without records.");
            var stands = view.Find(set.Name, set.Type);
            if (stands is null ? change.Before is not null : change.Before?.HasSameRecords(stands) != true)
                return new Problem(ProblemKind.Conflict, "dns.zone_changed", "The zone changed since the plan was made, so nothing was written.");
            deletes.AddRange(entries.Where(entry => entry.Set.Name == set.Name && entry.Set.Type == set.Type).Select(entry => new { id = entry.Id }));
        }

        var posts = changes.SelectMany(change => change.After?.Values.Select(value => Body(change.After, value)) ?? []).ToList();
        var answer = await api.Send(HttpMethod.Post, $"zones/{id}/dns_records/batch", new { deletes, posts }, ct);
        return answer.Problem is { } refused ? refused : default(Done);
    }

    static Dictionary<string, object> Body(DnsRecordSet set, string value)
    {
        var body = new Dictionary<string, object> { ["name"] = set.Name, ["type"] = set.Type.ToString().ToUpperInvariant(), ["ttl"] = set.TtlSeconds, ["content"] = value };
        if (set.Type is DnsType.A or DnsType.Aaaa or DnsType.Cname) body["proxied"] = false; // A tracking host behind their proxy would not be the alias that is checked.
        if (set.Type == DnsType.Txt) body["content"] = ZoneText.Of(set.Type, value);
        if (set.Type != DnsType.Mx) return body;
        var words = value.Split(' ');
        (body["priority"], body["content"]) = (int.Parse(words[0], CultureInfo.InvariantCulture), words[1]);
        return body;
    }

    async Task<Result<(string Id, List<Entry> Entries)>> All(CancellationToken ct)
    {
        var zones = await api.Send(HttpMethod.Get, $"zones?name={Uri.EscapeDataString(zone)}", null, ct);
        if (zones.Problem is { } refused) return refused;
        if (Result(zones.Value) is not { } list) return api.Unclear;
        if (list.GetArrayLength() == 0) return new Problem(ProblemKind.Conflict, "dns.zone_missing", $"Cloudflare shows no zone {zone} to this token. Give it the right to read the zone and to edit its DNS.");
        if (ApiJson.Text(list[0], "id") is not { Length: > 0 } id || !id.All(char.IsAsciiLetterOrDigit)) return api.Unclear;
        var entries = new List<Entry>();
        for (var page = 1; page <= PagesMax; page++)
        {
            var answer = await api.Send(HttpMethod.Get, $"zones/{id}/dns_records?per_page={PerPage}&page={page}", null, ct);
            if (answer.Problem is { } problem) return problem;
            if (Result(answer.Value) is not { } records) return api.Unclear;
            entries.AddRange(records.EnumerateArray().Select(Read).OfType<Entry>());
            if (page >= (ApiJson.Part(answer.Value, "result_info") is { } info ? ApiJson.Number(info, "total_pages") ?? 1 : 1)) return (id, entries);
        }

        return api.Unclear;
    }

    static JsonElement? Result(JsonElement answer) => ApiJson.Part(answer, "result") is { ValueKind: JsonValueKind.Array } list ? list : null;

    static Entry? Read(JsonElement record)
    {
        if (ApiJson.Text(record, "id") is not { } id || ApiJson.Text(record, "name") is not { } name || ApiJson.Text(record, "content") is not { } content) return null;
        if (!Enum.TryParse<DnsType>(ApiJson.Text(record, "type"), ignoreCase: true, out var type)) return null;
        var value = type switch
        {
            DnsType.Txt => content.StartsWith('"') ? ZoneText.Value(type, content) : content,
            DnsType.Mx => $"{ApiJson.Number(record, "priority") ?? 0} {(content == "." ? "." : content.TrimEnd('.').ToLowerInvariant())}",
            _ => ZoneText.Value(type, content),
        };
        return value is null ? null : new(id, new(name.TrimEnd('.').ToLowerInvariant(), type, ApiJson.Number(record, "ttl") ?? PlanItem.TtlSecondsNew, [value]));
    }

    static IEnumerable<DnsRecordSet> Sets(IEnumerable<Entry> entries) => entries.GroupBy(entry => (entry.Set.Name, entry.Set.Type))
        .Select(group => new DnsRecordSet(group.Key.Name, group.Key.Type, group.Min(entry => entry.Set.TtlSeconds), [.. group.SelectMany(entry => entry.Set.Values)]));

    public void Dispose() => api.Dispose();
}
