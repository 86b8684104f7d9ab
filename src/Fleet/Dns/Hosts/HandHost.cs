using PenguinMails.Core;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns.Hosts;

/// <summary>A zone that only a person can change: read as everybody reads it, written by copying values.</summary>
sealed class HandHost(string zone, DnsResolver resolver) : IDnsHost
{
    const int AtOnce = 8;

    public Task<Result<Done>> Probe(CancellationToken ct) => Task.FromResult<Result<Done>>(default(Done));

    public async Task<Result<ZoneView>> Read(IReadOnlyList<DesiredRecords.Place> places, CancellationToken ct)
    {
        var sets = new List<DnsRecordSet>();
        foreach (var batch in places.SelectMany(place => place.Types.Select(type => (place.Name, Type: type))).Chunk(AtOnce))
        {
            foreach (var (one, answer) in batch.Zip(await Task.WhenAll(batch.Select(one => resolver.Look(one.Name, one.Type, ct).AsTask()))))
            {
                if (answer.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut)
                    return new Problem(ProblemKind.Unavailable, "dns.host_silent", $"DNS {(answer.Status == DnsStatus.TimedOut ? "did not answer in time" : "answered with an error")} when asked for {one.Name}. Try again in some minutes.");
                // Behind an alias the records are another name's; the alias itself comes with its own question.
                if (answer.CanonicalName.Equals(one.Name, StringComparison.OrdinalIgnoreCase)) sets.AddRange(DnsRecordSet.Of(answer.Records.Where(record => record.Name == answer.CanonicalName)));
            }
        }

        return new ZoneView(zone, sets);
    }

    public Task<Result<Done>> Write(IReadOnlyList<DnsChange> changes, CancellationToken ct) => Task.FromResult<Result<Done>>(
        new Problem(ProblemKind.Conflict, "dns.by_hand", "This zone is changed by hand: copy the values, or import the zone file where your DNS is run, then press Check."));

    public void Dispose() { }
}
