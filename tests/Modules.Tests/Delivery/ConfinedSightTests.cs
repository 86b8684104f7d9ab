using System.Collections.Frozen;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Halts;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Routes;
using PenguinMails.Delivery.Warmup;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>Two clients of one agency: what is kept for the whole account shows neither of them the other's recipients, names and figures.</summary>
public sealed class ConfinedSightTests(TestDatabase database)
{
    static readonly FrozenSet<string> Scopes =
        FrozenSet.Create(Permissions.SuppressionsRead, Permissions.SuppressionsWrite, Permissions.MessagesRead, Permissions.MailboxesRead, Permissions.MailboxesManage);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static Actor ConfinedTo(SendingWorld world, WorkspaceId workspace) => new(ActorKind.Person, world.Tenant, workspace, new(Guid.CreateVersion7()), "usr_confined", Scopes) { Confined = Scopes };

    static bool IsGone(SmtpDelivery delivery) => delivery.Recipients[0].Text.StartsWith("gone", StringComparison.Ordinal);

    static Task<SendingWorld> World(TestDatabase database) => SendingWorld.Create(database, delivery => IsGone(delivery) ? new(550, "5.1.1", "User unknown") : SmtpAnswer.Ok);

    async Task<IReadOnlyList<string>> Listed(Actor actor, string? search = null) =>
        [.. (await ListSuppressions.Handle(actor, new(search, Limit: 200), database.Db, Ct)).Value.Items.Select(one => one.Value)];

    [Fact]
    public async Task A_bounce_is_listed_to_the_workspace_it_came_from_and_holds_in_every_one()
    {
        await using var world = await World(database);
        var (ours, theirs, owner) = (ConfinedTo(world, world.Workspace), ConfinedTo(world, new(Guid.CreateVersion7())), world.Actor with { Workspace = null });
        await world.Enqueue("gone@firm.example");
        await world.Dispatch();
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await AddSuppression.Handle(owner, new("rival.example"), database.Db, world.Clock, Ct);
        Assert.Equal(["gone@firm.example"], await Listed(ours));
        Assert.Empty(await Listed(theirs));
        Assert.Empty(await Listed(theirs, "gone@firm.example"));
        Assert.Equal(["rival.example", "gone@firm.example"], await Listed(owner));
        await world.InTenant(async tx => Assert.True((await CheckSuppressions.Within(tx, theirs.Workspace!.Value, ["gone@firm.example"], Ct)).ContainsKey("gone@firm.example")));
    }

    [Fact]
    public async Task A_suppression_from_before_its_origin_was_kept_gets_it_where_its_message_tells_it()
    {
        await using var world = await World(database);
        var (ours, theirs, owner) = (ConfinedTo(world, world.Workspace), ConfinedTo(world, new(Guid.CreateVersion7())), world.Actor with { Workspace = null });
        await world.Enqueue("gone@firm.example", "gone2@firm.example");
        await world.Dispatch();
        await world.InTenant(async tx =>
        {
            await Suppress.Within(tx, null, null, SuppressionKind.Address, "lost@firm.example", SuppressionReason.Complaint, "arf", Guid.CreateVersion7(), null, world.Clock.GetUtcNow(), Ct); // Its message is gone.
            await Suppress.Within(tx, null, null, SuppressionKind.Address, "asked@firm.example", SuppressionReason.Manual, "api", null, null, world.Clock.GetUtcNow(), Ct);
            await tx.Execute("update compliance.suppression set origin_workspace_id = null where tenant_id = $1", Ct, world.Tenant);
        });
        Assert.Empty(await Listed(ours));
        for (var n = 0; n < 2; n++) await TellOrigins.Tenant(database.Db, world.Tenant, Ct);
        Assert.Equal(["gone2@firm.example", "gone@firm.example"], (await Listed(ours)).Order(StringComparer.Ordinal));
        Assert.Empty(await Listed(theirs));
        Assert.Equal(4, (await Listed(owner)).Count);
        Assert.Equal("lost@firm.example", Assert.Single((await ListSuppressions.Handle(owner, new(), database.Db, Ct)).Value.Items, one => one.IsOriginUnknown).Value);
    }

    [Fact]
    public async Task Who_is_confined_adds_and_lifts_in_its_own_workspace_only()
    {
        await using var world = await World(database);
        var (ours, theirs) = (ConfinedTo(world, world.Workspace), ConfinedTo(world, new(Guid.CreateVersion7())));
        await world.Enqueue("gone@firm.example");
        await world.Dispatch();
        var bounce = (await ListSuppressions.Handle(ours, new(), database.Db, Ct)).Value.Items.Single().Id;
        Assert.Equal("suppression.not_found", (await RemoveSuppression.Handle(theirs, new(bounce), database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("suppression.of_account", (await RemoveSuppression.Handle(ours, new(bounce), database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("suppression.of_account", (await AddSuppression.Handle(theirs, new("gone@firm.example", true), database.Db, world.Clock, Ct)).Problem?.Code);
        var added = await AddSuppression.Handle(theirs, new("gone@firm.example"), database.Db, world.Clock, Ct); // Does not tell that it is suppressed elsewhere.
        Assert.True(added.IsOk);
        Assert.Equal(["gone@firm.example"], await Listed(theirs));
        Assert.Equal(["gone@firm.example"], await Listed(ours));
        Assert.True((await RemoveSuppression.Handle(theirs, new(added.Value.Id), database.Db, world.Clock, Ct)).IsOk);
        Assert.Equal(["gone@firm.example"], await Listed(ours));
        Assert.True((await RemoveSuppression.Handle(world.Actor with { Workspace = null }, new(bounce), database.Db, world.Clock, Ct)).IsOk);
    }

    [Fact]
    public async Task Queue_guards_routes_limits_and_warm_ups_show_what_the_workspace_sends_from()
    {
        await using var world = await World(database);
        var theirs = ConfinedTo(world, new(Guid.CreateVersion7()));
        var domain = (await world.Facts()).State.Domain;
        await Trouble(world, domain);
        var own = await Everything(ConfinedTo(world, world.Workspace), world);
        foreach (var marker in new[] { domain, world.Mailbox.ToString(), world.Campaign.ToString("N"), "10 bounces", "campaign_paused" }) Assert.Contains(marker, own, StringComparison.Ordinal);
        var strange = await Everything(theirs, world);
        foreach (var marker in new[] { domain, world.Mailbox.ToString(), world.Mailbox.Value.ToString("N"), world.Campaign.ToString("N"), "10 bounces", "rowan.example", "campaign_paused", "127.0.0.1" })
            Assert.DoesNotContain(marker, strange, StringComparison.Ordinal);
        Assert.Equal("warm_up.not_found", (await StartWarmUp.End(theirs, "domain", domain, database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("warm_up.invalid", (await StartWarmUp.Handle(theirs, new("mailbox", world.Mailbox.ToString()), database.Db, world.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_guard_over_several_workspaces_is_told_without_its_figures()
    {
        await using var world = await World(database);
        var theirs = ConfinedTo(world, new(Guid.CreateVersion7()));
        await world.InTenant(tx => tx.Execute("insert into fleet.mailbox_share (tenant_id, mailbox_id, workspace_id, may_send, may_read, shared_at) values ($1, $2, $3, true, false, now()) on conflict do nothing", Ct, world.Tenant, world.Mailbox, theirs.Workspace));
        await Trouble(world, (await world.Facts()).State.Domain);
        var guard = (await ResumeGuard.List(theirs, database.Db, Ct)).Value.Items.Single(one => one is { Measure: "bounce", Subject: "mailbox" });
        Assert.Equal((0L, 0L, ConfinedSight.Elsewhere), (guard.Sent, guard.Hits, guard.Sentence));
        Assert.DoesNotContain("10 bounces", await Everything(theirs, world), StringComparison.Ordinal);
        await world.Enqueue("next@rowan.example");
        await world.InTenant(tx => tx.Execute("update delivery.campaign_control set state = 'running' where tenant_id = $1", Ct, world.Tenant));
        var message = (await world.Messages()).Single(one => one.Address == "next@rowan.example").Id;
        var why = (await ExplainMessage.Handle(ConfinedTo(world, world.Workspace), message, database.Db, world.Clock, Ct)).Value;
        Assert.Equal("guard_paused", why.Code);
        Assert.DoesNotContain("10 bounces", why.Reason, StringComparison.Ordinal); // The mailbox sends for both.
        Assert.Contains("10 bounces", (await ExplainMessage.Handle(world.Actor, message, database.Db, world.Clock, Ct)).Value.Reason, StringComparison.Ordinal);
    }

    // One of everything that is kept for the whole account.
    async Task Trouble(SendingWorld world, string domain)
    {
        // Its receiving provider is nobody's that is known, and so is named by it.
        await LearnDomains.Learned(database.Db, "rowan.example", "mx:rowan.example", "mail.rowan.example", world.Clock.GetUtcNow(), Ct);
        await world.Enqueue([.. Enumerable.Range(0, 90).Select(i => $"ok{i}@rowan.example"), .. Enumerable.Range(0, 10).Select(i => $"gone{i}@rowan.example")]);
        await world.Dispatch();
        await world.CountFacts();
        await SetLimit.Handle(world.Actor, new("domain", domain, 3600, 1000), database.Db, world.Clock, Ct);
        await SetLimit.Handle(world.Actor, new("company", "rowan.example", 3600, 1000), database.Db, world.Clock, Ct);
        await SetLimit.Handle(world.Actor, new("server", "127.0.0.1", 3600, 1000), database.Db, world.Clock, Ct);
        await SetLimit.Handle(world.Actor, new("account", "*", 3600, 1000), database.Db, world.Clock, Ct);
        Assert.True((await StartWarmUp.Handle(world.Actor, new("domain", domain), database.Db, world.Clock, Ct)).IsOk);
        Assert.True((await StartWarmUp.Handle(world.Actor, new("mailbox", world.Mailbox.ToString()), database.Db, world.Clock, Ct)).IsOk);
        await world.InTenant(tx => tx.Execute("""
            insert into delivery.route (tenant_id, scope, key, provider, state, connections, gap_seconds, trips, in_a_row, has_accepted, rule, reason, changed_at)
            values ($1, 'mailbox', $2, 'mx:rowan.example', 'stopped', 0, 0, 1, 0, false, 'test', 'Blocked.', now())
            """, Ct, world.Tenant, world.Mailbox.Value.ToString("N")));
        await world.Enqueue("later@rowan.example");
        await world.InTenant(tx => tx.Execute("update delivery.queue set held = 'campaign_paused' where tenant_id = $1", Ct, world.Tenant));
    }

    // All that the page Sending is made of.
    async Task<string> Everything(Actor actor, SendingWorld world) => string.Join('\n',
        Json.Write((await ReadQueue.Handle(actor, database.Db, world.Clock, Ct)).Value), Json.Write((await ResumeGuard.List(actor, database.Db, Ct)).Value),
        Json.Write((await ListRoutes.Handle(actor, database.Db, world.Clock, Ct)).Value), Json.Write((await ListLimits.Handle(actor, database.Db, world.Clock, Ct)).Value),
        Json.Write((await StartWarmUp.List(actor, database.Db, Ct)).Value), Json.Write((await HaltSending.List(actor, database.Db, Ct)).Value));
}
