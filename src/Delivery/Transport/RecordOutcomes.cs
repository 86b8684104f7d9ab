using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Mail.Reports;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Transport;

/// <summary>What became of one attempt, in the words of the ledger.</summary>
sealed record Outcome(Claimed Message, MessageState State, string Reason, SmtpOutcome Smtp, BounceVerdict? Bounce, DateTimeOffset? NextAt);

/// <summary>Writes outcomes into the ledger: state, queue, facts and suppressions in one transaction.</summary>
sealed class RecordOutcomes(Lane lane, TenantDb db, DeliveryOptions options, TimeProvider clock)
{
    const int SmtpTextLengthMax = 500;

    // One statement: the ledger row, its place in the queue, and the fact.
    const string Write = """
        with o as (
          select id, state, reason, next_at, code, status, said, bounce_class, bounce_category
          from unnest($4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::smallint[], $9::text[], $10::text[], $11::text[], $12::text[])
            as t (id, state, reason, next_at, code, status, said, bounce_class, bounce_category)),
        written as (
          update delivery.message m
          set state = o.state, reason = o.reason, state_at = $3, sent_at = case when o.state = 'sent' then $3 else m.sent_at end,
            due_at = coalesce(o.next_at, m.due_at), smtp_code = nullif(o.code, 0), smtp_status = nullif(o.status, ''), smtp_text = o.said,
            bounce_class = nullif(o.bounce_class, ''), bounce_category = nullif(o.bounce_category, '')
          from o
          where m.tenant_id = $1 and m.id = any($4) and m.id = o.id and m.state = 'sending' and m.attempt_token = $2
          returning m.id, m.campaign_id, m.mailbox_id, m.state, m.reason, m.bounce_category),
        closed as (
          delete from delivery.queue q
          using o
          where q.tenant_id = $1 and q.message_id = o.id and o.next_at is null),
        requeued as (
          update delivery.queue q
          set due_at = o.next_at
          from o
          where q.tenant_id = $1 and q.message_id = o.id and o.next_at is not null)
        insert into delivery.fact (tenant_id, id, at, kind, message_id, campaign_id, mailbox_id, detail)
        select $1, gen_random_uuid(), $3, w.state, w.id, w.campaign_id, w.mailbox_id, coalesce(nullif(w.reason, ''), w.bounce_category, '')
        from written w
        """;

    // Safe without waiting for the disk: an outcome lost with the machine leaves the message in doubt, never unsent.
    const string DoNotWaitForDisk = "set local synchronous_commit = off";

    readonly Coalescer<Outcome, Done> _coalescer = new(outcomes => Flush(outcomes, lane, db, clock));

    /// <summary>Returns when the outcome is committed.</summary>
    public Task Add(Claimed message, SmtpOutcome smtp) => _coalescer.Add(Judge(message, smtp));

    Outcome Judge(Claimed message, SmtpOutcome smtp)
    {
        var attempt = message.Attempt + 1;
        return smtp.Kind switch
        {
            SmtpKind.Accepted => new(message, MessageState.Sent, "", smtp, null, null),
            SmtpKind.InDoubt => new(message, MessageState.InDoubt, "no_reply_seen", smtp, null, null),
            SmtpKind.PermanentRefusal => new(message, MessageState.Bounced, "refused", smtp, BounceClassifier.Classify(smtp.Code, smtp.EnhancedCode, smtp.Text), null),
            SmtpKind.Unsupported => new(message, MessageState.Failed, "unsupported", smtp, null, null),
            SmtpKind.TransientRefusal or SmtpKind.ConnectionLostBeforeData when attempt >= options.AttemptsMax =>
                new(message, MessageState.Failed, "given_up", smtp, null, null),
            SmtpKind.TransientRefusal => new(message, MessageState.Deferred, "deferred", smtp, null, Next(message, attempt)),
            SmtpKind.ConnectionLostBeforeData => new(message, MessageState.Deferred, "connection_lost", smtp, null, Next(message, attempt)),
            SmtpKind.Withheld => throw new InvalidOperationException("A withheld message was never attempted."),
        };
    }

    DateTimeOffset Next(Claimed message, int attempt) => clock.GetUtcNow() + RetryDelay.After(attempt, options.RetrySeconds, message.Id.Value.GetHashCode());

    static async Task<IReadOnlyList<Done>> Flush(IReadOnlyList<Outcome> outcomes, Lane lane, TenantDb db, TimeProvider clock)
    {
        // Not cancellable: what the server said must be written, or the message would be in doubt for nothing.
        var ct = CancellationToken.None;
        var now = clock.GetUtcNow();
        var ids = outcomes.Select(o => o.Message.Id.Value).ToArray();
        await using var tx = await db.Begin(lane.Tenant, ct);
        var hardBounces = outcomes.Where(o => o.Bounce is { Class: BounceClass.Hard, Blame: BounceBlame.List }).ToList();
        if (hardBounces.Count == 0) await tx.Execute(DoNotWaitForDisk, ct);
        await tx.Execute(Write, ct, lane.Tenant, lane.Token, now, ids, outcomes.Select(o => o.State.Word()).ToArray(), outcomes.Select(o => o.Reason).ToArray(),
            outcomes.Select(o => o.NextAt?.ToUniversalTime()).ToArray(), outcomes.Select(o => (short)o.Smtp.Code).ToArray(),
            outcomes.Select(o => o.Smtp.EnhancedCode ?? "").ToArray(), outcomes.Select(o => Cut(o.Smtp.Text)).ToArray(),
            outcomes.Select(o => o.Bounce?.Class.Word() ?? "").ToArray(), outcomes.Select(o => o.Bounce?.Category.Word() ?? "").ToArray());
        foreach (var hard in hardBounces)
            await Suppress.Within(tx, null, SuppressionKind.Address, hard.Message.Address, SuppressionReason.Bounce, "smtp", hard.Message.Id.Value, hard.Smtp.EnhancedCode, now, ct);
        await tx.Commit(ct);
        return new Done[outcomes.Count];
    }

    static string Cut(string text) => text.Length <= SmtpTextLengthMax ? text : text[..SmtpTextLengthMax];
}

/// <summary>Delay between attempts of a message.</summary>
public static class RetryDelay
{
    const int HoursMax = 6;

    /// <summary>Delay before the next attempt after <paramref name="attempt"/> failures.</summary>
    /// <param name="attempt">1 for the first failure; at most 30.</param>
    /// <param name="baseSeconds">300 by default, so 5, 10, 20, 40 min: at or above the 30 min of RFC 5321 4.5.4.1 from the fourth failure on.</param>
    /// <param name="seed">Draws the jitter of 0.8 to 1.2.</param>
    /// <returns>Doubles with each failure, capped at 6 h.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Attempt outside 1 to 30: a caller's bug.</exception>
    public static TimeSpan After(int attempt, int baseSeconds, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(attempt, 30);
        var seconds = Math.Min(HoursMax * 3600.0, baseSeconds * Math.Pow(2, attempt - 1));
        return TimeSpan.FromSeconds(seconds * (0.8 + 0.4 * new Random(HashCode.Combine(seed, attempt)).NextDouble()));
    }
}
