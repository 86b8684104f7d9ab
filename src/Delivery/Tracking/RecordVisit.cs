using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Delivery.Tracking;

/// <summary>Writes down a visit in the caller's transaction, and orders the look at it: alone a visit says little, so it is judged with what came beside it.</summary>
/// <remarks>Beyond <see cref="VisitsMax"/> for one message nothing more is kept: no person comes so often, and a flood must not fill the table.</remarks>
static class RecordVisit
{
    public const int VisitsMax = 200;
    const int AgentLengthMax = 300;

    const string Insert = """
        insert into delivery.visit (tenant_id, message_id, id, at, kind, number, is_head, agent)
        select $1, $2, $3, $4, $5, $6, $7, $8
        where (select count(*) from delivery.visit where tenant_id = $1 and message_id = $2) < $9
        """;

    public static async Task Within(TenantTx tx, MessageId message, VisitKind kind, int number, bool isHead, string agent, DeliveryOptions options, DateTimeOffset now, CancellationToken ct)
    {
        var shown = new string([.. agent.Where(c => !char.IsControl(c)).Take(AgentLengthMax)]);
        if (await tx.Execute(Insert, ct, tx.Tenant, message, Guid.CreateVersion7(now), now, Word(kind), (short)number, isHead, shown, (long)VisitsMax) == 0) return;
        // One job for all visits of a stretch of time; it is due when the last of them has waited long enough.
        var wait = options.VisitSettleSeconds;
        var stretch = now.ToUnixTimeSeconds() / wait;
        var due = DateTimeOffset.FromUnixTimeSeconds((stretch + 2) * wait);
        await tx.Enqueue(new JobOrder<SettleVisits.Order>(SettleVisits.Kind, new(message)) { UniqueKey = $"{message.Value:N}/{stretch}", DueAt = due, Priority = 8 }, now, ct);
    }

    public static string Word(VisitKind kind) => kind switch { VisitKind.Open => "open", VisitKind.Click => "click", VisitKind.Trap => "trap" };

    public static VisitKind Kind(string word) => word switch
    {
        "open" => VisitKind.Open,
        "click" => VisitKind.Click,
        "trap" => VisitKind.Trap,
        _ => throw new InvalidOperationException($"Unknown kind of visit {word}."),
    };
}
