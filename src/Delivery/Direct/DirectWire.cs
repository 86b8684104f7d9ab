using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Routes;
using PenguinMails.Delivery.Transport;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Direct;

/// <summary>Brings the messages of one mailbox straight to the recipients' servers.</summary>
/// <remarks>A message that finds a connection open goes over it with the pass it has. For another the connection is made first, while it waits as if it had not passed;
/// then it passes the gate once more. So no slow server makes a pass stale, and a process that dies while it connects leaves nothing in doubt.</remarks>
sealed class DirectWire(DirectRoute route, RouteBook routes, DirectReach reach, TenantDb db, DeliveryOptions options, TimeProvider clock) : ILaneWire
{
    internal const string NoSource = "source_address_missing";

    public string Trouble { get; private set; } = "";

    public async Task Drain(LaneGate gate, CancellationToken ct)
    {
        if (route.Source is { } source && !Outbound.OwnAddresses().Contains(source)) Trouble = NoSource;
        while (Trouble.Length == 0 && !ct.IsCancellationRequested && await gate.Next() is { } pass) await Deliver(gate, pass, ct);
    }

    async Task Deliver(LaneGate gate, Pass pass, CancellationToken ct)
    {
        var visit = new Visit(pass);
        while (await Link(gate, visit, ct) is { } link)
        {
            var wasIdle = link.Messages > 0;
            var outcome = await SendOne(link, gate, visit.Pass, ct);
            link.Messages++;
            // One that waited may have been closed by its server at that moment; a host that refuses before it heard of the recipient speaks for itself (RFC 5321 5.1).
            var isEarly = outcome is { Stage: SmtpStage.Mail, Kind: SmtpKind.ConnectionLostBeforeData or SmtpKind.TransientRefusal };
            if (isEarly && wasIdle && outcome.Kind == SmtpKind.ConnectionLostBeforeData) visit.Tried.Remove(link.Host.Name);
            else if (isEarly) visit.Refused(link.Host.Name, outcome);
            else
            {
                Conclude(gate, visit, outcome, isSaid: true);
                (await visit.Pass.Ready).Sent();
                await reach.Pool.Give(link);
                return;
            }

            await reach.Pool.Discard(link);
        }
    }

    async Task<SmtpOutcome> SendOne(DirectLink link, LaneGate gate, Pass pass, CancellationToken ct)
    {
        Rendered? made = null;
        try
        {
            made = await LaneRender.Ready(gate, pass);
        }
        finally
        {
            if (made is null) await reach.Pool.Discard(link);
        }

        // Once begun the send is not cancelled: a stop waits for the server's word instead of leaving a doubt.
        return await link.Connection.Send(made.Envelope, made.Bytes, _ => ValueTask.FromResult(!ct.IsCancellationRequested && gate.TryBegin(pass)), CancellationToken.None);
    }

    /// <summary>A connection for the message, whose pass holds then; null when the message is done with for now.</summary>
    async Task<DirectLink?> Link(LaneGate gate, Visit visit, CancellationToken ct)
    {
        var domain = visit.Domain;
        if (reach.Destinations.Known(domain) is { } known)
        {
            if (IsClosed(known)) return GivenBack(gate, visit);
            if (reach.Pool.TakeIdle(reach.KeyOf(route, known), known, visit.Tried) is { } idle) return idle;
        }

        gate.Park(visit.Pass.Message);
        var opened = await Connect(visit, ct);
        if (opened is null || ct.IsCancellationRequested)
        {
            gate.Leave();
            if (opened?.Link is { } unused) await reach.Pool.Give(unused);
            return null;
        }

        var pass = await gate.Again(visit.Pass);
        if (pass is null)
        {
            if (opened.Link is { } unused) await reach.Pool.Give(unused);
            return null;
        }

        visit.Pass = pass;
        if (opened.Link is null) Conclude(gate, visit, visit.Last ?? opened.Refusal, visit.Last is not null || opened.IsSaid);
        return opened.Link;
    }

    /// <returns>Null: nothing goes there now.</returns>
    async Task<DirectReach.Opened?> Connect(Visit visit, CancellationToken ct)
    {
        Guid? reserved = null;
        DirectReach.Opened? opened = null;
        try
        {
            var to = visit.To = await reach.Destinations.Find(visit.Domain, ct);
            if (to.Hosts.Count == 0) return opened = new(null, to.Refusal, false);
            if (visit.Pass.Message.Provider.Length == 0) await LearnDomains.Learned(db, to.Domain.Ascii, to.Provider.Id, to.Hosts[0].Name, clock.GetUtcNow(), ct);
            if (IsClosed(to)) return null;
            var key = reach.KeyOf(route, to);
            var most = Math.Max(1, Math.Min(to.Provider.ConnectionsMax, routes.ConnectionsMax(to.Provider.Id, clock.GetUtcNow())));
            if (await reach.Pool.Reserve(key, to, visit.Tried, most, ct) is not { } place) return null;
            if (place.Link is { } standing) return opened = new(standing, null, true);
            reserved = place.Id;
            return opened = await reach.Open(place.Id, route, to, visit.Tried, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            if (reserved is { } unused && opened?.Link is null) await reach.Pool.Release(unused);
        }
    }

    bool IsClosed(Destination to) => routes.Closed(to.Provider.Id, clock.GetUtcNow()) is not null;

    static DirectLink? GivenBack(LaneGate gate, Visit visit)
    {
        gate.GiveBack(visit.Pass.Message);
        return null;
    }

    void Conclude(LaneGate gate, Visit visit, SmtpOutcome? outcome, bool isSaid)
    {
        if (outcome is null or { Kind: SmtpKind.Withheld })
        {
            gate.GiveBack(visit.Pass.Message);
            return;
        }

        var now = clock.GetUtcNow();
        if (isSaid && (visit.To ?? reach.Destinations.Known(visit.Domain)) is { } to) routes.Heard(to.Provider.Id, outcome, now);
        gate.Record(Outcome.Of(visit.Pass.Message, outcome, options, now));
    }
}
