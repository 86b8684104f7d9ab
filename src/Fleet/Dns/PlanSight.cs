using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>Asks every server of a zone, without recursion, and the resolver whether a plan's records are what the world sees.</summary>
static class PlanSight
{
    const int AtOnce = 8;
    const string Resolver = "resolver";

    /// <param name="IsWhole">The zone has servers, all of them answer, and all of them and the resolver show every item as planned.</param>
    /// <param name="Problem">What is waited for, in a sentence; empty when whole.</param>
    public sealed record Look(bool IsWhole, IReadOnlyList<ServerSight> Seen, string Problem);

    public static async Task<Look> At(string zone, IReadOnlyList<PlanItem> items, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        var resolver = reach.Dns.Resolver(clock);
        var authority = reach.Dns.Authority(clock);
        var servers = await NameServers.Of(zone, reach.Dns, resolver, reach.Outbound, ct);
        var looked = items.Where(item => item.Action != "blocked").ToList();
        var seen = new List<ServerSight>();
        foreach (var server in servers)
        {
            seen.Add(await Ask(server.Name, server.Address.Address.ToString(), looked, async item =>
            {
                var answer = await authority.Ask(server.Address, item.Name, item.RecordType, ct);
                // A server that is asked without recursion and does not serve the zone only refers to others.
                return answer is { Status: DnsStatus.Found, IsAuthoritative: false } ? (DnsStatus.ServerFailed, []) : (answer.Status, answer.Records);
            }));
        }

        seen.Add(await Ask(Resolver, "", looked, async item =>
        {
            var answer = await resolver.Look(item.Name, item.RecordType, ct);
            return (answer.Status, [.. answer.Records.Where(record => record.Name == item.Name)]);
        }));
        return new(servers.Count > 0 && seen.All(one => one.IsAnswering && one.Wrong.Count == 0), seen, Say(zone, servers.Count, seen));
    }

    /// <summary>Every server that answers shows the text that proves the domain, and at least one does.</summary>
    public static async Task<Look> Proof(string zone, PlanItem ownership, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        var look = await At(zone, [ownership], reach, clock, ct);
        var servers = look.Seen.Where(one => one.Server != Resolver).ToList();
        return look with { IsWhole = servers.Exists(one => one.IsAnswering) && servers.TrueForAll(one => !one.IsAnswering || one.Wrong.Count == 0) };
    }

    static async Task<ServerSight> Ask(string server, string address, IReadOnlyList<PlanItem> items, Func<PlanItem, Task<(DnsStatus Status, IReadOnlyList<DnsRecord> Records)>> ask)
    {
        var wrong = new List<string>();
        var answered = 0;
        foreach (var batch in items.Chunk(AtOnce))
        {
            foreach (var (item, answer) in batch.Zip(await Task.WhenAll(batch.Select(ask))))
            {
                var isAnswer = answer.Status is DnsStatus.Found or DnsStatus.NoName or DnsStatus.NoRecords;
                if (isAnswer) answered++;
                if (!isAnswer || !IsAsPlanned(item, answer.Records)) wrong.Add(item.Id);
            }
        }

        return new(server, address, answered == items.Count, items.Count - wrong.Count, wrong);
    }

    static bool IsAsPlanned(PlanItem item, IReadOnlyList<DnsRecord> records)
    {
        var found = DnsRecordSet.Of(records.Where(record => record.Type == item.RecordType)).FirstOrDefault(set => set.Name == item.Name);
        return item.SetAfter is { } after ? found?.HasSameRecords(after) == true : found is null;
    }

    static string Say(string zone, int servers, List<ServerSight> seen)
    {
        if (servers == 0) return $"DNS names no server for {zone} that can be asked. Set its name servers at the registrar, or wait until they are known.";
        if (seen.Find(one => !one.IsAnswering) is { } silent) return $"{Name(silent)} does not answer.";
        return seen.Find(one => one.Wrong.Count > 0) is { } behind ? $"{Name(behind)} does not show {behind.Wrong.Count} of {behind.Right + behind.Wrong.Count} records yet." : "";
    }

    static string Name(ServerSight sight) => sight.Server == Resolver ? "The resolver" : $"The name server {sight.Server} ({sight.Address})";
}
