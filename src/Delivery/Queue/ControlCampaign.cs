using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Queue;

/// <summary>Starts, pauses, resumes and stops the sending of a campaign. Runs inside the caller's transaction.</summary>
/// <remarks>A pause holds from the moment it commits: the last gate before DATA reads the same row.</remarks>
public static class ControlCampaign
{
    const string Upsert = """
        insert into delivery.campaign_control (tenant_id, campaign_id, workspace_id, state, zone, days, from_minute, to_minute, updated_at, clock, shape, skips_holidays)
        values ($1, $2, $3, 'running', $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict (tenant_id, campaign_id) do update
        set state = 'running', zone = excluded.zone, days = excluded.days, from_minute = excluded.from_minute, to_minute = excluded.to_minute, updated_at = excluded.updated_at,
          clock = excluded.clock, shape = excluded.shape, skips_holidays = excluded.skips_holidays
        """;

    const string SelectPlan = "select zone, days, from_minute, to_minute, clock, shape, skips_holidays from delivery.campaign_control where tenant_id = $1 and campaign_id = $2";

    // A lane's own transactions begin so too: nobody then waits for a row of somebody who waits for one of his.
    internal const string LockLanes = """
        select 1
        from delivery.lane
        where mailbox_id in (select distinct mailbox_id from delivery.queue where tenant_id = $1 and campaign_id = $2)
        order by mailbox_id
        limit 100000
        for update
        """;

    const string SetState = "update delivery.campaign_control set state = $3, updated_at = $4 where tenant_id = $1 and campaign_id = $2";

    const string Hold = "update delivery.queue set due_at = 'infinity', held = 'campaign_paused' where tenant_id = $1 and campaign_id = $2";

    const string Release = """
        update delivery.queue q
        set due_at = greatest(m.due_at, $3), held = ''
        from delivery.message m
        where q.tenant_id = $1 and q.campaign_id = $2 and m.tenant_id = q.tenant_id and m.id = q.message_id
        """;

    const string WakeLanes = """
        update delivery.lane
        set ready_at = least(ready_at, $3), wakes = wakes + 1
        where mailbox_id in (select distinct mailbox_id from delivery.queue where tenant_id = $1 and campaign_id = $2)
        """;

    const string Drop = """
        with dropped as (
          update delivery.message m
          set state = 'dropped', reason = 'campaign_stopped', state_at = $3
          from delivery.queue q
          where q.tenant_id = $1 and q.campaign_id = $2 and m.tenant_id = $1 and m.id = q.message_id and m.state in ('queued', 'deferred')
          returning m.id, m.mailbox_id)
        insert into delivery.fact (tenant_id, id, at, kind, message_id, campaign_id, mailbox_id, detail)
        select $1, gen_random_uuid(), $3, 'dropped', id, $2, mailbox_id, 'campaign_stopped'
        from dropped
        """;

    const string Forget = "delete from delivery.queue where tenant_id = $1 and campaign_id = $2";

    public static Task Start(TenantTx tx, Guid campaign, WorkspaceId workspace, SendPlan plan, DateTimeOffset now, CancellationToken ct) =>
        tx.Execute(Upsert, ct, tx.Tenant, campaign, workspace, plan.Window.Zone, (short)plan.Window.Days, (short)plan.Window.FromMinute, (short)plan.Window.ToMinute, now,
            SendPlan.Word(plan.Clock), SendPlan.Word(plan.Shape), plan.SkipsHolidays);

    /// <summary>As it was started with. Null: it was not.</summary>
    internal static Task<SendPlan?> PlanOf(TenantTx tx, Guid campaign, CancellationToken ct) => tx.Maybe(SelectPlan,
        row => SendPlan.Of(new(row.GetString(0), row.GetInt16(1), row.GetInt16(2), row.GetInt16(3)), row.GetString(4), row.GetString(5), row.GetBoolean(6)), ct, tx.Tenant, campaign);

    public static async Task Pause(TenantTx tx, Guid campaign, DateTimeOffset now, CancellationToken ct)
    {
        await SetStateOf(tx, campaign, "paused", now, ct);
        await tx.Execute(Hold, ct, tx.Tenant, campaign);
    }

    public static async Task Resume(TenantTx tx, Guid campaign, DateTimeOffset now, CancellationToken ct)
    {
        await SetStateOf(tx, campaign, "running", now, ct);
        await tx.Execute(Release, ct, tx.Tenant, campaign, now);
        await tx.Execute(WakeLanes, ct, tx.Tenant, campaign, now);
    }

    /// <summary>What is not sent yet is dropped for good.</summary>
    public static async Task Stop(TenantTx tx, Guid campaign, DateTimeOffset now, CancellationToken ct)
    {
        await SetStateOf(tx, campaign, "stopped", now, ct);
        await tx.Execute(Drop, ct, tx.Tenant, campaign, now);
        await tx.Execute(Forget, ct, tx.Tenant, campaign);
    }

    static async Task SetStateOf(TenantTx tx, Guid campaign, string state, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Execute(LockLanes, ct, tx.Tenant, campaign);
        await tx.Execute(SetState, ct, tx.Tenant, campaign, state, now);
    }
}
