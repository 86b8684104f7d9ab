namespace PenguinMails.Modules.Tests.Delivery.Collect;

/// <summary>Whatever is cut off and wherever: nothing is missed, nothing is doubled.</summary>
public sealed class CollectFaultTests(TestDatabase database)
{
    const int CutsMin = 5;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Cut_off_anywhere_and_numbered_anew_every_message_is_kept_once(int round)
    {
        var seed = Environment.TickCount ^ (round << 20);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var world = await CollectWorld.Create(database);
        await using (var first = await world.Open()) await first.Create("Junk", Ct);
        await world.Find(TimeProvider.System.GetUtcNow());
        var (ours, all) = (new List<string>(), 0);
        // Where a cut falls is left to chance, so it goes on until there were enough of them.
        for (var step = 0; step < 25 || (world.Proxy.Cuts < CutsMin && step < 250); step++)
        {
            await using var mailbox = await world.Open();
            for (var more = random.Next(0, 5); more > 0; more--)
            {
                var id = $"m{all++}";
                var folder = random.Next(4) == 0 ? "Junk" : "INBOX";
                // A long one now and then, so that cuts fall into bodies as well.
                var words = random.Next(3) == 0 ? string.Concat(Enumerable.Repeat("Let us talk about it at length.\n", 400)) : "Yes.";
                if (random.Next(3) == 0) await world.Put(mailbox, folder, CollectWorld.Personal(id));
                else
                {
                    await world.Put(mailbox, folder, world.Reply(id, words));
                    ours.Add(id);
                }
            }

            await mailbox.LogOut(Ct);
            if (step % 8 == 7) await world.Renumber();
            world.Proxy.Octets = random.Next(5) == 0 ? null : random.Next(1, 20_000);
            await world.Look();
        }

        world.Proxy.Octets = null;
        await world.Look();
        var kept = await world.Kept();
        Assert.True(kept.Order().SequenceEqual(ours.Order()), $"seed {seed}: missed {string.Join(' ', ours.Except(kept))}; doubled {string.Join(' ', kept.GroupBy(id => id).Where(same => same.Count() > 1).Select(same => same.Key))}");
        Assert.True(world.Proxy.Cuts >= CutsMin, $"seed {seed}: only {world.Proxy.Cuts} connections were cut off.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{kept.Count} kept of {all}, {world.Proxy.Cuts} cuts");
    }
}
