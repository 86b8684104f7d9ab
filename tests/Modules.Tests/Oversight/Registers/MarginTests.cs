using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Fleet.Domains;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Margins;
using PenguinMails.Secrets;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>What customers paid: read whole or not at all, loaded twice without doubling, set against what was billed. The clock stands in March 2026.</summary>
public sealed class MarginTests(TestDatabase database)
{
    const string Head = "month,workspace,domain,amount,currency,note\n";
    readonly Actor _actor = Actor.System(database.NewTenant());
    readonly TestClock _clock = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    async Task<WorkspaceId> Customer(string name)
    {
        await using (var tx = await database.Db.Begin(_actor.Tenant, Ct))
        {
            await tx.Execute("insert into accounts.tenant (tenant_id, name, created_at) values ($1, 'T', $2) on conflict do nothing", Ct, _actor.Tenant, _clock.GetUtcNow());
            await tx.Commit(Ct);
        }

        var made = (await CreateWorkspace.Handle(_actor, new(name), database.Db, _clock, Ct)).Value.Id;
        _clock.Advance(TimeSpan.FromSeconds(1));
        return made;
    }

    Task<Result<LoadRevenue.Output>> Load(string rows, string source = "invoices", Actor? actor = null) => LoadRevenue.Handle(actor ?? _actor, new(Head + rows, source), database.Db, _clock, Ct);

    async Task<ReadMargins.Output> Margins(string? month = "2026-03", AllocationKey key = AllocationKey.Equal, WorkspaceId? customer = null) => (await ReadMargins.Handle(_actor, month, key, customer, database.Db, _clock, Ct)).Value;

    async Task<IReadOnlyList<RevenueLine>> Lines() => (await ListRevenue.Handle(_actor, null, null, null, database.Db, Ct)).Value.Items;

    [Theory]
    [InlineData(99_999, null)]
    [InlineData(100_000, "margin.too_many_lines")]
    public async Task More_revenue_than_is_read_is_refused_and_never_cut(int lines, string? code)
    {
        var north = await Customer("North");
        await using (var tx = await database.Db.Begin(_actor.Tenant, Ct))
        {
            await tx.Execute("""
                insert into oversight.revenue_line (tenant_id, month, source, line, workspace_id, amount, currency, note, loaded_by, loaded_at)
                select $1, '2026-03-01', 'shop', i, $2, 1, 'EUR', '', 'system', $3
                from generate_series(1, $4) i
                """, Ct, _actor.Tenant, north, _clock.GetUtcNow(), lines);
            await tx.Commit(Ct);
        }

        var read = await ReadMargins.Handle(_actor, "2026-04", AllocationKey.Equal, null, database.Db, _clock, Ct);
        Assert.Equal(code, read.Problem?.Code);
        if (read.IsOk) Assert.Equal(lines, read.Value.Before.Lines.Single().Revenue);
    }

    [Theory]
    [InlineData("2026-13,North,,1,EUR,", "line 2", "no month")]
    [InlineData("2026-02-01,North,,1,EUR,", "line 2", "no month")]
    [InlineData("1999-12,North,,1,EUR,", "line 2", "before 2000")]
    [InlineData("2026-02,Nobody,,1,EUR,", "line 2", "no workspace of this account")]
    [InlineData("2026-02,,nobody.example,1,EUR,", "line 2", "no domain of this account")]
    [InlineData("2026-02,,,1,EUR,", "line 2", "either a workspace or a domain")]
    [InlineData("2026-02,North,north.example,1,EUR,", "line 2", "either a workspace or a domain")]
    [InlineData("2026-02,North,,1.234,EUR,", "line 2", "no amount")]
    [InlineData("2026-02,North,,1,XXX,", "line 2", "no currency")]
    [InlineData("2026-02,North,,1,EUR,\n2026-02,North,,x,EUR,", "line 3", "no amount")]
    public async Task A_fault_names_its_line_and_nothing_is_kept(string rows, string where, string what)
    {
        await Customer("North");
        var problem = (await Load(rows)).Problem;
        Assert.Equal("revenue.invalid", problem?.Code);
        Assert.Contains(problem?.Fields ?? [], field => field.Field == where && field.Detail.Contains(what, StringComparison.Ordinal));
        Assert.Empty(await Lines());
    }

    [Fact]
    public async Task A_month_of_a_source_is_replaced_and_another_source_or_month_stays()
    {
        await Customer("North");
        Assert.Equal((2, 0), await Load("2026-02,North,,10,EUR,\n2026-03,North,,20,EUR,\n") is { IsOk: true } first ? (first.Value.Rows, first.Value.Replaced) : default);
        await Load("2026-03,North,,5,EUR,one more\n", "upsell");
        Assert.Equal(1, (await Load("2026-03,North,,21,EUR,\n")).Value.Replaced);
        Assert.Equal([500L, 2_100L, 1_000L], (await Lines()).Select(line => line.Amount));
        Assert.Equal("revenue.invalid", (await Load("2026-03,North,,21,EUR,\n", " ")).Problem?.Code);
    }

    [Fact]
    public async Task Revenue_less_costs_is_told_in_a_sentence_with_the_lines_behind_it()
    {
        var (north, south) = (await Customer("North"), await Customer("South"));
        var domain = $"d{_actor.Tenant.Value:N}.test";
        Assert.True((await AddDomain.Handle(Actor.System(_actor.Tenant, north), new(domain), database.Db, database.Services.GetRequiredService<SealedBox>(), new("mx.penguin.test", "app.penguin.test"), _clock, Ct)).IsOk);
        await Load($"2026-03,North,,1000,EUR,invoice 7\n2026-03,,{domain},200,EUR,\n2026-03,{south},,10,EUR,\n2026-02,North,,1000,EUR,\n");
        await LoadCosts.Handle(_actor, new($"billed_on,vendor,amount,currency,cost_centre\n2026-03-04,Rack,250,EUR,North\n2026-03-04,Rack,50,EUR,{domain}\n2026-03-05,Rack,20.81,EUR,\n2026-02-05,Rack,100,EUR,North\n", "bills.csv"), database.Db, _clock, Ct);
        var margins = await Margins(customer: north);
        Assert.Equal("North earned 1,200.00 EUR and cost 310.41 EUR in March 2026: a margin of 74 %. 1 of 2 customers costs more than it earns.", AnswerMargins.Say(margins).Sentence);
        Assert.Equal("20.81 EUR of costs is shared by customers, all alike, 2 in all", AnswerMargins.Basis(margins));
        Assert.Equal([("South", 1_000L, 0L, 1_040L), ("North", 120_000L, 30_000L, 1_041L)], margins.Now.Lines.Select(line => (line.Name, line.Revenue.GetValueOrDefault(), line.Direct, line.Shared)));
        Assert.Equal(90_000, margins.Before.Lines.Single(line => line.Workspace == north).Margin);
        Assert.Equal([100_000L, 20_000L], margins.Lines?.Revenue.Select(line => line.Amount));
        Assert.Equal([25_000L, 5_000L], margins.Lines?.Direct.Select(row => row.Amount).OrderDescending());
        Assert.Equal(2_081, margins.Lines?.Shared.Single().Amount);
        Assert.Equal((26_041L, false, 100_000L), (margins.Lines?.Domains.ToShare, margins.Lines?.Domains.IsShared, margins.Lines?.Domains.Unattributed)); // Nothing was sent.
        Assert.Equal([(domain, 5_000L, 0L, 15_000L)], margins.Lines?.Domains.Lines.Select(line => (line.Name, line.Direct, line.Shared, line.Margin.GetValueOrDefault())));
        Assert.Equal("margin.invalid", (await ReadMargins.Handle(_actor, null, (AllocationKey)(-1), null, database.Db, _clock, Ct)).Problem?.Code);
        Assert.False((await Margins(key: AllocationKey.Mailboxes)).Now.IsShared); // Nobody has a mailbox.
        Assert.False((await Margins(key: AllocationKey.Messages)).Now.IsShared); // Nothing was sent.
        Assert.Equal([0L, 2_081L], (await Margins(key: AllocationKey.Domains)).Now.Lines.Select(line => line.Shared));
    }

    [Fact]
    public async Task Mailboxes_of_all_workspaces_are_counted_at_once()
    {
        var (north, south) = (await Customer("North"), await Customer("South"));
        await using (var tx = await database.Db.Begin(_actor.Tenant, Ct))
        {
            foreach (var (workspace, name) in new[] { (north, "ann"), (north, "ben"), (south, "cid") })
                await tx.Execute("""
                    insert into fleet.mailbox (tenant_id, id, workspace_id, address, display_name, smtp_host, smtp_port, smtp_security, smtp_user, daily_cap, gap_seconds, created_at)
                    values ($1, gen_random_uuid(), $2, $3, '', 'mail.example', 587, 'starttls', 'x', 30, 120, $4)
                    """, Ct, _actor.Tenant, workspace, $"{name}@{_actor.Tenant.Value:N}.example", _clock.GetUtcNow());
            await tx.Commit(Ct);
        }

        Assert.Equal([("North", 2L), ("South", 1L)], (await Margins(key: AllocationKey.Mailboxes)).Now.Lines.Select(line => (line.Name, line.Weight)));
    }

    [Fact]
    public async Task What_is_missing_is_said()
    {
        await Customer("North");
        Assert.StartsWith("No revenue is loaded for February 2026", AnswerMargins.Say(await Margins(null)).Sentence, StringComparison.Ordinal);
        await Load("2026-02,North,,10,EUR,\n");
        Assert.StartsWith("No cost is loaded for February 2026", AnswerMargins.Say(await Margins(null)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_permission_nothing_is_loaded_or_told_and_others_see_nothing()
    {
        await Customer("North");
        await Load("2026-02,North,,10,EUR,\n");
        var viewer = _actor with { Kind = ActorKind.Person, Permissions = new[] { Permissions.OversightRead }.ToFrozenSet() };
        Assert.Equal("permission.missing", (await Load("2026-02,North,,10,EUR,\n", actor: viewer)).Problem?.Code);
        Assert.Single((await ListRevenue.Handle(viewer, null, null, null, database.Db, Ct)).Value.Items);
        var nobody = viewer with { Permissions = FrozenSet<string>.Empty };
        Assert.Equal("permission.missing", (await ListRevenue.Handle(nobody, null, null, null, database.Db, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await ReadMargins.Handle(nobody, null, default, null, database.Db, _clock, Ct)).Problem?.Code);
        var stranger = Actor.System(database.NewTenant());
        Assert.Empty((await ListRevenue.Handle(stranger, null, null, null, database.Db, Ct)).Value.Items);
        Assert.Equal("revenue.invalid", (await Load("2026-02,North,,10,EUR,\n", actor: stranger)).Problem?.Code);
    }

    [Fact]
    public async Task Lines_are_paged_by_month()
    {
        await Customer("North");
        await Load(string.Concat(Enumerable.Range(1, 7).Select(n => $"2026-0{1 + (n / 3)},North,,{n},EUR,\n")), "two words");
        var (seen, cursor) = (new List<long>(), (string?)null);
        do
        {
            var page = (await ListRevenue.Handle(_actor, null, cursor, 3, database.Db, Ct)).Value;
            seen.AddRange(page.Items.Select(line => line.Amount / 100));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        Assert.Equal([7, 6, 5, 4, 3, 2, 1], seen);
        Assert.Equal("cursor.invalid", (await ListRevenue.Handle(_actor, null, Cursor.Encode("soon x 1"), 3, database.Db, Ct)).Problem?.Code);
    }
}
