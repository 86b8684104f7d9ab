namespace PenguinMails.Delivery.Transport;

/// <summary>The way a lane's messages leave: through the mailbox's own server, or straight to the recipients' servers.</summary>
interface ILaneWire
{
    /// <summary>Code of what keeps the whole mailbox from sending; empty while nothing does. Stops every connection.</summary>
    string Trouble { get; }

    /// <summary>Sends what passes the gate until nothing more comes. Several run at once.</summary>
    Task Drain(LaneGate gate, CancellationToken ct);
}
