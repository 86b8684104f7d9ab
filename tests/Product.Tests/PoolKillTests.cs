namespace PenguinMails.Product.Tests;

/// <summary>The program is killed while mailboxes of the pool write each other, and started again: no turn is sent twice, what arrived is known, and conversations go on.</summary>
public sealed class PoolKillTests(ITestOutputHelper output)
{
    const int Kills = 5;

    // Every conversation came to its end, or waits for a message of which nobody knows whether it arrived.
    const string Undecided = """
        select count(*)
        from delivery.conversation c
        where not (c.is_over and c.turn = c.turns) and not exists (
          select
          from delivery.conversation_turn t
          join delivery.message m on m.id = t.message_id
          where t.conversation_id = c.id and t.turn = c.turn and m.state = 'in_doubt')
        """;

    const string Sent = "select address from delivery.message where content_id is null and state = 'sent'";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 900_000)]
    public async Task Five_kills_in_the_middle_of_conversations_send_no_turn_twice_and_the_pool_goes_on()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Postfix and Dovecot start as root only.");
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var pool = await HurriedPool.Start(Ct);
        var held = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            await pool.Plan(Ct);
            // Each kind in turn: between any two messages, with a message taken and not answered, with one that is lost.
            if (kill % 3 == 0) await KillAfter(pool, random.Next(1, HurriedPool.Pairs * HurriedPool.Turns / 2));
            else
            {
                await KillHeld(pool, isLaid: kill % 3 == 1, random);
                held++;
            }

            await pool.Penguin.Launch(Ct);
        }

        await pool.Plan(Ct); // Nothing kills these.
        await pool.Until("Everything decided", async () => await pool.Count(Undecided, Ct) == 0 && (await pool.Lines(Sent, Ct)).Count == pool.Far.Taken.Count, Ct);
        await IsWhole(pool, held);
    }

    async Task KillAfter(HurriedPool pool, int more)
    {
        var moment = pool.Far.Taken.Count + more;
        await pool.Until("More mail", () => Task.FromResult(pool.Far.Taken.Count >= moment), Ct);
        await pool.Penguin.Kill();
        output.WriteLine($"killed at {pool.Far.Taken.Count} messages");
    }

    async Task KillHeld(HurriedPool pool, bool isLaid, Random random)
    {
        var moment = pool.Far.Taken.Count + random.Next(HurriedPool.Pairs * HurriedPool.Turns / 2);
        await pool.Until("More mail", () => Task.FromResult(pool.Far.Taken.Count >= moment), Ct);
        var held = pool.HoldNext(isLaid);
        await pool.Until("A message to hold", () => Task.FromResult(held.Came.IsCompleted), Ct);
        await pool.Penguin.Kill();
        held.LetGo();
        output.WriteLine($"killed at {pool.Far.Taken.Count} messages, with one that {(isLaid ? "arrived" : "was lost")}");
    }

    async Task IsWhole(HurriedPool pool, int held)
    {
        var taken = pool.Far.Taken.ToList();
        Assert.Empty(taken.GroupBy(mail => mail.MessageId).Where(same => same.Count() > 1).Select(same => same.Key));
        Assert.Equal((await pool.Lines(Sent, Ct)).Order(StringComparer.Ordinal), taken.Select(mail => mail.Address).Order(StringComparer.Ordinal));
        Assert.Equal(await pool.Count("select count(*) from delivery.conversation_turn", Ct), await pool.Count("select count(*) from delivery.message where content_id is null and state in ('sent', 'in_doubt')", Ct));
        Assert.Equal(0, await pool.Count("select count(*) from delivery.message where content_id is null and state not in ('sent', 'in_doubt')", Ct));
        var doubts = await pool.Count("select count(*) from delivery.message where content_id is null and state = 'in_doubt'", Ct);
        var settled = await pool.Count("select count(*) from delivery.message where content_id is null and state = 'sent' and reason in ('found', 'answered')", Ct);
        output.WriteLine($"{taken.Count} messages arrived, {settled} of them known by the other side alone; {doubts} in doubt");
        Assert.True(doubts + settled >= held, $"{held} were held when the program was killed.");
        Assert.Equal(HurriedPool.Pairs, await pool.Count("select count(*) from delivery.conversation where started_at = (select max(started_at) from delivery.conversation) and is_over and turn = turns", Ct));
    }
}
