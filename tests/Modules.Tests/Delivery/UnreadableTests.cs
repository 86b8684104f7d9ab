using System.Text;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Delivery.Links;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>Broken reports and what is empty come to the return path too: they are no answer of a person.</summary>
public sealed class UnreadableTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "From: MAILER-DAEMON@firm.example\nSubject: Failure\n\nSomething went wrong.\n")]
    [InlineData("postmaster@firm.example", "From: postmaster@firm.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--y\nbroken")]
    [InlineData("anna@firm.example", "From: anna@firm.example\nSubject: Re: Hello\nContent-Type: multipart/mixed; boundary=x\n\n--x\n--x--\n")]
    [InlineData("anna@firm.example", "From: anna@firm.example\nContent-Type: text/plain\n\n\u0001\u0002PK\u0003\u0004\u0000\u0000xyz\u0011\u0012")]
    [InlineData("anna@firm.example", "no header at all, and no writer\n")]
    [InlineData("anna@firm.example", "From: anna@firm.example\nSubject: Re: Hello\n\n \n\t\n")]
    public async Task What_nobody_can_read_is_kept_and_shown_and_changes_nothing(string sender, string raw)
    {
        await using var world = await InDoubt();
        var before = await world.Only();
        await Arrive(world, sender, raw);
        Assert.Equal(before with { Evidence = [] }, await world.Only() with { Evidence = [] });
        var kept = Assert.Single((await ListUnmatched.Handle(world.Actor, new(), database.Db, Ct)).Value.Items);
        Assert.StartsWith("Nothing in it can be read", kept.Excerpt);
        Assert.Contains($"\"id\":\"inb_{kept.Id.ToString()[4..]}\"", PenguinMails.Core.Json.Write(kept), StringComparison.Ordinal);
        Assert.Equal(kept.Id, Assert.Single((await ListInbound.Handle(world.Actor, before.Id, database.Db, Ct)).Value.Items).Id);
    }

    [Theory]
    [InlineData("?")]
    [InlineData("👍")]
    [InlineData("ok")]
    [InlineData("> only what you wrote, quoted")]
    public async Task The_shortest_answer_of_a_person_is_one(string words)
    {
        await using var world = await InDoubt();
        await Arrive(world, "anna@firm.example", $"From: anna@firm.example\nContent-Type: text/plain; charset=utf-8\n\n{words}\n");
        Assert.NotNull((await world.Only()).RepliedAt);
    }

    [Fact]
    public async Task A_wish_in_the_subject_is_heard_also_without_a_body()
    {
        await using var world = await InDoubt();
        await Arrive(world, "anna@firm.example", "From: anna@firm.example\nSubject: unsubscribe\n\n\n");
        Assert.NotNull((await world.Only()).UnsubscribedAt);
    }

    async Task<SendingWorld> InDoubt()
    {
        var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        await world.Dispatch();
        await world.InTenant(tx => tx.Execute("update delivery.message set state = 'in_doubt', sent_at = null where tenant_id = $1", Ct, world.Tenant));
        return world;
    }

    async Task Arrive(SendingWorld world, string sender, string raw)
    {
        var to = EmailAddress.Parse($"b-{world.Tokens.For((await world.Only()).Id, TokenPurpose.Link)}@bounce.example.com");
        Assert.True(await ReceiveInbound.Handle(sender.Length == 0 ? null : EmailAddress.Parse(sender), to, Encoding.UTF8.GetBytes(raw.ReplaceLineEndings("\r\n")), database.Db, world.Clock, Ct));
        await database.RunJobs(world.Tenant, Ct);
    }
}
