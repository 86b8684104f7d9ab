using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Guards;

/// <summary>Judges every rate of an account by its rule and writes what changed.</summary>
static class JudgeGuards
{
    // Mail of the conversation pool (its campaign is its mailbox) makes no rate look better; what bounces of it counts.
    const string SelectSums = """
        select case when grouping(mailbox_id) = 0 then 'mailbox' when grouping(campaign_id) = 0 then 'campaign' when grouping(provider) = 0 then 'provider' else 'tenant' end,
          mailbox_id, campaign_id, provider,
          sum(sent) filter (where hour > $2 and campaign_id <> mailbox_id), sum(bounced) filter (where hour > $2), sum(complained) filter (where hour > $2), sum(blocked) filter (where hour > $2),
          sum(sent) filter (where campaign_id <> mailbox_id), sum(bounced), sum(complained), sum(blocked)
        from delivery.tally
        where tenant_id = $1 and hour > $3
        group by grouping sets ((mailbox_id), (campaign_id), (provider), ())
        limit 1000000
        """;

    // Of a guard that a person resumed: only what was sent from then on.
    const string SelectSince = """
        select sum(sent) filter (where campaign_id <> mailbox_id), sum(bounced), sum(complained), sum(blocked)
        from delivery.tally
        where tenant_id = $1 and hour >= $2 and ($3::uuid[] is null or mailbox_id = any($3)) and ($4::uuid is null or campaign_id = $4) and ($5::text is null or provider = $5)
        """;

    const string Upsert = """
        insert into delivery.guard (tenant_id, measure, subject, key, level, count_from, sent, hits, threshold, code, sentence, changed_at, judged_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
        on conflict (tenant_id, measure, subject, key) do update
        set level = excluded.level, count_from = excluded.count_from, sent = excluded.sent, hits = excluded.hits, threshold = excluded.threshold, code = excluded.code, sentence = excluded.sentence,
          changed_at = case when delivery.guard.level = excluded.level then delivery.guard.changed_at else excluded.changed_at end, judged_at = excluded.judged_at
        """;

    /// <summary>Counts of one subject over the short and the long window.</summary>
    sealed record Sums(string Subject, string Key, long[] Short, long[] Long)
    {
        public static Sums operator +(Sums a, Sums b) => a with { Short = [.. a.Short.Zip(b.Short, (x, y) => x + y)], Long = [.. a.Long.Zip(b.Long, (x, y) => x + y)] };
    }

    const int ShortDays = 7, LongDays = 28;

    /// <returns>Those that were paused by this look.</returns>
    public static async Task<List<KeptGuard>> Run(TenantTx tx, DateTimeOffset now, CancellationToken ct)
    {
        var sums = await tx.List(SelectSums, Read, ct, tx.Tenant, now.AddDays(-ShortDays), now.AddDays(-LongDays));
        var mailboxes = sums.Where(s => s.Subject == "mailbox").ToList();
        sums.RemoveAll(s => s.Subject == "campaign" && mailboxes.Exists(m => m.Key == s.Key));
        var states = await ReadSendingState.Within(tx, mailboxes.ConvertAll(s => Guid.Parse(s.Key)), ct);
        var byId = states.ToDictionary(s => s.Id.Value);
        sums.AddRange(Grouped(mailboxes, "domain", key => byId.GetValueOrDefault(Guid.Parse(key))?.Domain));
        sums.AddRange(Grouped(mailboxes, "ip", key => byId.GetValueOrDefault(Guid.Parse(key))?.Server));
        var known = (await KeptGuard.All(tx, ct)).ToDictionary(guard => (guard.Measure, guard.Subject, guard.Key));
        var paused = new List<KeptGuard>();
        foreach (var one in sums)
            foreach (var rule in GuardRule.All.Where(rule => KeptGuard.Word(rule.Subject) == one.Subject))
            {
                var before = known.GetValueOrDefault((KeptGuard.Word(rule.Measure), one.Subject, one.Key));
                var state = before is null ? GuardState.Clear : new(before.Level, before.CountFrom);
                var counts = state.CountFrom is { } from && Guard.CountedFrom(rule, state, now) == from ? await Since(tx, one, states, from, ct) : rule.Days == ShortDays ? one.Short : one.Long;
                var verdict = Guard.Judge(rule, state, Tally(rule.Measure, counts), Name(one, byId));
                if (before is null && verdict.Level == GuardLevel.Clear) continue;
                await Write(tx, one, verdict, now, ct);
                if (verdict.Level == GuardLevel.Pause && state.Level != GuardLevel.Pause) paused.Add(KeptGuard.Of(verdict, one.Subject, one.Key, now));
            }

        foreach (var guard in paused) await tx.Append(Actor.System(tx.Tenant), "guard.paused", $"{guard.Measure} {guard.Subject} {guard.Key}", new { guard.Sentence }, now, ct);
        return paused;
    }

    static IEnumerable<Sums> Grouped(List<Sums> mailboxes, string subject, Func<string, string?> keyOf) =>
        from sums in mailboxes
        let key = keyOf(sums.Key)
        where key is not null
        group sums by key into same
        select same.Aggregate((a, b) => a + b) with { Subject = subject, Key = same.Key };

    static async Task<long[]> Since(TenantTx tx, Sums one, List<SendingState> states, DateTimeOffset from, CancellationToken ct)
    {
        var mailboxes = one.Subject switch
        {
            "mailbox" => [Guid.Parse(one.Key)],
            "domain" => states.Where(s => s.Domain == one.Key).Select(s => s.Id.Value).ToArray(),
            "ip" => states.Where(s => s.Server == one.Key).Select(s => s.Id.Value).ToArray(),
            _ => null,
        };
        return await tx.One(SelectSince, row => Four(row, 0), ct, tx.Tenant, from, mailboxes, one.Subject == "campaign" ? Guid.Parse(one.Key) : (Guid?)null, one.Subject == "provider" ? one.Key : null);
    }

    static GuardTally Tally(GuardMeasure measure, long[] counts)
    {
        var hits = measure switch
        {
            GuardMeasure.Bounce => counts[1],
            GuardMeasure.Complaint => counts[2],
            GuardMeasure.Block => counts[3],
        };
        return new(Math.Max(counts[0], hits), hits); // A report may come to a message that was in doubt, and so was never counted as sent.
    }

    static string Name(Sums one, Dictionary<Guid, SendingState> states) => one.Subject switch
    {
        "mailbox" => $"mailbox {(states.TryGetValue(Guid.Parse(one.Key), out var state) ? state.Address : "that was removed")}",
        "campaign" => "this campaign",
        "ip" => $"server {one.Key}",
        "tenant" => "the account",
        "provider" => one.Key.Length > 0 ? $"mail to {one.Key}" : "mail to providers that are not known yet",
        _ => $"{one.Subject} {one.Key}",
    };

    static Task<int> Write(TenantTx tx, Sums one, GuardVerdict verdict, DateTimeOffset now, CancellationToken ct) =>
        tx.Execute(Upsert, ct, tx.Tenant, KeptGuard.Word(verdict.Measure), one.Subject, one.Key, KeptGuard.Word(verdict.Level), verdict.Next.CountFrom, verdict.Sent, verdict.Hits, verdict.Threshold, verdict.Code, verdict.Sentence, now);

    static Sums Read(NpgsqlDataReader row)
    {
        var subject = row.GetString(0);
        var key = subject switch
        {
            "mailbox" => row.GetGuid(1).ToString("N"),
            "campaign" => row.GetGuid(2).ToString("N"),
            "provider" => row.GetString(3),
            _ => "*",
        };
        return new(subject, key, Four(row, 4), Four(row, 8));
    }

    static long[] Four(NpgsqlDataReader row, int first) => [.. Enumerable.Range(first, 4).Select(i => row.Maybe<long>(i) ?? 0)];
}
