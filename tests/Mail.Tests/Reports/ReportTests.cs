using System.Text;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Mail.Tests.Reports;

public sealed class ReportTests
{
    static MimePart Sample(string name) => MimeReader.Read(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", name + ".eml")), new MimeLimits());

    static MimePart Text(string message) => MimeReader.Read(Encoding.UTF8.GetBytes(message.ReplaceLineEndings("\r\n")), new MimeLimits());

    [Theory]
    [InlineData("dsn-exim-5.0.0", "late@oldhost.org", ReportAction.Failed, 550, "5.1.1", BounceClass.Hard, BounceCategory.InvalidRecipient)]
    [InlineData("dsn-lmtp-5.1.1", "late@outmail.net", ReportAction.Failed, 550, "5.1.1", BounceClass.Hard, BounceCategory.InvalidRecipient)]
    [InlineData("dsn-postfix-4.3.0", "tempfail@bigmail.com", ReportAction.Failed, 451, "4.3.0", BounceClass.Soft, BounceCategory.Expired)]
    [InlineData("dsn-postfix-delayed", "tempfail@bigmail.com", ReportAction.Delayed, 451, "4.3.0", BounceClass.Soft, BounceCategory.Connection)]
    [InlineData("dsn-postfix-5.1.1", null, ReportAction.Failed, 550, "5.1.1", BounceClass.Hard, BounceCategory.InvalidRecipient)]
    [InlineData("dsn-postfix-5.2.1", null, ReportAction.Failed, 550, "5.2.1", BounceClass.Hard, BounceCategory.InactiveMailbox)]
    [InlineData("dsn-postfix-5.2.2", null, ReportAction.Failed, 552, "5.2.2", BounceClass.Soft, BounceCategory.Quota)]
    [InlineData("dsn-postfix-5.0.0", null, ReportAction.Failed, 550, "5.0.0", BounceClass.Hard, BounceCategory.InvalidRecipient)]
    public void Real_report_names_recipient_action_and_class(
        string sample, string? recipient, ReportAction action, int code, string status, BounceClass bounceClass, BounceCategory category)
    {
        var report = DeliveryReport.Read(Sample(sample))!;
        var one = Assert.Single(report.Recipients);
        if (recipient is not null) Assert.Equal(recipient, one.Final?.Text);
        Assert.Equal((action, code, status), (one.Action, one.Code, one.Status));
        var verdict = one.Classify();
        Assert.Equal((bounceClass, category), (verdict.Class, verdict.Category));
        Assert.Contains("tok", report.Returned?.Raw("Message-ID") ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Bounce_in_words_only_is_read_from_its_text()
    {
        var report = DeliveryReport.Read(Text("""
            Return-Path: <>
            From: MAILER-DAEMON@mx.example.net
            To: me@example.com
            Subject: failure notice

            Hi. I'm afraid I wasn't able to deliver your message.

            <gone@example.net>:
            192.0.2.1 does not like recipient.
            Remote host said: 550 5.1.1 no such user
            """))!;
        var one = Assert.Single(report.Recipients);
        Assert.Equal(("gone@example.net", 550, "5.1.1", true), (one.Final!.Text, one.Code, one.Status, one.IsFromText));
        Assert.Equal(BounceCategory.InvalidRecipient, one.Classify().Category);
    }

    [Theory]
    [InlineData("reply")]
    [InlineData("vacation")]
    [InlineData("arf-feedback")]
    [InlineData("cold-plain")]
    public void Other_mail_is_no_delivery_report(string sample) => Assert.Null(DeliveryReport.Read(Sample(sample)));

    [Fact]
    public void Feedback_report_is_read()
    {
        var report = FeedbackReport.Read(Sample("arf-feedback"))!;
        Assert.Equal(("abuse", "u10@bigmail.com", "198.18.1.11", "acme-outreach.com"), (report.Type, report.Recipients.Single().Text, report.Source!.ToString(), report.ReportedDomain));
        Assert.Equal("<20261121030539.013454@vm>", report.Returned!.Raw("Message-Id"));
        Assert.Null(FeedbackReport.Read(Sample("reply")));
    }

    [Theory]
    [InlineData(550, "5.1.1", "user unknown", BounceClass.Hard, BounceCategory.InvalidRecipient, BounceBlame.List)]
    [InlineData(550, null, "No Such User Here", BounceClass.Hard, BounceCategory.InvalidRecipient, BounceBlame.List)]
    [InlineData(450, "4.1.1", "user unknown", BounceClass.Soft, BounceCategory.InvalidRecipient, BounceBlame.List)]
    [InlineData(552, "5.2.2", "The email account that you tried to reach is over quota", BounceClass.Soft, BounceCategory.Quota, BounceBlame.Recipient)]
    [InlineData(421, "4.7.28", "Our system has detected an unusual rate of mail", BounceClass.Block, BounceCategory.RateLimit, BounceBlame.Us)]
    [InlineData(550, "5.7.26", "This mail has been blocked because the sender is unauthenticated", BounceClass.Block, BounceCategory.AuthFailure, BounceBlame.Us)]
    [InlineData(550, "5.7.1", "Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", BounceClass.Block, BounceCategory.ReputationIp, BounceBlame.Us)]
    [InlineData(554, "5.7.1", "Message rejected as spam", BounceClass.Block, BounceCategory.SpamContent, BounceBlame.Us)]
    [InlineData(451, "4.7.1", "Greylisted, try again in 5 minutes", BounceClass.Block, BounceCategory.RateLimit, BounceBlame.Us)]
    [InlineData(550, "5.1.2", "", BounceClass.Hard, BounceCategory.BadDomain, BounceBlame.List)]
    [InlineData(556, "5.1.10", "Recipient address has null MX", BounceClass.Hard, BounceCategory.BadDomain, BounceBlame.List)]
    [InlineData(550, "5.7.1", "Relaying denied", BounceClass.Block, BounceCategory.RelayDenied, BounceBlame.Mixed)]
    [InlineData(0, "4.4.7", "", BounceClass.Soft, BounceCategory.Expired, BounceBlame.Infra)]
    [InlineData(0, null, "", BounceClass.Unknown, BounceCategory.Uncategorized, BounceBlame.Unknown)]
    [InlineData(499, "4.9.9", "", BounceClass.Soft, BounceCategory.Uncategorized, BounceBlame.Unknown)]
    public void Refusals_are_classified(int code, string? enhanced, string text, BounceClass bounceClass, BounceCategory category, BounceBlame blame)
    {
        var verdict = BounceClassifier.Classify(code, enhanced, text);
        Assert.Equal((bounceClass, category, blame), (verdict.Class, verdict.Category, verdict.Blame));
    }

    [Fact]
    public void Human_reply_is_told_from_machines_and_cut_above_the_quote()
    {
        var reply = IncomingReply.Read(Sample("reply"));
        Assert.Equal((ReplyKind.Human, "Sounds interesting - can you call me on Tuesday?"), (reply.Kind, reply.Text));
        Assert.Equal("20261121030539.013454@vm", reply.InReplyTo!.Value);
        Assert.Equal(ReplyKind.OutOfOffice, IncomingReply.Read(Sample("vacation")).Kind);
        Assert.Equal(ReplyKind.Report, IncomingReply.Read(Sample("dsn-exim-5.0.0")).Kind);
    }

    [Theory]
    [InlineData("Subject: Abwesenheitsnotiz: x", ReplyKind.OutOfOffice)]
    [InlineData("Subject: Automatic reply: Out of office", ReplyKind.OutOfOffice)]
    [InlineData("Subject: Réponse automatique : x", ReplyKind.AutoReply)]
    [InlineData("Subject: Re: Out of office workspaces", ReplyKind.Human)]
    [InlineData("Subject: Re: x\nAuto-Submitted: auto-replied", ReplyKind.AutoReply)]
    [InlineData("Subject: Re: x\nAuto-Submitted: no", ReplyKind.Human)]
    [InlineData("Subject: Re: x\nX-Autoreply: yes", ReplyKind.AutoReply)]
    [InlineData("Subject: Re: x\nPrecedence: auto_reply", ReplyKind.AutoReply)]
    [InlineData("Subject: Re: x\nReturn-Path: <>", ReplyKind.AutoReply)]
    [InlineData("Subject: Re: x", ReplyKind.Human)]
    public void Kinds_of_reply(string header, ReplyKind kind) => Assert.Equal(kind, IncomingReply.Read(Text(header + "\n\nbody\n")).Kind);

    [Theory]
    [InlineData("yes\n\nAm 1.2.2026 um 10:00 schrieb A B <a@x>:\n> q", "yes")]
    [InlineData("yes\n\nOn Mon, Jan 5, 2026 at 1:00 PM A very long name <a@example.com>\nwrote:\n> q", "yes")]
    [InlineData("> q\nyes", "yes")]
    [InlineData("yes\n-----Original Message-----\nFrom: x", "yes")]
    [InlineData("yes\n-- \nBob", "yes")]
    public void Quoted_text_is_left_out(string body, string text) => Assert.Equal(text, IncomingReply.Read(Text("Subject: Re: x\n\n" + body)).Text);
}
