using PenguinMails.Delivery.Queue;

namespace PenguinMails.Modules.Tests.Delivery.Queue;

/// <summary>Whether a campaign has anything left to send, and whether that is only what waits for consent: from the queue, at every step of a message.</summary>
public sealed class LeftToSendTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_left_until_its_outcome_is_written()
    {
        await using var world = await SendingWorld.Create(database);
        Assert.False(await IsAny(world));
        await world.Enqueue("anna@firm.example");
        Assert.True(await IsAny(world));
        var lane = (await world.Claim())!;
        var ledger = await world.Ledger(lane);
        Assert.NotEmpty(await ledger.Write(await world.Next(lane, 1), [], []));
        Assert.Equal("sending", await State(world));
        Assert.True(await IsAny(world));
        // A report that comes meanwhile ends it; its place in the queue stays until the lane looks.
        await Set(world, "bounced");
        Assert.Equal(1, await InQueue(world));
        Assert.False(await IsAny(world));
    }

    [Theory]
    [InlineData("queued", true)]
    [InlineData("deferred", true)]
    [InlineData("sending", true)]
    [InlineData("sent", false)]
    [InlineData("in_doubt", false)]
    [InlineData("failed", false)]
    [InlineData("dropped", false)]
    public async Task What_waits_or_is_under_way_is_left_and_what_ended_is_not(string state, bool isLeft)
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        await Set(world, state);
        Assert.Equal(isLeft, await IsAny(world));
        await using var other = await SendingWorld.Create(database);
        Assert.False(await IsAny(other));
    }

    [Fact]
    public async Task A_message_under_way_is_not_waiting_for_the_consent_it_once_waited_for()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        await Write(world, "update delivery.queue set held = 'consent_missing_ca' where tenant_id = $1");
        Assert.True(await IsConsentAll(world));
        await Set(world, "sending");
        await Write(world, "update delivery.lane set under_way = (select array_agg(id) from delivery.message where tenant_id = $1) where tenant_id = $1");
        Assert.False(await IsConsentAll(world));
    }

    static Task Set(SendingWorld world, string state) => Write(world, $"update delivery.message set state = '{state}', attempt = 1, attempted_at = now(), attempt_token = gen_random_uuid(), sent_at = now() where tenant_id = $1");

    static Task Write(SendingWorld world, string sql) => world.InTenant(tx => tx.Execute(sql, Ct, world.Tenant));

    async Task<bool> IsAny(SendingWorld world)
    {
        await using var tx = await database.Db.Begin(world.Tenant, Ct);
        return await LeftToSend.IsAny(tx, world.Campaign, Ct);
    }

    async Task<bool> IsConsentAll(SendingWorld world)
    {
        await using var tx = await database.Db.Begin(world.Tenant, Ct);
        return await WaitingForConsent.IsAllThatIsLeft(tx, world.Campaign, Ct);
    }

    async Task<string> State(SendingWorld world)
    {
        await using var tx = await database.Db.Begin(world.Tenant, Ct);
        return await tx.One("select state::text from delivery.message where tenant_id = $1", row => row.GetString(0), Ct, world.Tenant);
    }

    async Task<long> InQueue(SendingWorld world)
    {
        await using var tx = await database.Db.Begin(world.Tenant, Ct);
        return await tx.One("select count(*) from delivery.queue where tenant_id = $1", row => row.GetInt64(0), Ct, world.Tenant);
    }
}
