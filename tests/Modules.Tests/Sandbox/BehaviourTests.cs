using System.Text;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;
using PenguinMails.Mail.Reports;
using PenguinMails.Mail.Smtp;
using PenguinMails.Sandbox;

namespace PenguinMails.Modules.Tests.Sandbox;

public sealed class BehaviourTests
{
    static MimePart Part(SmtpDelivery delivery) => MimeReader.Read(delivery.Message, new MimeLimits());

    [Theory]
    [InlineData("anna@firm.test", SmtpKind.Accepted, 250, "2.0.0", JournalKind.Accepted)]
    [InlineData("anna+news@firm.test", SmtpKind.Accepted, 250, "2.0.0", JournalKind.Accepted)]
    [InlineData("anna+3@firm.test", SmtpKind.Accepted, 250, "2.0.0", JournalKind.Accepted)]
    [InlineData("anna+defer@firm.test", SmtpKind.TransientRefusal, 451, "4.7.1", JournalKind.Deferred)]
    [InlineData("anna+refuse@firm.test", SmtpKind.PermanentRefusal, 550, "5.1.1", JournalKind.Refused)]
    [InlineData("anna+Full@firm.test", SmtpKind.PermanentRefusal, 552, "5.2.2", JournalKind.Refused)]
    [InlineData("anna+drop@firm.test", SmtpKind.InDoubt, 0, null, JournalKind.Dropped)]
    public async Task The_tag_decides_the_answer_and_the_journal_tells_it(string recipient, SmtpKind kind, int code, string? enhanced, JournalKind journal)
    {
        await using var world = await SandboxWorld.Create();
        var outcome = await world.Send(recipient);
        Assert.Equal((kind, code, enhanced), (outcome.Kind, outcome.Code, outcome.EnhancedCode));
        var entry = Assert.Single(await world.Journal(1));
        Assert.Equal((journal, recipient, "b-token@bounce.acme.test", "thread-1@acme.test", "An idea for you"), (entry.Kind, entry.Recipient, entry.Sender, entry.MessageId, entry.Subject));
        Assert.Equal(journal == JournalKind.Accepted ? 1 : 0, world.Server.Messages().Count);
        Assert.True(world.WasLeftAlone);
    }

    [Fact]
    public async Task A_deferred_message_is_taken_at_the_second_attempt()
    {
        await using var world = await SandboxWorld.Create();
        Assert.Equal(451, (await world.Send("anna+defer@firm.test")).Code);
        Assert.Equal(250, (await world.Send("anna+defer@firm.test")).Code);
        Assert.Equal(451, (await world.Send("bert+defer@firm.test")).Code);
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        await using var world = await SandboxWorld.Create();
        var outcome = await world.Send("anna@firm.test", login: new SmtpCredentials("anyone", "wrong", false));
        Assert.Equal((SmtpStage.Auth, 535), (outcome.Stage, outcome.Code));
    }

    [Fact]
    public async Task A_report_comes_back_that_names_the_recipient_and_the_message()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna+dsn@firm.test");
        var came = await world.CameBack();
        Assert.Null(came.Sender);
        Assert.Equal("b-token@bounce.acme.test", came.Recipients[0].Text);
        var part = Part(came);
        Assert.Equal("multipart/report", part.MediaType);
        Assert.Equal(["text/plain", "message/delivery-status", "text/rfc822-headers"], part.Parts.Select(p => p.MediaType));
        var report = DeliveryReport.Read(part);
        var recipient = Assert.Single(report!.Recipients);
        Assert.Equal(("anna+dsn@firm.test", ReportAction.Failed, "5.1.1", 550), (recipient.Final!.Text, recipient.Action, recipient.Status, recipient.Code));
        Assert.Equal((BounceClass.Hard, BounceCategory.InvalidRecipient), (recipient.Classify().Class, recipient.Classify().Category));
        Assert.Equal("<thread-1@acme.test>", report.Returned?.Raw("Message-ID"));
        Assert.Equal(JournalKind.CameBack, (await world.Journal(2))[1].Kind);
    }

    [Fact]
    public async Task Nothing_is_reported_to_the_null_sender()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna+dsn@firm.test", sender: "");
        await world.Send("bert+reply@firm.test");
        Assert.Equal("bert+reply@firm.test", (await world.CameBack()).Sender?.Text);
        Assert.True(world.WasLeftAlone);
    }

    [Fact]
    public async Task A_person_replies_in_the_thread()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna.meyer+reply@firm.test");
        var came = await world.CameBack();
        Assert.Equal(("anna.meyer+reply@firm.test", "sam@acme.test"), (came.Sender?.Text, came.Recipients[0].Text));
        var part = Part(came);
        var reply = IncomingReply.Read(part);
        Assert.Equal((ReplyKind.Human, "thread-1@acme.test", "Re: An idea for you"), (reply.Kind, reply.InReplyTo?.Value, part.Header("Subject")));
        Assert.Equal("thread-1@acme.test", Assert.Single(reply.References).Value);
        Assert.Contains("Anna Meyer", part.Header("From"));
        Assert.Contains("tell me a little more", reply.Text);
        Assert.DoesNotContain("Hello elsewhere", reply.Text);
    }

    [Fact]
    public async Task A_reply_goes_to_the_reply_address_when_there_is_one()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna+reply@firm.test", "Reply-To: Team <team@acme.test>\r\n" + SandboxWorld.Message("anna+reply@firm.test"));
        Assert.Equal("team@acme.test", (await world.CameBack()).Recipients[0].Text);
    }

    [Fact]
    public async Task An_absence_notice_goes_to_the_return_path_from_the_null_sender()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna+ooo@firm.test");
        var came = await world.CameBack();
        Assert.Equal((null, "b-token@bounce.acme.test"), (came.Sender?.Text, came.Recipients[0].Text));
        Assert.Equal("auto-replied", Part(came).Raw("Auto-Submitted"));
        Assert.Equal((ReplyKind.OutOfOffice, "thread-1@acme.test"), (IncomingReply.Read(Part(came)).Kind, IncomingReply.Read(Part(came)).InReplyTo?.Value));
    }

    [Fact]
    public async Task A_complaint_goes_to_the_feedback_address_with_the_header_of_the_message()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna+complain@firm.test");
        var came = await world.CameBack();
        Assert.Equal("fbl@bounce.acme.test", came.Recipients[0].Text);
        var report = FeedbackReport.Read(Part(came));
        Assert.Equal(("abuse", "b-token@bounce.acme.test", "<thread-1@acme.test>"), (report?.Type, report?.Sender?.Text, report?.Returned?.Raw("Message-ID")));
        Assert.Equal("anna+complain@firm.test", Assert.Single(report!.Recipients).Text);
        Assert.Null(DeliveryReport.Read(Part(came)));
    }

    [Fact]
    public async Task A_click_follows_the_first_tracked_link_and_not_where_it_leads()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna+click@firm.test");
        var visit = await world.Visited();
        Assert.Equal(("GET", "/c/tok/0?a=1&b=2"), (visit.Method, visit.Path));
        await world.Journal(2);
        Assert.True(world.WasLeftAlone);
    }

    [Fact]
    public async Task One_click_unsubscribes_with_the_body_of_the_standard()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna+unsub@firm.test");
        var visit = await world.Visited();
        Assert.Equal(("POST", "/u/tok", "List-Unsubscribe=One-Click"), (visit.Method, visit.Path, visit.Body));
    }

    [Fact]
    public async Task Without_the_one_click_header_nobody_posts()
    {
        await using var world = await SandboxWorld.Create();
        var message = SandboxWorld.Message("anna+unsub@firm.test").ReplaceLineEndings("\n").Replace("List-Unsubscribe-Post: List-Unsubscribe=One-Click\n", "");
        await world.Send("anna+unsub@firm.test", message);
        await world.Send("bert+click@firm.test");
        Assert.Equal("GET", (await world.Visited()).Method);
    }

    [Fact]
    public async Task A_scanner_asks_for_every_link_and_posts_nothing()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna+scanner@firm.test");
        await world.Journal(2);
        var visits = new List<string>();
        for (var i = 0; i < 6; i++) visits.Add(await world.Visited() is var visit ? $"{visit.Method} {visit.Path}" : "");
        Assert.Equal(["HEAD /c/tok/0?a=1&b=2", "GET /c/tok/0?a=1&b=2", "HEAD /c/tok/1", "GET /c/tok/1", "HEAD /u/tok", "GET /u/tok"], visits);
        Assert.True(world.WasLeftAlone);
    }

    [Fact]
    public async Task What_our_edge_defers_comes_back_again()
    {
        await using var world = await SandboxWorld.Create(asked => asked == 1 ? new SmtpAnswer(451, "4.3.0", "Later") : SmtpAnswer.Ok);
        await world.Send("anna+dsn@firm.test");
        await world.CameBack();
        Assert.Equal([JournalKind.Accepted, JournalKind.CameBack], (await world.Journal(2)).Select(entry => entry.Kind));
    }

    [Fact]
    public async Task What_our_edge_refuses_is_not_tried_again_and_is_told()
    {
        await using var world = await SandboxWorld.Create(asked => asked == 1 ? new SmtpAnswer(550, "5.1.1", "Nobody here") : SmtpAnswer.Ok);
        await world.Send("anna+dsn@firm.test");
        while (world.Server.Trouble is null) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Contains("550 Nobody here", world.Server.Trouble);
        Assert.Single(await world.Journal(1));
    }

    [Fact]
    public async Task A_subject_in_another_script_survives_in_what_comes_back()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna+reply@firm.test", SandboxWorld.Message("anna+reply@firm.test").Replace("An idea for you", "=?utf-8?b?" + Convert.ToBase64String(Encoding.UTF8.GetBytes("Grüße 你好")) + "?="));
        Assert.Equal("Re: Grüße 你好", Part(await world.CameBack()).Header("Subject"));
    }
}
