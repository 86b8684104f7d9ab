using PenguinMails.Core;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Modules.Tests.Delivery.Conversations;

/// <summary>The pool over days on real servers. One after the other, because the pool is one for all accounts.</summary>
[Collection("pool")]
public sealed class PoolTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    const string Personal = "From: mum@home.example\nTo: someone@example.com\nSubject: Hello\nMessage-ID: <{0}@home.example>\n\nDinner on Sunday?\n";

    [Fact]
    public async Task Over_days_mailboxes_of_two_accounts_write_answer_rescue_and_file_away_and_nothing_else_is_touched()
    {
        await using var world = await PoolWorld.Create(database);
        world.IsJunk = number => number % 3 == 0;
        await world.JoinAll();
        foreach (var side in world.Sides)
        {
            await world.Put(side.User, "INBOX", Personal.Replace("{0}", side.User + "-inbox", StringComparison.Ordinal), Ct);
            await world.Put(side.User, "Junk", Personal.Replace("{0}", side.User + "-junk", StringComparison.Ordinal), Ct);
        }

        for (var day = 0; day < 3; day++)
        {
            for (var hour = 0; hour < 10; hour++) await world.Step(TimeSpan.FromHours(1));
            await world.Step(TimeSpan.FromHours(14));
        }

        await Settled(world);
        await Filed(world);
        await Words(world);
        await Told(world);
        await Apart(world);
    }

    // What was found last may have been written after the last look.
    static async Task Settled(PoolWorld world)
    {
        await world.Arrived();
        foreach (var side in world.Sides) await world.Look(side);
        await world.Converse();
        await world.Arrived();
    }

    static async Task Filed(PoolWorld world)
    {
        var all = new List<string>();
        foreach (var side in world.Sides)
        {
            var filed = await world.Folder(side.User, FileAway.Folder);
            all.AddRange(filed.Select(mail => mail.Id));
            Assert.All(filed, mail => Assert.Contains(@"\Seen", mail.Flags));
            Assert.All(filed, mail => Assert.Equal(world.WasJunk(mail.Id), mail.Flags.Contains("$NotJunk")));
            Assert.True(filed.Count > 0, $"{side.User} got nothing.");
            var (inbox, junk) = (await world.Folder(side.User, "INBOX"), await world.Folder(side.User, "Junk"));
            Assert.Equal($"{side.User}-inbox@home.example", Assert.Single(inbox).Id);
            Assert.DoesNotContain(@"\Seen", inbox[0].Flags);
            Assert.Equal($"{side.User}-junk@home.example", Assert.Single(junk).Id);
            Assert.DoesNotContain("$NotJunk", junk[0].Flags);
        }

        Assert.Equal(world.Delivered.Select(raw => PoolWorld.IdOf(raw)).Order(), all.Order());
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.Contains(all, world.WasJunk);
    }

    static async Task Words(PoolWorld world)
    {
        var byId = world.Delivered.ToDictionary(raw => PoolWorld.IdOf(raw));
        var answers = world.Delivered.Where(raw => raw.Contains("\nIn-Reply-To:", StringComparison.Ordinal)).ToList();
        Assert.True(answers.Count >= 3, $"{answers.Count} answers of {byId.Count} messages");
        Assert.All(answers, raw =>
        {
            Assert.Contains("\nSubject: Re: ", raw);
            Assert.Contains(PoolWorld.IdOf(raw, "In-Reply-To"), byId.Keys);
            Assert.Contains("References:", raw);
        });
        Assert.All(byId.Values, raw => Assert.False(new[] { "List-Unsubscribe", "http", "text/html", "{" }.Any(word => raw.Contains(word, StringComparison.OrdinalIgnoreCase)), raw));
        Assert.All(byId.Values, raw => Assert.Contains(raw.Contains("anna@", StringComparison.Ordinal) || raw.Contains("arno@", StringComparison.Ordinal) ? "berta@" : "anna@", raw)); // Never within an account.
        await Task.CompletedTask;
    }

    async Task Told(PoolWorld world)
    {
        Assert.Equal(world.Delivered.Count, await world.Count("select count(*) from delivery.placement where tenant_id = $1"));
        Assert.Equal(world.Delivered.Count(raw => world.WasJunk(PoolWorld.IdOf(raw))), await world.Count("select count(*) from delivery.placement where tenant_id = $1 and folder = 'junk'"));
        var seen = (await ReadPool.Handle(Actor.System(world.Berta.Tenant), world.Options, database.Db, world.Clock, Ct)).Value;
        var line = Assert.Single(seen.Mailboxes);
        Assert.Equal((true, world.Berta.Address, 0L), (line.IsOn, line.Address, line.Waiting));
        Assert.Equal(line.Sent, seen.Placements.Sum(place => place.Found));
        Assert.Equal(line.Received, (await world.Folder("berta", FileAway.Folder)).Count);
        Assert.True(line is { Answered: > 0, Rescued: > 0 }, line.ToString());
        Assert.True(await world.Count("select count(*) from delivery.fact where tenant_id = $1 and kind = 'replied'") > 0);
    }

    async Task Apart(PoolWorld world)
    {
        foreach (var side in world.Sides)
        {
            var actor = Actor.System(side.Tenant);
            Assert.Empty((await ListUnmatched.Handle(actor, new(), database.Db, Ct)).Value.Items);
            Assert.Equal(0, (await ReadCounts.Handle(actor, null, database.Db, Ct)).Value.Total);
            Assert.Empty((await ListMessages.Handle(actor, new(), database.Db, Ct)).Value.Items);
            Assert.Equal(0, await world.Count("select count(*) from delivery.inbound where tenant_id = $1"));
            Assert.Equal(0, await world.Count("select count(*) from compliance.suppression where tenant_id = $1"));
            // Of the other account's rows nothing can be seen, whatever is asked.
            var other = world.Sides.First(one => one.Tenant != side.Tenant).Tenant.Value;
            foreach (var table in new[] { "placement", "conversation_mail", "pool_mailbox", "pool_consent", "message" })
                Assert.Equal(0, await world.Count(side.Tenant, $"select count(*) from delivery.{table} where tenant_id = '{other}' and $1::uuid is not null"));
        }
    }
}
