using PenguinMails.Core;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns.Hosts;

/// <summary>Whoever runs a zone. What goes wrong outside is a problem with one of these codes, never an exception:
/// <c>dns.credential_refused</c>, <c>dns.zone_missing</c>, <c>dns.host_refused</c>, <c>dns.host_busy</c>, <c>dns.host_failed</c>, <c>dns.host_silent</c>,
/// <c>dns.host_unreachable</c>, <c>dns.host_unclear</c>, <c>dns.zone_changed</c>, <c>dns.clock_wrong</c> or <c>dns.by_hand</c>.</summary>
interface IDnsHost : IDisposable
{
    /// <summary>Whether the host knows the zone and takes the credential. Changes nothing.</summary>
    Task<Result<Done>> Probe(CancellationToken ct);

    /// <summary>The record sets at these places, as the host itself has them.</summary>
    Task<Result<ZoneView>> Read(IReadOnlyList<DesiredRecords.Place> places, CancellationToken ct);

    /// <summary>Makes the changes, together where the host can; each only if what stood before still stands, as far as the host can tell.</summary>
    /// <param name="changes">At least one.</param>
    Task<Result<Done>> Write(IReadOnlyList<DnsChange> changes, CancellationToken ct);
}
