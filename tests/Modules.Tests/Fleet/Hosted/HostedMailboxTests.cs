using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Aliases;
using PenguinMails.Fleet.Provisionings;

namespace PenguinMails.Modules.Tests.Fleet.Hosted;

/// <summary>Limits of mailboxes on servers of ours, and many of them made at once.</summary>
public sealed class HostedMailboxTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static Task<Result<Mailbox>> Change(HostedWorld world, MailboxId id, ChangeMailbox.Input input) => ChangeMailbox.Handle(world.Actor, id, input, world.Db, world.Secrets, "test", world.Clock, Ct);

    static Task<Result<CreateMailboxes.Output>> Many(HostedWorld world, params WantedMailbox[] wanted) => CreateMailboxes.Handle(world.Actor, world.Domain, new(wanted), world.Db, world.Secrets, "test", world.Clock, Ct);

    [Theory]
    [InlineData(9, null, false)]
    [InlineData(10, null, true)]
    [InlineData(1_000_000, null, true)]
    [InlineData(1_000_001, null, false)]
    [InlineData(null, 0, false)]
    [InlineData(null, 1, true)]
    [InlineData(null, 100_000, true)]
    [InlineData(null, 100_001, false)]
    public async Task Quota_and_hourly_limit_change_within_their_range(int? quota, int? hourly, bool isTaken)
    {
        await using var world = await HostedWorld.Create(database);
        var id = (await world.Mailbox("sam")).Value.Id;
        var before = await world.Digest();
        var changed = await Change(world, id, new(QuotaMb: quota, HourlyLimit: hourly));
        Assert.Equal(isTaken ? null : "mailbox.invalid", changed.Problem?.Code);
        if (!isTaken) return;
        Assert.Equal((quota ?? 1024, hourly ?? 100), (changed.Value.QuotaMb, changed.Value.HourlyLimit));
        var told = Assert.Single((await world.Plan()).Mailboxes);
        Assert.Equal(((quota ?? 1024) * 1024L * 1024, hourly ?? 100), (told.QuotaBytes, told.HourlyLimit));
        Assert.NotEqual(before, await world.Digest());
        Assert.Equal(1, await world.Orders());
    }

    [Fact]
    public async Task A_mailbox_of_another_provider_has_no_quota_here()
    {
        await using var world = await HostedWorld.Create(database);
        var id = await world.Fleet.Connect(world.Fleet.Mailbox("other"));
        Assert.Equal("mailbox.not_hosted", (await Change(world, id, new(QuotaMb: 100))).Problem?.Code);
        Assert.Null((await ListMailboxes.One(world.Actor, id, world.Db, Ct)).Value.QuotaMb);
    }

    [Fact]
    public async Task Many_are_made_in_one_wish_and_one_order_and_a_second_wish_makes_none()
    {
        await using var world = await HostedWorld.Create(database);
        var there = (await world.Mailbox("sam")).Value.Id;
        WantedMailbox[] wanted = [new("sam", "Sam"), new(" Olivia ", "Olivia Hart"), new("reka", "Réka Nagy")];
        var first = (await Many(world, wanted)).Value;
        Assert.Equal([$"olivia@{world.Name}", $"reka@{world.Name}"], first.Made.Select(row => row.Address));
        Assert.Equal(there, Assert.Single(first.Kept).Id);
        var plan = await world.Plan();
        Assert.Equal(3, plan.Mailboxes.Count);
        Assert.Equal(3, plan.Mailboxes.SelectMany(mailbox => mailbox.Passwords).Distinct().Count());
        Assert.Equal(1, await world.Orders());
        var digest = await world.Digest();
        var second = (await Many(world, wanted)).Value;
        Assert.Empty(second.Made);
        Assert.Equal(first.Made.Select(row => row.Id).Append(there).ToHashSet(), second.Kept.Select(row => row.Id).ToHashSet());
        Assert.Equal(digest, await world.Digest());
    }

    [Fact]
    public async Task One_row_that_cannot_be_stops_all_and_every_such_row_is_named()
    {
        await using var world = await HostedWorld.Create(database);
        await AddAlias.Handle(world.Actor, world.Domain, new("sales", ["a@b.test"]), world.Db, world.Clock, Ct);
        await world.Fleet.Connect(world.Fleet.Mailbox("elsewhere"));
        var refused = (await Many(world, new("good", "Good"), new("two words", "X"), new("GOOD", "Again"), new("sales", "Alias"), new("elsewhere", "Other"), new("line", "a\nb"))).Problem;
        Assert.Equal("mailbox.rows_invalid", refused?.Code);
        Assert.Equal(["mailboxes[1].local", "mailboxes[2].local", "mailboxes[3].local", "mailboxes[4].local", "mailboxes[5].display_name"], refused?.Fields.Select(field => field.Field).Order());
        Assert.Contains(refused?.Fields ?? [], field => field.Detail.StartsWith("Row 3: ", StringComparison.Ordinal) && field.Detail.Contains("row 1"));
        Assert.Equal(0, await world.Count("select count(*) from fleet.mailbox where tenant_id = $1 and server_id is not null"));
        Assert.Equal(1, await world.Count("select count(*) from secrets.secret where tenant_id = $1 and path like 'mailboxes/%'")); // Of the one elsewhere.
    }

    [Theory]
    [InlineData(0, "mailbox.invalid")]
    [InlineData(500, null)]
    [InlineData(501, "mailbox.invalid")]
    public async Task Up_to_500_at_once(int count, string? code)
    {
        await using var world = await HostedWorld.Create(database);
        var made = await Many(world, [.. Enumerable.Range(0, count).Select(i => new WantedMailbox($"m{i}", $"Person {i}"))]);
        Assert.Equal(code, made.Problem?.Code);
        if (code is null) Assert.Equal(500, (await world.Plan()).Mailboxes.Count);
    }

    [Fact]
    public async Task Strangers_make_none()
    {
        await using var world = await HostedWorld.Create(database);
        foreach (var (stranger, code) in new[]
        {
            (Actor.System(database.NewTenant(), world.Fleet.Workspace), "domain.not_found"),
            (Actor.System(world.Fleet.Tenant, new WorkspaceId(Guid.CreateVersion7())), "domain.not_found"),
            (world.Actor with { Kind = ActorKind.Person }, "permission.missing"),
            (Actor.System(world.Fleet.Tenant), "workspace.missing"),
        })
            Assert.Equal(code, (await CreateMailboxes.Handle(stranger, world.Domain, new([new("a", "A")]), world.Db, world.Secrets, "test", world.Clock, Ct)).Problem?.Code);
    }
}
