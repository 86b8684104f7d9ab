using System.Net;
using System.Security.Cryptography;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Mail.Tests.Guide;

/// <summary>The examples of <c>docs/guide/mail-library.md</c>, run: what stands between two marks here stands there too.</summary>
public sealed partial class GuideExamples
{
    static readonly byte[] Letter = MessageWriter.Write(Compose());

    static CancellationToken ct => TestContext.Current.CancellationToken;

    static byte[] File(string name) => System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", name));

    static OutgoingMessage Compose()
    {
        // example: write
        var from = EmailAddress.Parse("olivia@shop.example");
        var message = new OutgoingMessage
        {
            From = new Mailbox(from, HeaderText.Create("Olivia Hart")),
            To = [new Mailbox(EmailAddress.Parse("reka@far.example"))],
            Subject = HeaderText.Create("Grüße aus Köln"),
            Date = TimeProvider.System.GetUtcNow(),
            MessageId = MessageId.Create(from.Domain, RandomNumberGenerator.Fill),
            Text = "Hello Réka,\n\nthe new list is out.\n",
            Html = "<p>Hello Réka,</p><p>the new list is out.</p>",
            ListUnsubscribe = ListUnsubscribe.Create(new Uri("https://shop.example/u/7f3a"), null),
        };
        byte[] octets = MessageWriter.Write(message);
        // end
        Assert.True(octets.Length > 500);
        return message;
    }

    [Fact]
    public void Parse()
    {
        var octets = Letter;
        // example: parse
        var message = MimeMessage.Read(octets, new MimeLimits());
        Console.WriteLine($"{message.Subject} from {message.From[0].Address}, {message.Date:u}");
        Console.WriteLine(message.Text ?? message.Html ?? "(no text)");
        foreach (var file in message.Attachments) Console.WriteLine($"{file.FileName}, {file.ContentType}, {file.Size} octets");
        foreach (var defect in message.Defects) Console.WriteLine($"{defect.Code} at octet {defect.Offset}");
        // end
        Assert.Equal(("Grüße aus Köln", "olivia@shop.example", "Hello Réka,\n\nthe new list is out.\n"), (message.Subject, message.From[0].Address, message.Text));
    }

    [Theory]
    [InlineData("Olivia@Köln.example", "Olivia@xn--kln-sna.example")]
    [InlineData("olivia@@shop.example", null)]
    public void Address(string text, string? expected)
    {
        // example: address
        string answer;
        if (EmailAddress.TryParse(text, out var address, out var fault))
            answer = address.Text; // The form that goes over the wire: the domain in A-labels, in lower case.
        else
            answer = $"{fault.Reason} at character {fault.Offset + 1}";
        // end
        if (expected is null) Assert.Contains("at character", answer, StringComparison.Ordinal);
        else Assert.Equal(expected, answer);
    }

    [Fact]
    public async Task Sign_and_verify()
    {
        var octets = Letter;
        var now = TimeProvider.System.GetUtcNow();
        // example: sign
        using var key = DkimKey.Create(DomainName.Parse("shop.example"), "s1"); // RSA of 2048 bits; ExportPem and FromPem keep it.
        Console.WriteLine($"publish at {key.RecordName}: {key.ZoneText}");
        byte[] signed = key.Sign(octets, now);
        // end
        var dns = new MemoryZone();
        Assert.True(dns.Add(key.RecordName, DnsType.Txt, key.Record));
        // example: verify
        var question = new SpfQuestion { Client = IPAddress.Parse("192.0.2.1"), Helo = "mx.shop.example", MailFrom = "olivia@shop.example" };
        var verdicts = await AuthenticationCheck.Run(signed, question, dns, null, now, ct);
        foreach (var dkim in verdicts.Dkim) Console.WriteLine($"dkim {dkim.Result} {dkim.Domain}: {dkim.Reason}");
        Console.WriteLine($"spf {verdicts.Spf?.Result}, dmarc {verdicts.Dmarc.Result}: {verdicts.Dmarc.Reason}");
        // end
        var only = Assert.Single(verdicts.Dkim);
        Assert.Equal((AuthResult.Pass, "shop.example"), (only.Result, only.Domain));
    }

    [Fact]
    public void Bounce()
    {
        var octets = File("Peers/postfix-unknown.eml");
        var told = new List<string>();
        // example: bounce
        var report = IncomingReport.Read(MimeReader.Read(octets, new MimeLimits()));
        foreach (var recipient in report.Delivery?.Recipients ?? [])
        {
            var verdict = recipient.Classify();
            told.Add($"{recipient.Final}: {recipient.Action} {recipient.Status}, {verdict.Class}/{verdict.Category}, blame {verdict.Blame}, by {verdict.Rule}");
        }
        Console.WriteLine($"{report.Kind} about {report.OriginalMessageId}");
        // end
        Assert.StartsWith("unknown@far.example: Failed 5.1.1, Hard/InvalidRecipient, blame List", Assert.Single(told));
    }

    [Fact]
    public void Reply()
    {
        var octets = Encoding.UTF8.GetBytes("From: b@far.example\r\nSubject: Re: Offer\r\n\r\nYes, please call me.\r\n\r\nBest regards\r\nBea\r\n\r\nOn Mon, 2 Mar 2026 at 10:00, Olivia <olivia@shop.example> wrote:\r\n> Shall I call?\r\n");
        // example: reply
        var reply = IncomingReply.Read(MimeReader.Read(octets, new MimeLimits()));
        Console.WriteLine($"{reply.Kind} ({reply.Reason}): {reply.Parts.Reply}");
        if (reply.Answer is { } answer) Console.WriteLine($"{answer.Reason}, back on {answer.Until}");
        // end
        Assert.Equal((ReplyKind.Human, "Yes, please call me."), (reply.Kind, reply.Parts.Reply));
    }

    [Fact]
    public void Reports()
    {
        var octets = File("dmarc-aggregate.eml");
        // example: reports
        foreach (var report in DmarcReader.ReadAll(octets)) // A message, XML, gzip or zip.
            foreach (var row in report.Records) Console.WriteLine($"{report.OrgName}: {row.Count} from {row.SourceIp}, dkim {row.Dkim}, spf {row.Spf}, {row.Disposition}");
        // end
        Assert.NotEmpty(DmarcReader.ReadAll(octets)[0].Records);
    }
}
