using System.Collections.Concurrent;
using System.Diagnostics;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Delivery.Messages;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>While 10,000 messages leave over several connections, recipients say no at random moments, each a race with its own message.</summary>
public sealed class UnsubscribeRaceTests(TestDatabase database)
{
    const int Recipients = 10_000, BatchRecipients = 2_000;
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_said_no_gets_nothing_a_second_later()
    {
        var (seed, handedOver) = (Environment.TickCount, new ConcurrentDictionary<string, long>(StringComparer.Ordinal));
        await using var world = await SendingWorld.Create(database, delivery => Take(delivery, handedOver), cap: 100_000, connections: 8);
        var addresses = Enumerable.Range(0, Recipients).Select(i => $"r{i}@firm{i % 97}.example").ToArray();
        foreach (var batch in addresses.Chunk(BatchRecipients)) await world.Enqueue(batch);

        var (sending, saidNo) = (world.Dispatch(), new ConcurrentDictionary<string, long>(StringComparer.Ordinal));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => SayNo(world, addresses, handedOver, saidNo, sending, new Random(seed + worker))));
        await sending;
        while ((await Counts(world)).Waiting > 0) await world.Dispatch();

        var late = saidNo.Where(no => handedOver.TryGetValue(no.Key, out var at) && Stopwatch.GetElapsedTime(no.Value, at) > Grace).Select(no => no.Key).ToList();
        Assert.True(late.Count == 0, $"seed {seed}: {late.Count} of {saidNo.Count} got a message more than a second after they said no, such as {late.FirstOrDefault()}");
        var (sent, dropped, _) = await Counts(world);
        Assert.Equal((handedOver.Count, Recipients), (sent, sent + dropped)); // Nobody is forgotten, nobody is mailed twice.
        Assert.True(saidNo.Count > 500 && dropped > 100, $"only {saidNo.Count} said no, and {dropped} were dropped: that is no race");
    }

    static SmtpAnswer Take(SmtpDelivery delivery, ConcurrentDictionary<string, long> handedOver)
    {
        if (!handedOver.TryAdd(delivery.Recipients[0].Text, Stopwatch.GetTimestamp())) throw new InvalidOperationException($"{delivery.Recipients[0].Text} was mailed twice.");
        return SmtpAnswer.Ok;
    }

    // Picks those that are about to be sent: the queue is in order, so the next ones lie just behind what was handed over.
    async Task SayNo(SendingWorld world, string[] addresses, ConcurrentDictionary<string, long> handedOver, ConcurrentDictionary<string, long> saidNo, Task sending, Random random)
    {
        while (!sending.IsCompleted)
        {
            var next = Math.Min(addresses.Length - 1, handedOver.Count + random.Next(0, 400));
            if (!saidNo.ContainsKey(addresses[next]) && (await AddSuppression.Handle(world.Actor, new(addresses[next]), database.Db, world.Clock, Ct)).IsOk) saidNo[addresses[next]] = Stopwatch.GetTimestamp();
        }
    }

    async Task<(int Sent, int Dropped, int Waiting)> Counts(SendingWorld world)
    {
        await using var tx = await database.Db.Begin(world.Tenant, Ct);
        var states = await tx.List("select state, count(*) from delivery.message where tenant_id = $1 group by state limit 20", row => (State: row.GetString(0), Count: (int)row.GetInt64(1)), Ct, world.Tenant);
        int Of(MessageState state) => states.Where(s => s.State == state.Word()).Sum(s => s.Count);
        return (Of(MessageState.Sent), Of(MessageState.Dropped), Of(MessageState.Queued) + Of(MessageState.Deferred) + Of(MessageState.Sending));
    }
}
