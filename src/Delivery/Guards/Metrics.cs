using System.Globalization;
using System.Text;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Halts;
using PenguinMails.Delivery.Inbound;

namespace PenguinMails.Delivery.Guards;

/// <summary>Sums over all accounts, in the text format of Prometheus 0.0.4. Names are never renamed.</summary>
public static class Metrics
{
    /// <summary>Messages counted up to here: more waiting is shown as this.</summary>
    const int WaitingMax = 1_000_000;

    const string SelectNow = """
        select 'penguin_lanes', case when trouble <> '' then trouble when held <> '' then held else 'free' end, count(*)::double precision from delivery.lane group by 2
        union all
        select 'penguin_lanes_leased', '', count(*) from delivery.lane where lease_until > $1
        union all
        select 'penguin_messages_under_way', '', coalesce(sum(cardinality(under_way)), 0) from delivery.lane where lease_until > $1
        union all
        select 'penguin_platform_halted', '', count(*) from delivery.platform_halt
        union all
        select name, label, value from delivery.metric
        limit 10000
        """;

    // As ReadQueue tells it of one account: by the message's own code, else by its mailbox's. Counted once a minute, because it reads the queue.
    internal const string SelectWaiting = """
        select 'penguin_queue_messages',
          case
            when q.held <> '' then q.held
            when l.ready_at <= $1 or l.lease_until > $1 then 'turn'
            when l.trouble <> '' then l.trouble
            when l.held not in ('', 'gap') then l.held
            else 'turn' end as code,
          sum(q.messages)::double precision
        from (
          select mailbox_id, held, count(*) as messages
          from (select mailbox_id, held from delivery.queue limit 1000000) first
          group by mailbox_id, held) q
        join delivery.lane l on l.mailbox_id = q.mailbox_id
        group by code
        limit 100
        """;

    internal const string SelectOwn = """
        select 'penguin_guards', level, count(*)::double precision from delivery.guard where tenant_id = $1 group by level
        union all
        select 'penguin_routes', state, count(*) from delivery.route where tenant_id = $1 group by state
        union all
        select 'penguin_warm_ups', phase, count(*) from delivery.warm_up where tenant_id = $1 group by phase
        limit 100
        """;

    internal const string Zero = "update delivery.metric set value = 0 where name in ('penguin_queue_messages', 'penguin_guards', 'penguin_routes', 'penguin_warm_ups')";

    internal const string Set = "insert into delivery.metric (name, label, value) values ($1, $2, $3) on conflict (name, label) do update set value = excluded.value";

    internal const string Add = "insert into delivery.metric (name, label, value) values ($1, $2, $3) on conflict (name, label) do update set value = delivery.metric.value + excluded.value";

    static readonly (string Name, string Kind, string Label, string Help)[] Known =
    [
        ("penguin_queue_messages", "gauge", "held", $"Messages that wait, by the code of what they or their whole mailboxes wait for; counted up to {WaitingMax}."),
        ("penguin_lanes", "gauge", "state", "Mailboxes with a queue, by what holds them."),
        ("penguin_lanes_leased", "gauge", "", "Mailboxes that a worker serves now."),
        ("penguin_messages_under_way", "gauge", "", "Messages past the gate without an outcome."),
        ("penguin_platform_halted", "gauge", "", "1 while the operator stops everybody, or the program for want of room on its disk."),
        ("penguin_data_disk_size_bytes", "gauge", "", "The disk of the private database; absent with a server of your own."),
        ("penguin_data_disk_free_bytes", "gauge", "", "What is left of it; below PENGUIN__DATA__FLOORMEGABYTES nothing is sent."),
        ("penguin_edge_certificate_expires_seconds", "gauge", "", "When the certificate for incoming mail ends, in seconds since 1970; 0 while mail comes in clear; absent in a process without an edge."),
        ("penguin_guards", "gauge", "level", "Guards that are not clear or were resumed, by level."),
        ("penguin_routes", "gauge", "state", "Routes to receiving providers that were ever refused, by state."),
        ("penguin_warm_ups", "gauge", "phase", "Warm-ups, by phase."),
        ("penguin_messages_total", "counter", "outcome", "What became of messages, once each fact is counted."),
    ];

    sealed record Sample(string Name, string Label, double Value);

    /// <returns>Lines that end with a line feed each; what waits, guards, routes, warm-ups and the counter are at most a minute old.</returns>
    public static async Task<string> Write(TenantDb db, DataDisk disk, EdgeCertificate? edge, TimeProvider clock, CancellationToken ct)
    {
        List<Sample> samples;
        await using (var tx = await db.BeginUnscoped(ct))
            samples = await tx.List(SelectNow, row => new Sample(row.GetString(0), row.GetString(1), row.GetDouble(2)), ct, clock.GetUtcNow());
        if (disk.Look(clock) is { } room) samples.AddRange([new("penguin_data_disk_size_bytes", "", room.Size), new("penguin_data_disk_free_bytes", "", room.Free)]);
        if (edge is not null) samples.Add(new("penguin_edge_certificate_expires_seconds", "", edge.Until?.ToUnixTimeSeconds() ?? 0));
        var text = new StringBuilder();
        foreach (var (name, kind, label, help) in Known)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n");
            foreach (var sample in samples.Where(sample => sample.Name == name).OrderBy(sample => sample.Label, StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"{name}{(label.Length > 0 ? $"{{{label}=\"{sample.Label}\"}}" : "")} {sample.Value}\n");
        }

        return text.ToString();
    }
}
