using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using PenguinMails.Core;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns.Hosts;

/// <summary>A name server that takes updates (RFC 2136) signed with a shared key (RFC 8945): BIND, Knot, PowerDNS and others. All changes of a plan happen together or not at all.</summary>
sealed class Rfc2136Host(string zone, DnsEndPoint server, TsigKey key, Outbound outbound, TimeProvider clock, TimeSpan timeout) : IDnsHost
{
    string Shown => $"{server.Host}:{server.Port}";

    // An update without changes is checked for its key and for the right to update all the same (RFC 2136 3.3).
    public async Task<Result<Done>> Probe(CancellationToken ct) => (await Read([], ct)).Problem is { } problem ? problem : await Write([], ct);

    public async Task<Result<ZoneView>> Read(IReadOnlyList<DesiredRecords.Place> places, CancellationToken ct)
    {
        try
        {
            var address = await outbound.Find(server.Host, ct);
            var authority = new DnsAuthority(clock, RandomNumberGenerator.Fill) { Timeout = timeout };
            return await ServerQuestions.Read(zone, new IPEndPoint(address, server.Port), Shown, places, authority, ct);
        }
        catch (OutboundRefused refused)
        {
            return new Problem(ProblemKind.Conflict, "dns.host_unreachable", refused.Message);
        }
    }

    public async Task<Result<Done>> Write(IReadOnlyList<DnsChange> changes, CancellationToken ct)
    {
        if (DnsUpdate.Of(zone, changes, out var fault) is not { } update) return new Problem(ProblemKind.Conflict, "dns.host_refused", $"The changes cannot be written as an update: {fault}.");
        using var limit = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            await using var stream = new NetworkStream(await outbound.Connect(server, either.Token), ownsSocket: true);
            var reply = await new DnsUpdateClient(clock, RandomNumberGenerator.Fill) { Timeout = timeout }.Send(stream, update, key, ct);
            return Judge(reply);
        }
        catch (OutboundRefused refused)
        {
            return new Problem(ProblemKind.Conflict, "dns.host_unreachable", refused.Message);
        }
        catch (SocketException)
        {
            return new Problem(ProblemKind.Unavailable, "dns.host_unreachable", $"{Shown} takes no connection by TCP. Updates are sent by TCP: check the port and the firewall.");
        }
        catch (OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return Silent;
        }
    }

    Problem Silent => new(ProblemKind.Unavailable, "dns.host_silent", $"{Shown} did not answer in time. Whether the change was made is seen when it is applied again: nothing is done twice.");

    Result<Done> Judge(DnsUpdateReply reply) => reply.Outcome switch
    {
        DnsUpdateOutcome.Done => default(Done),
        DnsUpdateOutcome.Changed => new Problem(ProblemKind.Conflict, "dns.zone_changed", "The zone changed since the plan was made, so nothing was written."),
        DnsUpdateOutcome.UnknownKey => Key($"The server knows no key {key}. Name and algorithm must be the same on both sides."),
        DnsUpdateOutcome.WrongSecret => Key($"The secret of the key {key} is not the one the server has."),
        DnsUpdateOutcome.Refused => Key($"The server refuses updates of {zone} with the key {key}. Allow it there: allow-update or update-policy in BIND."),
        DnsUpdateOutcome.WrongTime => new Problem(ProblemKind.Conflict, "dns.clock_wrong", $"The clocks differ by more than 5 minutes{(reply.ClockDifference is { } by ? $": the server's is {Math.Abs(by.TotalMinutes):0} minutes {(by > TimeSpan.Zero ? "ahead" : "behind")}" : "")}. Set both by NTP."),
        DnsUpdateOutcome.NotAuthoritative => new Problem(ProblemKind.Conflict, "dns.zone_missing", $"{Shown} is not authoritative for {zone}. Give its primary server and the name of the zone."),
        DnsUpdateOutcome.OutsideZone => new Problem(ProblemKind.Conflict, "dns.host_refused", $"A name of the plan lies outside {zone}."),
        DnsUpdateOutcome.NotImplemented or DnsUpdateOutcome.FormatError => new Problem(ProblemKind.Conflict, "dns.host_refused", $"{Shown} takes no updates (RFC 2136)."),
        DnsUpdateOutcome.ServerFailed => new Problem(ProblemKind.Unavailable, "dns.host_failed", $"{Shown} could not make the change and says no more. Its log does; often it may not write its own zone file."),
        DnsUpdateOutcome.Unproved => new Problem(ProblemKind.Unavailable, "dns.host_unclear", $"The answer of {Shown} is not signed by the key, so it counts for nothing."),
        DnsUpdateOutcome.TimedOut => Silent,
        DnsUpdateOutcome.ConnectionLost => new Problem(ProblemKind.Unavailable, "dns.host_failed", $"{Shown} closed the connection without an answer."),
    };

    static Problem Key(string detail) => new(ProblemKind.Conflict, "dns.credential_refused", detail);

    public void Dispose() { }
}
