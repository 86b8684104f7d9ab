using PenguinMails.Core;
using PenguinMails.Secrets.BreakGlass;
using PenguinMails.Secrets.Entries;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>A value is shown to a person only after a second one agreed, for a while, and never unseen.</summary>
[Collection(nameof(SecretsWorld))]
public sealed class BreakGlassTests(TestDatabase database)
{
    const string Reason = "The provider locked us out and asks for the password.";
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static async Task<(SecretId Secret, Actor First, Actor Second)> Prepare(SecretsWorld world)
    {
        var (first, second) = (world.Person(), world.Person());
        var written = await WriteSecret.Handle(first, new("mailboxes/m/smtp", new Dictionary<string, string> { ["password"] = "behind glass" }, "set up"), "test", world.Store, world.Db, world.Clock, Ct);
        return (written.Value.Id, first, second);
    }

    static Task<Result<ReadBehindGlass.Output>> Read(SecretsWorld world, Actor actor, GrantId id) => ReadBehindGlass.Handle(actor, id, "web 198.51.100.7", world.Store, world.Db, world.Clock, Ct);

    [Fact]
    public async Task The_value_is_shown_after_a_second_person_agreed_until_the_time_is_over()
    {
        await using var world = new SecretsWorld(database);
        var told = new List<BreakGlassOpened>();
        world.Kinds.On<BreakGlassOpened>("test.told", (opened, _, _) =>
        {
            told.Add(opened);
            return Task.CompletedTask;
        });
        var (secret, first, second) = await Prepare(world);
        var grant = (await RequestBreakGlass.Handle(first, new(secret, Reason, 30), world.Db, world.Clock, Ct)).Value.Id;
        Assert.Equal("break_glass.not_open", (await Read(world, first, grant)).Problem?.Code);
        Assert.Equal("break_glass.second_person", (await DecideBreakGlass.Approve(first, grant, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.True((await DecideBreakGlass.Approve(second, grant, world.Db, world.Clock, Ct)).IsOk);
        Assert.Equal("break_glass.decided", (await DecideBreakGlass.Approve(world.Person(), grant, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("behind glass", (await Read(world, first, grant)).Value.Fields["password"]);
        Assert.Equal("break_glass.not_yours", (await Read(world, second, grant)).Problem?.Code);
        world.Clock.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromSeconds(1));
        Assert.True((await Read(world, first, grant)).IsOk);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("break_glass.not_open", (await Read(world, first, grant)).Problem?.Code);
        var shown = (await ListGrants.One(first, grant, world.Db, world.Clock, Ct)).Value;
        Assert.Equal((GrantState.Expired, 2), (shown.State, shown.Reads));

        await world.Jobs();
        var notice = Assert.Single(told, one => one.Grant == grant);
        Assert.Equal((first.User, second.User, Reason), (notice.RequestedBy, notice.ApprovedBy, notice.Reason));
        var reads = (await world.Chain()).Where(entry => entry.Action == "secret.read").ToList();
        Assert.Equal(2, reads.Count);
        Assert.All(reads, entry => Assert.True(entry.Actor == first.Label && entry.Detail.Contains(grant.ToString(), StringComparison.Ordinal) && entry.Detail.Contains("198.51.100.7", StringComparison.Ordinal)));
        Assert.DoesNotContain(await world.Chain(), entry => entry.Detail.Contains("behind glass", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refused_withdrawn_closed_and_unanswered_requests_show_nothing()
    {
        await using var world = new SecretsWorld(database);
        var (secret, first, second) = await Prepare(world);
        async Task<GrantId> Ask() => (await RequestBreakGlass.Handle(first, new(secret, Reason, 30), world.Db, world.Clock, Ct)).Value.Id;
        var (refused, withdrawn, closed, unanswered) = (await Ask(), await Ask(), await Ask(), await Ask());
        await DecideBreakGlass.Refuse(second, refused, world.Db, world.Clock, Ct);
        await DecideBreakGlass.Close(first, withdrawn, world.Db, world.Clock, Ct);
        await DecideBreakGlass.Approve(second, closed, world.Db, world.Clock, Ct);
        await DecideBreakGlass.Close(second, closed, world.Db, world.Clock, Ct);
        foreach (var grant in new[] { refused, withdrawn, closed }) Assert.Equal("break_glass.not_open", (await Read(world, first, grant)).Problem?.Code);
        world.Clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal("break_glass.decided", (await DecideBreakGlass.Approve(second, unanswered, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal([GrantState.Expired, GrantState.Closed, GrantState.Withdrawn, GrantState.Refused],
            (await ListGrants.Handle(first, null, null, world.Db, world.Clock, Ct)).Value.Items.OrderBy(grant => grant.Id == unanswered ? 0 : grant.Id == closed ? 1 : grant.Id == withdrawn ? 2 : 3).Select(grant => grant.State));
    }

    [Fact]
    public async Task A_key_or_the_program_itself_cannot_ask_or_agree()
    {
        await using var world = new SecretsWorld(database);
        var (secret, first, _) = await Prepare(world);
        var key = first with { Kind = ActorKind.ApiKey, User = null };
        Assert.Equal("break_glass.person_needed", (await RequestBreakGlass.Handle(key, new(secret, Reason, 30), world.Db, world.Clock, Ct)).Problem?.Code);
        var grant = (await RequestBreakGlass.Handle(first, new(secret, Reason, 30), world.Db, world.Clock, Ct)).Value.Id;
        foreach (var actor in new[] { key, Actor.System(world.Tenant) })
        {
            Assert.Equal("break_glass.person_needed", (await DecideBreakGlass.Approve(actor, grant, world.Db, world.Clock, Ct)).Problem?.Code);
            Assert.Equal("break_glass.person_needed", (await Read(world, actor, grant)).Problem?.Code);
        }
    }

    [Theory]
    [InlineData(19, 30, false)]
    [InlineData(20, 30, true)]
    [InlineData(300, 30, true)]
    [InlineData(301, 30, false)]
    [InlineData(40, 4, false)]
    [InlineData(40, 5, true)]
    [InlineData(40, 240, true)]
    [InlineData(40, 241, false)]
    public async Task Reason_and_time_have_limits(int letters, int minutes, bool fits)
    {
        await using var world = new SecretsWorld(database);
        var (secret, first, _) = await Prepare(world);
        Assert.Equal(fits, (await RequestBreakGlass.Handle(first, new(secret, new string('x', letters), minutes), world.Db, world.Clock, Ct)).IsOk);
    }

    [Fact]
    public async Task Of_two_decisions_at_the_same_moment_one_counts()
    {
        await using var world = new SecretsWorld(database);
        var (secret, first, second) = await Prepare(world);
        var grant = (await RequestBreakGlass.Handle(first, new(secret, Reason, 30), world.Db, world.Clock, Ct)).Value.Id;
        var both = await Task.WhenAll(DecideBreakGlass.Approve(second, grant, world.Db, world.Clock, Ct), DecideBreakGlass.Refuse(world.Person(), grant, world.Db, world.Clock, Ct));
        Assert.Single(both, one => one.IsOk);
    }
}
