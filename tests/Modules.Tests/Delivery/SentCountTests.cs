using PenguinMails.Core;
using PenguinMails.Delivery.Messages;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>What was sent in a month, which costs are shared by.</summary>
public sealed class SentCountTests(TestDatabase database)
{
    const string Place = "update delivery.message set state = $3, attempted_at = $4, sent_at = $4, workspace_id = $5, mailbox_id = $6 where tenant_id = $1 and address = $2";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sent_messages_of_a_month_are_counted_by_workspace_and_by_mailbox()
    {
        await using var world = await SendingWorld.Create(database);
        var (other, south) = (await world.AnotherMailbox(), new WorkspaceId(Guid.CreateVersion7()));
        var (north, own) = (world.Workspace, world.Mailbox);
        (string Address, string State, string At, WorkspaceId Workspace, MailboxId Mailbox)[] messages =
        [
            ("first@a.example", "sent", "2026-03-01T00:00:00Z", north, own), ("last@a.example", "sent", "2026-03-31T23:59:59Z", north, own), ("other@a.example", "sent", "2026-03-15T12:00:00Z", north, other), ("south@a.example", "sent", "2026-03-15T12:00:00Z", south, other),
            ("bounced@a.example", "bounced", "2026-03-15T12:00:00Z", north, own), ("before@a.example", "sent", "2026-02-28T23:59:59Z", north, own), ("after@a.example", "sent", "2026-04-01T00:00:00Z", north, own),
        ];
        await world.Enqueue([.. messages.Select(one => one.Address)]);
        await using var tx = await database.Db.Begin(world.Tenant, Ct);
        foreach (var one in messages) Assert.Equal(1, await tx.Execute(Place, Ct, world.Tenant, one.Address, one.State, DateTimeOffset.Parse(one.At, System.Globalization.CultureInfo.InvariantCulture), one.Workspace, one.Mailbox));
        var march = new DateOnly(2026, 3, 1);
        Assert.Equal(new() { [north] = 3, [south] = 1 }, await ReadSentByWorkspace.Within(tx, march, Ct));
        Assert.Equal(new() { [own] = 2, [other] = 1 }, await ReadSentByMailbox.Within(tx, north, march, Ct));
        Assert.Equal(new() { [north] = 1 }, await ReadSentByWorkspace.Within(tx, march.AddMonths(1), Ct));
        await using var theirs = await database.Db.Begin(database.NewTenant(), Ct);
        Assert.Empty(await ReadSentByWorkspace.Within(theirs, march, Ct));
    }
}
