using PenguinMails.Core;
using PenguinMails.Delivery.Messages;
using PenguinMails.Mail.Smtp;
using PenguinMails.Modules.Tests.Delivery;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Modules.Tests.Oversight.Kpis;

/// <summary>Figures that are counted here, from messages that a real listener took or refused to the value of their week.</summary>
public sealed class CloseKpisTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static readonly OversightSettings Nobody = new((TenantId?)null);

    Task<SendingWorld> World() => SendingWorld.Create(database, delivery => delivery.Recipients[0].Text.StartsWith("bad", StringComparison.Ordinal) ? new SmtpAnswer(550, "5.1.1", "No such user") : SmtpAnswer.Ok);

    async Task Send(SendingWorld world, int good, int bad)
    {
        var names = Enumerable.Range(0, good).Select(i => $"good{i}-{world.Clock.GetUtcNow().Ticks}@bigmail.example").Concat(Enumerable.Range(0, bad).Select(i => $"bad{i}-{world.Clock.GetUtcNow().Ticks}@bigmail.example"));
        await world.Enqueue([.. names]);
        await world.Dispatch();
    }

    async Task<IReadOnlyList<KpiValue>> Values(SendingWorld world, string kpi) => (await ReadKpi.Handle(world.Actor, kpi, database.Db, Nobody, world.Clock, Ct)).Value.Values;

    [Fact]
    public async Task A_week_is_counted_when_it_is_closed_and_again_while_reports_still_come()
    {
        await using var world = await World();
        await Send(world, good: 8, bad: 2);
        await CloseKpis.One(world.Tenant, [], database.Db, world.Clock, Ct);
        Assert.Empty(await Values(world, "acceptance")); // The week is not over.
        world.Clock.Advance(TimeSpan.FromDays(7));
        await Send(world, good: 5, bad: 0);
        await CloseKpis.One(world.Tenant, [], database.Db, world.Clock, Ct);
        Assert.Empty(await Values(world, "acceptance")); // Over, and answers to it still come …
        Assert.Empty(await Values(world, "volume")); // … and what is sent is known a day after its end.
        world.Clock.Advance(TimeSpan.FromDays(7));
        await CloseKpis.One(world.Tenant, [], database.Db, world.Clock, Ct);
        var acceptance = Assert.Single(await Values(world, "acceptance"));
        Assert.Equal((new DateOnly(2026, 3, 2), 8L, 10L), (acceptance.Start, acceptance.Numerator, acceptance.Denominator));
        Assert.Equal((2L, 10L), (Assert.Single(await Values(world, "bounce_rate")).Numerator, Assert.Single(await Values(world, "bounce_rate")).Denominator));
        Assert.Equal(8.0, Assert.Single(await Values(world, "volume")).Value);
        var answered = (await world.Messages()).First(message => message.SentAt is not null);
        await world.InTenant(tx => tx.Execute("update delivery.message set replied_at = $3 where tenant_id = $1 and id = $2", Ct, world.Tenant, answered.Id, world.Clock.GetUtcNow()));
        await CloseKpis.One(world.Tenant, [], database.Db, world.Clock, Ct);
        Assert.Equal(1L, Assert.Single(await Values(world, "answer_rate")).Numerator);
        world.Clock.Advance(TimeSpan.FromDays(21)); // Weeks without a message are zeros of volume, and no rate.
        await CloseKpis.One(world.Tenant, [], database.Db, world.Clock, Ct);
        Assert.Equal([8.0, 5.0, 0.0, 0.0], (await Values(world, "volume")).Select(value => value.Value));
        Assert.Equal(2, (await Values(world, "acceptance")).Count);
    }

    [Fact]
    public async Task First_value_is_a_reply_or_a_hundred_accepted_messages()
    {
        await using var world = await World();
        await Send(world, good: 99, bad: 5);
        Assert.False(await Value(world));
        await Send(world, good: 1, bad: 0);
        Assert.True(await Value(world));
        await using var other = await World();
        await Send(other, good: 1, bad: 0);
        Assert.False(await Value(other));
        await other.InTenant(tx => tx.Execute("update delivery.message set replied_at = $2 where tenant_id = $1", Ct, other.Tenant, other.Clock.GetUtcNow()));
        Assert.True(await Value(other));
    }

    static async Task<bool> Value(SendingWorld world)
    {
        var hasValue = false;
        await world.InTenant(async tx => hasValue = await FirstAccepted.ValueBy(tx, world.Clock.GetUtcNow(), Ct));
        return hasValue;
    }

    [Fact]
    public async Task An_account_without_anything_is_not_judged_and_says_so()
    {
        await using var world = await World();
        await CloseKpis.One(world.Tenant, [], database.Db, world.Clock, Ct);
        var lines = (await ListKpis.Handle(world.Actor, database.Db, Nobody, world.Clock, Ct)).Value.Items;
        Assert.All(lines.Where(line => line.Verdict is not null), line => Assert.Equal(PenguinMails.Insight.Direction.NotEnoughData, line.Verdict?.Announced));
        Assert.Contains(lines, line => line is { Kpi.Key: "seats", Recent: [{ Value: 0 }] });
    }

    [Fact]
    public async Task The_company_gets_sums_and_a_mean_over_accounts_and_nobody_elses_rows()
    {
        await using var small = await World();
        await using var large = await World();
        await Send(small, good: 1, bad: 1);
        await Send(large, good: 98, bad: 2);
        foreach (var world in new[] { small, large })
        {
            world.Clock.Advance(TimeSpan.FromDays(14));
            await CloseKpis.One(world.Tenant, [], database.Db, world.Clock, Ct);
        }

        var facts = await CompanyFacts.Read([small.Tenant, large.Tenant], database.Db, small.Clock, Ct);
        Assert.Equal(99.0, Assert.Single(facts, fact => fact.Kpi == "platform_volume").Value.Value);
        // The small one's 50 % rests on two messages, so it is drawn far towards 98 %: well above the plain mean of 74 %, below the 97.1 % of all messages.
        Assert.InRange(Assert.Single(facts, fact => fact.Kpi == "deliverability").Value.Value ?? 0, 74.0, 98.0);
        Assert.All(facts, fact => Assert.Equal(KpiScope.Company, KpiCatalog.Find(fact.Kpi)?.Scope));
    }
}
