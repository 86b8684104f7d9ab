using System.Diagnostics;
using System.Globalization;
using Npgsql;
using PenguinMails.Cli;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Transport;

namespace PenguinMails.Bench.Sending;

/// <summary>What it costs to take the next messages of a lane, while ever more wait: the claim must not feel the length of the queue.</summary>
static class ClaimBench
{
    const int Claimed = 20_000;
    const int Look = 500; // As a lane looks.
    const int Rounds = 3;
    const int WarmUps = 15; // Until what claims is compiled for good.

    // Rows as a campaign writes them, copied from one that it wrote: ids of version 7, so that neighbours in time lie together.
    const string Multiply = """
        insert into delivery.message (tenant_id, id, workspace_id, campaign_id, step, contact_id, mailbox_id, content_id, address, fields, due_at, state_at, created_at)
        select m.tenant_id, (v.start || substr(v.rest, 1, 15))::uuid, m.workspace_id, m.campaign_id, m.step, (v.start || substr(v.rest, 16, 15))::uuid, m.mailbox_id, m.content_id,
          'copy' || n || '@company' || n % 50000 || '.example', m.fields, $2::timestamptz + n * interval '1 millisecond', m.state_at, m.created_at
        from delivery.message m
        cross join generate_series(1, $3::integer) as n
        cross join lateral (
          select lpad(to_hex((extract(epoch from $2::timestamptz) * 1000)::bigint + n), 12, '0') || '7' || substr(md5(n || 'a'), 1, 3) || 'a' as start, md5(random()::text || n) as rest) v
        where m.id = (select id from delivery.message where campaign_id = $1 limit 1)
        """;

    const string Queue = """
        insert into delivery.queue (tenant_id, message_id, campaign_id, mailbox_id, due_at)
        select tenant_id, id, campaign_id, mailbox_id, due_at
        from delivery.message
        where campaign_id = $1 and address like 'copy%'
        on conflict (tenant_id, message_id) do nothing
        """;

    public static async Task Run(int most, CancellationToken ct)
    {
        await using var stage = await Stage.Open(Roles.Web, ct);
        var sendings = await Sendings.Open(stage, port: 9, "bench.example", signs: false, ct); // Nobody listens there: nothing is sent.
        var campaign = await sendings.Fill(10_000, ct);
        for (var round = 0; round < WarmUps; round++) await Claim(stage, Claimed, ct);
        var first = 0.0;
        for (var waiting = 10_000; waiting <= most; waiting *= 10)
        {
            await Grow(stage, campaign, waiting, ct);
            var cost = double.MaxValue;
            for (var round = 0; round < Rounds; round++) cost = Math.Min(cost, await Claim(stage, Math.Min(Claimed, waiting / 2), ct));
            if (first == 0) first = cost;
            Stage.Row($"Claim of a message with {waiting:N0} waiting", string.Create(CultureInfo.InvariantCulture, $"{cost:F1} µs"), string.Create(CultureInfo.InvariantCulture, $"with 10,000 waiting {first:F1} µs"), $"{cost / first:P0}", "at most 120 %");
        }
    }

    static async Task Grow(Stage stage, Guid campaign, int waiting, CancellationToken ct)
    {
        await using var source = stage.Database.OpenAsOwner();
        await using var connection = await source.OpenConnectionAsync(ct);
        await Execute("select set_config('app.tenant_id', $1, false)", stage.Tenant.Value.ToString());
        var rows = (long)(await Scalar("select count(*) from delivery.queue") ?? 0L);
        for (var missing = waiting - rows; missing > 0; missing -= 500_000)
            await Execute(Multiply, campaign, TimeProvider.System.GetUtcNow().AddHours(-3), (int)Math.Min(missing, 500_000));
        await Execute(Queue, campaign);
        await Execute("vacuum analyze delivery.queue");
        await Execute("vacuum analyze delivery.message");

        async Task Execute(string sql, params object[] values)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 1_800 };
            foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
            await command.ExecuteNonQueryAsync(ct);
        }

        async Task<object?> Scalar(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 1_800 };
            return await command.ExecuteScalarAsync(ct);
        }
    }

    /// <returns>Microseconds for each message, from the first look to the last, on the lane with the most waiting.</returns>
    static async Task<double> Claim(Stage stage, int messages, CancellationToken ct)
    {
        var now = TimeProvider.System.GetUtcNow();
        var lanes = await Lanes.Claim(stage.Db, 10, TimeSpan.FromMinutes(5), now, ct);
        var (cost, claimed) = (0.0, 0);
        foreach (var lane in lanes)
        {
            LaneFacts? facts;
            await using (var tx = await stage.Db.Begin(lane.Tenant, ct)) facts = await LaneFacts.Read(tx, lane.Mailbox.Value, true, now, ct);
            if (facts is null) continue;
            var started = Stopwatch.GetTimestamp();
            for (var place = QueuePlace.Start; place is not null && claimed < messages;)
            {
                (var found, place) = await ClaimMessages.Next(lane, facts, place, Look, claimed, stage.Db, now, ct);
                claimed += found.Count;
            }

            cost += Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }

        foreach (var lane in lanes) await Lanes.Release(stage.Db, lane, now, 0, "", "", now, ct);
        return claimed >= Math.Min(messages, 1) ? cost / claimed : throw new InvalidOperationException("Nothing could be claimed.");
    }
}
