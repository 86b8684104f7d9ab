using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns.Hosts;

/// <summary>Zones of the Hetzner Cloud API v1: record sets as a whole, one request for each, so a plan that stops halfway goes on where it stopped.</summary>
sealed class HetznerHost(string zone, ApiCall api) : IDnsHost
{
    public const string Root = "https://api.hetzner.cloud/v1/";

    const int PagesMax = 200;
    const int PerPage = 50;

    string Path => $"zones/{Uri.EscapeDataString(zone)}/rrsets";

    public async Task<Result<Done>> Probe(CancellationToken ct) => (await Read([], ct)).Problem is { } problem ? problem : default(Done);

    public async Task<Result<ZoneView>> Read(IReadOnlyList<DesiredRecords.Place> places, CancellationToken ct)
    {
        var wanted = places.SelectMany(place => place.Types.Select(type => (place.Name, type))).ToHashSet();
        var found = new List<DnsRecordSet>();
        var page = 1;
        for (var pages = 0; pages < PagesMax; pages++)
        {
            var answer = await api.Send(HttpMethod.Get, $"{Path}?per_page={PerPage}&page={page}", null, ct);
            if (answer.Problem is { } problem) return problem;
            if (ApiJson.Part(answer.Value, "rrsets") is not { ValueKind: JsonValueKind.Array } sets) return api.Unclear;
            found.AddRange(sets.EnumerateArray().Select(Read).OfType<DnsRecordSet>().Where(set => wanted.Contains((set.Name, set.Type))));
            var next = ApiJson.Part(answer.Value, "meta") is { } meta && ApiJson.Part(meta, "pagination") is { } pagination ? ApiJson.Number(pagination, "next_page") : null;
            if (next is not { } number || number <= page) return new ZoneView(zone, found);
            page = number;
        }

        return api.Unclear;
    }

    DnsRecordSet? Read(JsonElement set)
    {
        if (ApiJson.Text(set, "name") is not { } name || !Enum.TryParse<DnsType>(ApiJson.Text(set, "type"), ignoreCase: true, out var type)) return null;
        if (ApiJson.Part(set, "records") is not { ValueKind: JsonValueKind.Array } records) return null;
        var values = records.EnumerateArray().Select(record => ApiJson.Text(record, "value") is { } text ? ZoneText.Value(type, text) : null).OfType<string>().ToList();
        return values.Count == 0 ? null : new DnsRecordSet(name == "@" ? zone : $"{name}.{zone}", type, ApiJson.Number(set, "ttl") ?? PlanItem.TtlSecondsNew, values);
    }

    public async Task<Result<Done>> Write(IReadOnlyList<DnsChange> changes, CancellationToken ct)
    {
        foreach (var change in changes)
        {
            if ((await Write(change, ct)).Problem is { } problem) return problem;
        }

        return default(Done);
    }

    async Task<Result<JsonElement>> Write(DnsChange change, CancellationToken ct)
    {
        var set = change.After ?? change.Before ?? throw new InvalidOperationException("A change without records.");
        var name = set.Name == zone ? "@" : set.Name[..^(zone.Length + 1)];
        var type = set.Type.ToString().ToUpperInvariant();
        var one = $"{Path}/{Uri.EscapeDataString(name)}/{type}";
        if (change.After is not { } after) return await api.Send(HttpMethod.Delete, one, null, ct);
        var records = after.Values.Select(value => new { value = ZoneText.Of(after.Type, value) }).ToList();
        if (change.Before is not { } before) return await api.Send(HttpMethod.Post, Path, new { name, type, ttl = after.TtlSeconds, records }, ct);
        var written = await api.Send(HttpMethod.Post, one + "/actions/set_records", new { records }, ct);
        return written.IsOk && before.TtlSeconds != after.TtlSeconds ? await api.Send(HttpMethod.Post, one + "/actions/change_ttl", new { ttl = after.TtlSeconds }, ct) : written;
    }

    public void Dispose() => api.Dispose();
}
