namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>Old days of facts go whole; what is younger stays, whatever is asked.</summary>
public sealed class FactDaysTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Days_before_the_first_kept_are_dropped_and_never_one_of_the_last_32()
    {
        // In years of their own, so that no other test's facts lie there.
        var (old, today) = (new DateOnly(2019, 1, 1), new DateOnly(2019, 3, 31));
        for (var day = old; day < old.AddDays(56); day = day.AddDays(14)) await Call("select delivery.prepare_fact_days($1::date)", day);
        Assert.Equal(56, await Days());
        Assert.Equal(10, await Call("select delivery.drop_fact_days($1::date, $2::date)", old.AddDays(10), today));
        Assert.Equal(46, await Days());
        await Call("select delivery.drop_fact_days($1::date, $2::date)", today, today);
        Assert.Equal(0, await Days()); // All of them are more than 32 days before that day.
        await Call("select delivery.prepare_fact_days($1::date)", today.AddDays(-20));
        Assert.Equal(0, await Call("select delivery.drop_fact_days($1::date, $2::date)", today, today));
        Assert.Equal(14, await Days());
        await Call("select delivery.drop_fact_days($1::date, $2::date)", today.AddDays(365), today.AddDays(365));
    }

    async Task<int> Call(string sql, params object[] values)
    {
        await using var tx = await database.Db.BeginUnscoped(Ct);
        var count = await tx.One(sql, row => row.GetInt32(0), Ct, values);
        await tx.Commit(Ct);
        return count;
    }

    async Task<int> Days()
    {
        await using var tx = await database.Db.BeginUnscoped(Ct);
        return await tx.One("select count(*)::integer from pg_class where relname like 'fact_2019%' and relkind = 'r'", row => row.GetInt32(0), Ct);
    }
}
