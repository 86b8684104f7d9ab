using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Delivery.Evidence;

/// <summary>Writes down what was found about a message in doubt, and acts on proof only.</summary>
/// <remarks>Accepted, by any source: sent. Not accepted, by a delivery log of ours that is whole, and accepted by nobody: it waits again, unless its campaign was stopped.
/// Anything less leaves it in doubt. A word of the server that comes later finds another attempt and changes nothing.</remarks>
static class SettleDoubt
{
    const string MarkSent = """
        update delivery.message
        set state = 'sent', reason = $4, sent_at = attempted_at, state_at = $3
        where tenant_id = $1 and id = $2 and state = 'in_doubt'
        """;

    const string MarkWaiting = """
        update delivery.message m
        set state = case when c.state = 'stopped' then 'dropped' else 'deferred' end, reason = case when c.state = 'stopped' then 'campaign_stopped' else 'not_accepted' end,
          attempt_token = null, due_at = $3, state_at = $3
        from delivery.campaign_control c
        where m.tenant_id = $1 and m.id = $2 and m.state = 'in_doubt' and c.tenant_id = m.tenant_id and c.campaign_id = m.campaign_id
        returning m.state
        """;

    const string Enqueue = """
        insert into delivery.queue (tenant_id, message_id, campaign_id, mailbox_id, due_at)
        values ($1, $2, $3, $4, $5)
        on conflict (tenant_id, message_id) do nothing
        """;

    const string Wake = "update delivery.lane set ready_at = least(ready_at, $2), wakes = wakes + 1 where mailbox_id = $1";

    /// <returns>The state it has now; null while it stays in doubt; empty when somebody else settled it meanwhile.</returns>
    public static async Task<string?> Within(TenantTx tx, MessageId id, SeekEvidence.Doubt doubt, IReadOnlyList<Finding> findings, DateTimeOffset now, CancellationToken ct)
    {
        // Who changes the queue of a lane holds the lane's row first.
        await tx.Execute(Wake, ct, doubt.Mailbox, now);
        foreach (var found in findings) await EvidenceBook.Write(tx, id, found, now, ct);
        if (findings.FirstOrDefault(found => found.Verdict == FindingVerdict.Accepted) is { } proof)
        {
            if (await tx.Execute(MarkSent, ct, tx.Tenant, id, now, proof.Source == EvidenceBook.DeliveryLog ? "log_shows_accepted" : "copy_in_sent_folder") == 0) return "";
            await WriteFact.Within(tx, "sent", id, doubt.Campaign, doubt.Mailbox.Value, proof.Source, now, ct);
            return "sent";
        }

        if (!findings.Any(found => found is { Verdict: FindingVerdict.NotAccepted, Source: EvidenceBook.DeliveryLog })) return null;
        if (await tx.Maybe(MarkWaiting, row => row.GetString(0), ct, tx.Tenant, id, now) is not { } state) return "";
        if (state == "deferred") await tx.Execute(Enqueue, ct, tx.Tenant, id, doubt.Campaign, doubt.Mailbox, now);
        await WriteFact.Within(tx, state, id, doubt.Campaign, doubt.Mailbox.Value, state == "deferred" ? "not_accepted" : "campaign_stopped", now, ct);
        return state;
    }
}
