using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Reports;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Peers;

/// <summary>Bounces, delays and receipts as Postfix, Exim and OpenSMTPD write them, sent to our server and read by our reader.</summary>
/// <remarks>With <c>PENGUIN_PEER_SAMPLES</c> naming a folder, each report is also written there: that is where <c>Samples/Peers</c> comes from.</remarks>
[Trait("Needs", "peers")]
public sealed class PeerReportTests
{
    const string Sender = "sender@client.example";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static async Task<Arrival> Report(string server, string local, SmtpDsn? dsn)
    {
        await using var far = new FarSide();
        await using var peer = await MailServerPeer.Start(server, far.Port, Ct);
        await using var connection = await peer.Open(Ct);
        Assert.True(connection.Capabilities.Dsn);
        var message = Encoding.UTF8.GetBytes($"From: <{Sender}>\r\nTo: <{local}@far.example>\r\nSubject: Our offer\r\nMessage-ID: <{local}.1@client.example>\r\n\r\nHello.\r\n");
        var outcome = await connection.Send(new SmtpEnvelope(EmailAddress.Parse(Sender), EmailAddress.Parse(local + "@far.example")) { Dsn = dsn }, message, null, Ct);
        Assert.Equal(SmtpKind.Accepted, outcome.Kind);
        var report = await far.For(Sender, Ct, peer.Process.Logs);
        if (Environment.GetEnvironmentVariable("PENGUIN_PEER_SAMPLES") is { } folder) await File.WriteAllBytesAsync(Path.Combine(folder, $"{server}-{local}.eml"), report.Delivery.Message.ToArray(), Ct);
        return report;
    }

    public static TheoryData<string, string, BounceClass, BounceCategory, string> Failures()
    {
        var data = new TheoryData<string, string, BounceClass, BounceCategory, string>();
        foreach (var server in MailServerPeer.Names)
        {
            data.Add(server, "unknown", BounceClass.Hard, BounceCategory.InvalidRecipient, "5.1.1");
            data.Add(server, "full", BounceClass.Soft, BounceCategory.Quota, "5.2.2");
            data.Add(server, "blocked", BounceClass.Block, BounceCategory.Policy, "5.7.1");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_failure_comes_back_with_what_we_gave_along(string server, string local, BounceClass kind, BounceCategory category, string status)
    {
        var arrival = await Report(server, local, new SmtpDsn(DsnNotify.Failure, EnvelopeId: "env=1+2", OriginalRecipient: EmailAddress.Parse($"before+{local}@far.example")));
        Assert.Null(arrival.Delivery.Sender); // RFC 3464 2: a report has the null sender.
        PeerSamplesTests.Check(arrival.Message, local, kind, category, status);
        var report = IncomingReport.Read(arrival.Message).Delivery!;
        // OpenSMTPD gives neither back; Exim gives both back as they were encoded on the wire (RFC 3461 4), so an identifier is best made of letters and digits.
        (string? Envelope, string? Original) expected = server switch
        {
            "postfix" => ("env=1+2", $"before+{local}@far.example"),
            "exim" => ("env+3D1+2B2", $"before+2B{local}@far.example"),
            _ => (null, null),
        };
        Assert.Equal(expected, (report.OriginalEnvelopeId, Assert.Single(report.Recipients).Original?.Text));
    }

    [Theory]
    [InlineData("postfix")]
    [InlineData("exim")]
    [InlineData("opensmtpd")]
    public async Task Success_is_told_when_asked_for(string server)
    {
        var report = IncomingReport.Read((await Report(server, "glad", new SmtpDsn(DsnNotify.Success, EnvelopeId: "e1"))).Message);
        Assert.Equal((ReportKind.Delivered, "glad.1@client.example"), (report.Kind, report.OriginalMessageId));
        var one = Assert.Single(report.Delivery!.Recipients);
        Assert.True(one.Action is ReportAction.Relayed or ReportAction.Delivered);
        Assert.Equal("glad@far.example", one.Final?.Text);
    }

    [Theory]
    [InlineData("postfix")]
    [InlineData("exim")]
    public async Task A_delay_is_told_and_is_no_failure(string server)
    {
        var report = IncomingReport.Read((await Report(server, "later", new SmtpDsn(DsnNotify.Delay))).Message);
        Assert.Equal((ReportKind.Bounce, "later.1@client.example"), (report.Kind, report.OriginalMessageId));
        var one = Assert.Single(report.Delivery!.Recipients);
        Assert.Equal((ReportAction.Delayed, "later@far.example", false), (one.Action, one.Final?.Text, one.IsPermanent));
    }
}
