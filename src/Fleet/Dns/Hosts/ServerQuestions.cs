using System.Net;
using PenguinMails.Core;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns.Hosts;

/// <summary>Asks one name server for every place, eight questions at a time.</summary>
static class ServerQuestions
{
    const int AtOnce = 8;

    public static async Task<Result<ZoneView>> Read(string zone, IPEndPoint server, string shown, IReadOnlyList<DesiredRecords.Place> places, DnsAuthority authority, CancellationToken ct)
    {
        var soa = await authority.Ask(server, zone, DnsType.Soa, ct);
        if (Fault(soa, zone, shown) is { } fault) return fault;
        if (!soa.IsAuthoritative || soa.Records.All(record => record.Type != DnsType.Soa))
            return new Problem(ProblemKind.Conflict, "dns.zone_missing", $"{shown} does not serve the zone {zone}. Check the name of the zone, and that it is a zone of its own there.");
        var records = new List<DnsRecord>();
        foreach (var batch in places.SelectMany(place => place.Types.Select(type => (place.Name, Type: type))).Where(one => one.Name == zone || one.Name.EndsWith("." + zone, StringComparison.Ordinal)).Distinct().Chunk(AtOnce))
        {
            foreach (var answer in await Task.WhenAll(batch.Select(one => authority.Ask(server, one.Name, one.Type, ct).AsTask())))
            {
                if (Fault(answer, zone, shown) is { } failed) return failed;
                records.AddRange(answer.Records);
            }
        }

        return Own(zone, DnsRecordSet.Of(records.Distinct()));
    }

    /// <summary>What a wildcard answers stands at no name of its own: a server cannot change it there (RFC 4592 2.2).</summary>
    static ZoneView Own(string zone, IReadOnlyList<DnsRecordSet> sets)
    {
        var all = new ZoneView(zone, sets);
        return new ZoneView(zone, sets.Where(set => set.Name.StartsWith("*.", StringComparison.Ordinal)
            || all.Wildcard(set.Name, set.Type) is not { } wild || wild.Type != set.Type || !wild.HasSameRecords(set with { Name = wild.Name })));
    }

    static Problem? Fault(DnsAuthorityAnswer answer, string zone, string shown) => answer.Status switch
    {
        DnsStatus.TimedOut => new Problem(ProblemKind.Unavailable, "dns.host_silent", $"{shown} does not answer questions. Check host and port, and that a firewall lets DNS through."),
        DnsStatus.ServerFailed => new Problem(ProblemKind.Conflict, "dns.zone_missing", $"{shown} answers questions about {zone} with an error. Check that it serves the zone and lets this installation ask."),
        DnsStatus.Found or DnsStatus.NoName or DnsStatus.NoRecords => null,
    };
}
