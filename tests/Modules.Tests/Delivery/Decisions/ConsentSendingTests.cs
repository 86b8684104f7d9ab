using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Modules.Tests.Delivery.Decisions;

/// <summary>What the law asks for holds on the way to the wire, and what is recorded later reaches what waits.</summary>
public sealed class ConsentSendingTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static RecipientFacts In(string country, LawfulBasis basis = LawfulBasis.None, DateOnly? since = null, string zone = "") => new(new(country, RecipientKind.Employee, basis, since, HasEvidence: basis != LawfulBasis.None), zone);

    async Task<ExplainMessage.Output> Why(SendingWorld world, MessageId? id = null) => (await ExplainMessage.Handle(world.Actor, id ?? (await world.Only()).Id, database.Db, world.Clock, Ct)).Value;

    [Fact]
    public async Task Without_consent_it_waits_and_goes_once_it_is_given()
    {
        await using var world = await SendingWorld.Create(database);
        var contact = await world.Enqueue("jean@firm.example", In("CA"));
        await world.Dispatch();
        var why = await Why(world);
        Assert.Equal(("consent", "consent_missing_ca", "consent_missing_ca", (DateTimeOffset?)null), (why.Step, why.Code, why.StoredCode, why.ExpectedAt));
        Assert.Contains("CASL", why.Reason, StringComparison.Ordinal);
        Assert.Empty(world.Received);

        await Refresh(world, contact, In("CA", LawfulBasis.Express));
        Assert.Equal("send", (await Why(world)).Step);
        await world.Dispatch();
        Assert.Single(world.Received);
    }

    [Fact]
    public async Task Implied_consent_ends_while_the_message_waits()
    {
        await using var world = await SendingWorld.Create(database, window: new SendWindow("Etc/UTC", 127, 12 * 60, 17 * 60));
        await world.Enqueue("jean@firm.example", In("CA", LawfulBasis.Inquiry, new(2025, 9, 2)));
        Assert.Equal("window_closed", (await Why(world)).Code);
        world.Clock.Advance(TimeSpan.FromHours(27));
        await world.Dispatch();
        Assert.Equal(("consent_expired_ca", "consent_expired_ca"), await Why(world) is var why ? (why.Code, why.StoredCode) : default);
        Assert.Empty(world.Received);
    }

    /// <summary>Taken back after the message was taken from the queue: the last gate refuses, and what waits is dropped.</summary>
    [Fact]
    public async Task Consent_taken_back_holds_for_what_was_claimed_already()
    {
        await using var world = await SendingWorld.Create(database);
        var contact = await world.Enqueue("anna@firm.example", In("DE", LawfulBasis.Express));
        var lane = await world.Claim();
        var claimed = await world.Next(lane!);
        await world.InTenant(async tx =>
        {
            await Suppress.Within(tx, null, null, SuppressionKind.Address, "anna@firm.example", SuppressionReason.Unsubscribe, "withdrawal", null, null, world.Clock.GetUtcNow(), Ct);
            await RefreshRecipients.Within(tx, [new(contact, "anna@firm.example", In("DE", LawfulBasis.Express) with { Consent = In("DE", LawfulBasis.Express).Consent with { IsWithdrawn = true } })], world.Clock.GetUtcNow(), Ct);
        });
        Assert.False(await (await world.Ledger(lane!)).Passes(claimed));
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        await world.Dispatch();
        Assert.Equal((MessageState.Dropped, "suppressed_unsubscribe"), await world.Only() is var message ? (message.State, message.Reason) : default);
    }

    [Fact]
    public async Task A_withdrawal_is_final_also_when_the_suppression_was_lifted()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example", In("US") with { Consent = In("US").Consent with { IsWithdrawn = true } });
        await world.Dispatch();
        Assert.Equal((MessageState.Dropped, "consent_withdrawn"), await world.Only() is var message ? (message.State, message.Reason) : default);
        Assert.Empty(world.Received);
    }

    [Fact]
    public async Task A_policy_that_asks_for_less_lets_go_what_waited()
    {
        await using var world = await SendingWorld.Create(database);
        await SetConsentPolicy.Handle(world.Actor, new(UnknownCountry.Hold), database.Db, world.Clock, Ct);
        await world.Enqueue("anna@firm.example");
        await world.Dispatch();
        Assert.Equal("country_unknown", (await Why(world)).Code);
        Assert.Empty(world.Received);
        await SetConsentPolicy.Handle(world.Actor, new(UnknownCountry.Source), database.Db, database.Clock, Ct);
        await database.RunJobs(world.Tenant, Ct);
        await world.Dispatch();
        Assert.Single(world.Received);
    }

    [Fact]
    public async Task A_policy_that_asks_for_more_holds_what_was_in_the_queue()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        await SetConsentPolicy.Handle(world.Actor, new(UnknownCountry.Strictest), database.Db, world.Clock, Ct);
        await world.Dispatch();
        Assert.Equal(("consent_missing_unknown", "consent_missing_unknown"), await Why(world) is var why ? (why.Code, why.StoredCode) : default);
        Assert.Empty(world.Received);
    }

    [Fact]
    public async Task One_that_waits_for_consent_holds_nobody_else_back()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("jean@firm.example", In("CA"));
        await world.Enqueue("joe@firm.example", In("US"));
        await world.Dispatch();
        Assert.Equal("joe@firm.example", Assert.Single(world.Received).Recipients[0].Text);
    }

    Task Refresh(SendingWorld world, Guid contact, RecipientFacts facts) =>
        world.InTenant(tx => RefreshRecipients.Within(tx, [new(contact, "jean@firm.example", facts)], world.Clock.GetUtcNow(), Ct));
}
