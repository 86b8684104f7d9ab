using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Delivery;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Tracking;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Modules.Tests.Delivery.Tracking;

/// <summary>From the link in a message that a real listener took to the fact that says who followed it.</summary>
public sealed partial class TrackingTests(TestDatabase database)
{
    const string Html = """<html><body><p>Hello <a href="https://acme.example/offer?a=1&amp;b=2">offer</a> <a href="https://acme.example/about">about</a> <a href="{{unsubscribe_url}}">leave</a></p></body></html>""";
    const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    static readonly WriteContent.Tracking Everything = new(Clicks: true, Opens: true, TrackingReach.Everywhere);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    DeliveryOptions Options => database.Services.GetRequiredService<DeliveryOptions>();

    async Task<(SendingWorld World, string Body)> Sent(WriteContent.Tracking? tracking, string address = "reader@bigmail.example")
    {
        var world = await SendingWorld.Create(database, html: Html, tracking: tracking);
        await world.Enqueue(address);
        await world.Dispatch();
        var message = MimeReader.Read(Assert.Single(world.Received).Message, new MimeLimits());
        return (world, message.All().Single(part => part.MediaType == "text/html").Text());
    }

    static string Token(string body) => TrackedLink().Match(body).Groups[1].Value;

    Task<Result<Uri>> Follow(SendingWorld world, string token, int number, bool isHead = false, string agent = Firefox) =>
        FollowLink.Handle(token, number, isHead, agent, database.Db, Options, world.Clock, Ct);

    async Task Settle(SendingWorld world)
    {
        var message = (await world.Only()).Id;
        world.Clock.Advance(TimeSpan.FromSeconds(2 * Options.VisitSettleSeconds));
        await SettleVisits.Handle(new(message), world.Tenant, database.Db, Options, world.Clock, Ct);
    }

    async Task<List<(string Kind, bool IsMachine, string Detail)>> Facts(SendingWorld world)
    {
        var facts = new List<(string, bool, string)>();
        await world.InTenant(async tx => facts = await tx.List("select kind, is_machine, detail from delivery.fact where tenant_id = $1 and kind in ('opened', 'clicked') limit 50",
            row => (row.GetString(0), row.GetBoolean(1), row.GetString(2)), Ct, world.Tenant));
        return [.. facts.OrderBy(fact => fact.Item2 ? 0 : 1).ThenBy(fact => fact.Item1, StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_person_who_follows_a_link_is_counted_once_and_led_to_its_target()
    {
        var (world, body) = await Sent(Everything);
        await using var _ = world;
        world.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("https://acme.example/offer?a=1&b=2", (await Follow(world, Token(body), 0)).Value.AbsoluteUri);
        Assert.Null((await world.Only()).ClickedAt); // Not before it is judged.
        world.Clock.Advance(TimeSpan.FromHours(1));
        await Follow(world, Token(body), 0);
        await Settle(world);
        await Settle(world);
        Assert.Equal([("clicked", false, ""), ("clicked", false, "")], await Facts(world));
        var message = await world.Only();
        Assert.Equal(message.SentAt + TimeSpan.FromMinutes(5), message.ClickedAt);
        Assert.All((await ListVisits.Handle(world.Actor, message.Id, database.Db, Ct)).Value.Items, visit => Assert.Equal("person", visit.Visitor));
    }

    [Fact]
    public async Task A_person_who_reads_a_message_in_doubt_is_counted_and_decides_nothing()
    {
        var (world, body) = await Sent(Everything);
        await using var _ = world;
        await world.InTenant(tx => tx.Execute("update delivery.message set state = 'in_doubt', sent_at = null where tenant_id = $1", Ct, world.Tenant));
        world.Clock.Advance(TimeSpan.FromSeconds(2));
        await Follow(world, Token(body), 1);
        world.Clock.Advance(TimeSpan.FromMinutes(5));
        await Follow(world, Token(body), 0);
        await Settle(world);
        Assert.Equal([("clicked", true, "too_soon"), ("clicked", false, "")], await Facts(world));
        var message = await world.Only();
        Assert.Equal((MessageState.InDoubt, true), (message.State, message.ClickedAt is not null));
    }

    [Fact]
    public async Task A_scanner_that_follows_everything_counts_for_nothing_and_the_person_after_it_does()
    {
        var (world, body) = await Sent(Everything);
        await using var _ = world;
        world.Clock.Advance(TimeSpan.FromSeconds(2));
        foreach (var number in new[] { 0, 1, FollowLink.Trap }) Assert.True((await Follow(world, Token(body), number)).IsOk);
        await SeePixel.Handle(Token(body), false, Firefox, database.Db, Options, world.Clock, Ct);
        await Settle(world);
        Assert.Equal([("clicked", true, "trap"), ("clicked", true, "trap"), ("opened", true, "trap")], await Facts(world));
        Assert.Null((await world.Only()).ClickedAt);
        world.Clock.Advance(TimeSpan.FromHours(3));
        await Follow(world, Token(body), 1);
        await Settle(world);
        Assert.NotNull((await world.Only()).ClickedAt);
        Assert.Equal(("clicked", false, ""), (await Facts(world))[^1]);
    }

    [Fact]
    public async Task What_the_message_carries_depends_on_what_was_asked_for_and_where_its_reader_is()
    {
        var (world, body) = await Sent(Everything with { Reach = TrackingReach.OutsideEea }, "reader@acme.de");
        await using (world)
        {
            Assert.Contains("""<a href="https://acme.example/offer?a=1&b=2">offer</a>""", WebUtility.HtmlDecode(body), StringComparison.Ordinal);
            Assert.DoesNotContain("/c/", body, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", body, StringComparison.Ordinal);
        }

        (world, body) = await Sent(Everything with { Reach = TrackingReach.OutsideEea }, "reader@acme.us");
        await using (world)
        {
            Assert.Equal(3, TrackedLink().Count(body)); // Two links and the trap.
            Assert.Contains($"/o/{Token(body)}.gif", body, StringComparison.Ordinal);
            Assert.EndsWith("</body></html>", body.TrimEnd(), StringComparison.Ordinal);
        }

        (world, body) = await Sent(null);
        await using (world) Assert.DoesNotMatch("/[co]/[a-z2-7]{52}", body);
        (world, body) = await Sent(Everything with { Opens = false });
        await using (world)
        {
            Assert.DoesNotContain("<img", body, StringComparison.Ordinal);
            await SeePixel.Handle(Token(body), false, Firefox, database.Db, Options, world.Clock, Ct);
            Assert.Empty((await ListVisits.Handle(world.Actor, (await world.Only()).Id, database.Db, Ct)).Value.Items); // Nobody asked for opens, so none is kept.
        }
    }

    [Fact]
    public async Task A_flood_of_visits_is_cut_off_and_links_still_lead_on()
    {
        var (world, body) = await Sent(Everything);
        await using var _ = world;
        world.Clock.Advance(TimeSpan.FromMinutes(5));
        for (var n = 0; n < RecordVisit.VisitsMax + 5; n++) Assert.True((await Follow(world, Token(body), 0)).IsOk);
        Assert.Equal(RecordVisit.VisitsMax, (await ListVisits.Handle(world.Actor, (await world.Only()).Id, database.Db, Ct)).Value.Items.Count);
    }

    [Fact]
    public async Task The_look_at_visits_is_ordered_for_when_they_have_waited()
    {
        var (world, body) = await Sent(Everything);
        await using var _ = world;
        await Follow(world, Token(body), 0);
        var now = world.Clock.GetUtcNow();
        await world.InTenant(async tx =>
        {
            var due = await tx.List("select due_at from core.job where tenant_id = $1 and kind = $2 limit 5", row => row.GetFieldValue<DateTimeOffset>(0), Ct, world.Tenant, SettleVisits.Kind);
            Assert.InRange(Assert.Single(due) - now, TimeSpan.FromSeconds(Options.VisitSettleSeconds), TimeSpan.FromSeconds(2 * Options.VisitSettleSeconds));
        });
    }

    [GeneratedRegex("/c/([a-z2-7]{52})/[0-9]+", RegexOptions.NonBacktracking)]
    private static partial Regex TrackedLink();
}
