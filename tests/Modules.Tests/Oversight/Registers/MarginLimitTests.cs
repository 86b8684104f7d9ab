using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Oversight.Margins;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>Margins are told of all lines or of none.</summary>
public sealed class MarginLimitTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(99_999, null)]
    [InlineData(100_000, "margin.too_many_lines")]
    public async Task More_sums_of_costs_than_are_read_are_refused_and_never_cut(int lines, string? code)
    {
        var (actor, clock, load) = (Actor.System(database.NewTenant()), new TestClock(), Guid.CreateVersion7());
        await using (var tx = await database.Db.Begin(actor.Tenant, Ct))
        {
            await tx.Execute("insert into accounts.tenant (tenant_id, name, created_at) values ($1, 'T', $2)", Ct, actor.Tenant, clock.GetUtcNow());
            await tx.Execute("insert into oversight.cost_load (tenant_id, id, file, sha256, rows, currency, loaded_by, loaded_at) values ($1, $2, 'bills.csv', repeat('0', 64), $3, 'EUR', 'system', $4)", Ct, actor.Tenant, load, lines, clock.GetUtcNow());
            await tx.Execute("""
                insert into oversight.cost_row (tenant_id, load_id, line, billed_on, vendor, service, cost_line, amount, currency, cost_centre, is_cogs)
                select $1, $2, i, '2026-03-01', 'Rack', 'server ' || i, '', 1, 'EUR', '', true
                from generate_series(1, $3) i
                """, Ct, actor.Tenant, load, lines);
            await tx.Commit(Ct);
        }

        Assert.True((await CreateWorkspace.Handle(actor, new("North"), database.Db, clock, Ct)).IsOk);
        var read = await ReadMargins.Handle(actor, "2026-03", AllocationKey.Equal, null, database.Db, clock, Ct);
        Assert.Equal(code, read.Problem?.Code);
        if (read.IsOk) Assert.Equal(lines, read.Value.Now.SharedTotal);
        else Assert.Contains("lines of costs in 2026-03", read.Problem?.Detail, StringComparison.Ordinal);
    }
}
