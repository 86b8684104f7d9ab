using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns.Hosts;

/// <summary>PowerDNS Authoritative through its HTTP API (4.x): one PATCH changes all record sets in one transaction.</summary>
/// <remarks>The API has no condition on what stood before; the zone is read again right before it is written.</remarks>
sealed class PowerDnsHost(string zone, string server, ApiCall api) : IDnsHost
{
    // Slashes of a zone's id are written as =2F there; such names have none.
    string Path => $"api/v1/servers/{Uri.EscapeDataString(server)}/zones/{Uri.EscapeDataString(zone + ".")}";

    public async Task<Result<Done>> Probe(CancellationToken ct) => (await Read([], ct)).Problem is { } problem ? problem : default(Done);

    public async Task<Result<ZoneView>> Read(IReadOnlyList<DesiredRecords.Place> places, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Get, Path, null, ct);
        if (answer.Problem is { } problem) return problem;
        if (answer.Value is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("rrsets", out var sets) || sets.ValueKind != JsonValueKind.Array) return api.Unclear;
        var wanted = places.SelectMany(place => place.Types.Select(type => (place.Name, type))).ToHashSet();
        var found = new List<DnsRecordSet>();
        foreach (var set in sets.EnumerateArray())
        {
            if (Read(set) is { } one && wanted.Contains((one.Name, one.Type))) found.Add(one);
        }

        return new ZoneView(zone, found);
    }

    static DnsRecordSet? Read(JsonElement set)
    {
        if (set.ValueKind != JsonValueKind.Object || !set.TryGetProperty("name", out var name) || name.GetString() is not { } owner) return null;
        if (!set.TryGetProperty("type", out var word) || !Enum.TryParse<DnsType>(word.GetString(), ignoreCase: true, out var type)) return null;
        if (!set.TryGetProperty("records", out var records) || records.ValueKind != JsonValueKind.Array) return null;
        var values = records.EnumerateArray()
            .Where(record => !(record.TryGetProperty("disabled", out var off) && off.ValueKind == JsonValueKind.True))
            .Select(record => record.TryGetProperty("content", out var content) ? ZoneText.Value(type, content.GetString() ?? "") : null).OfType<string>().ToList();
        var ttl = set.TryGetProperty("ttl", out var seconds) && seconds.TryGetInt32(out var number) ? number : PlanItem.TtlSecondsNew;
        return values.Count == 0 ? null : new DnsRecordSet(owner.TrimEnd('.').ToLowerInvariant(), type, ttl, values);
    }

    public async Task<Result<Done>> Write(IReadOnlyList<DnsChange> changes, CancellationToken ct)
    {
        var body = new { rrsets = changes.Select(Body).ToList() };
        var answer = await api.Send(HttpMethod.Patch, Path, body, ct);
        return answer.Problem is { } problem ? problem : default(Done);
    }

    static object Body(DnsChange change) => change switch
    {
        { After: { } after } => new
        {
            name = after.Name + ".",
            type = after.Type.ToString().ToUpperInvariant(),
            ttl = after.TtlSeconds,
            changetype = "REPLACE",
            records = after.Values.Select(value => new { content = ZoneText.Of(after.Type, value), disabled = false }).ToList(),
        },
        { Before: { } before } => new { name = before.Name + ".", type = before.Type.ToString().ToUpperInvariant(), changetype = "DELETE" },
        _ => throw new InvalidOperationException("A change without records."),
    };

    public void Dispose() => api.Dispose();
}
