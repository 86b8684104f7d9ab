using System.IO.Compression;
using System.Text;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Mail.Tests.Reports;

/// <summary>Reports that did not come straight from a mail system: passed on by a person, or several in one file.</summary>
public sealed class ForwardedReportTests
{
    static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", name));

    static IncomingReport Read(string message) => IncomingReport.Read(MimeReader.Read(Encoding.UTF8.GetBytes(message.ReplaceLineEndings("\r\n")), new MimeLimits()));

    [Theory]
    [InlineData("Peers/postfix-unknown.eml", "message/rfc822", "unknown@far.example", BounceCategory.InvalidRecipient)]
    [InlineData("Peers/exim-full.eml", "message/rfc822", "full@far.example", BounceCategory.Quota)]
    [InlineData("Peers/opensmtpd-blocked.eml", "message/rfc822", "blocked@far.example", BounceCategory.Policy)]
    [InlineData("Peers/postfix-unknown.eml", "application/octet-stream; name=\"Undelivered.eml\"", "unknown@far.example", BounceCategory.InvalidRecipient)]
    public void An_attached_report_is_read_as_the_report_it_is(string file, string type, string address, BounceCategory category)
    {
        var report = Read($"From: Olivia <olivia@client.example>\nTo: support@client.example\nSubject: What does this mean?\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=outer\n\n--outer\n\nSee below.\n--outer\nContent-Type: {type}\n\n{Encoding.UTF8.GetString(Sample(file))}\n--outer--\n");
        var one = Assert.Single(report.Delivery!.Recipients);
        Assert.Equal((ReportKind.Bounce, true, address, category), (report.Kind, report.IsForwarded, one.Final?.Text, one.Classify().Category));
        Assert.NotNull(report.OriginalMessageId);
    }

    const string Gmail = "---------- Forwarded message ---------\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nDate: Mon, 2 Mar 2026 at 10:00\nSubject: Delivery Status Notification (Failure)\nTo: <olivia@client.example>\n\n\n"
        + "** Address not found **\n\nYour message wasn't delivered to gone@far.example because the address couldn't be found, or is unable to receive mail.\n\nThe response was:\n\n550 5.1.1 The email account that you tried to reach does not exist.\n";

    const string Outlook = "Kannst Du bitte nachsehen?\n\nVon: Mail Delivery System [mailto:MAILER-DAEMON@mx.peer.example]\nGesendet: Montag, 2. März 2026 10:00\nAn: olivia@client.example\nBetreff: Undelivered Mail Returned to Sender\n\n"
        + "This is the mail system at host mx.peer.example.\n\nI'm sorry to have to inform you that your message could not be delivered to one or more recipients.\n\n<gone@far.example>: host mx.far.example[192.0.2.1] said: 550 5.1.1 No such user here (in reply to RCPT TO command)\n";

    const string Apple = "Begin forwarded message:\n\n> From: Mail Delivery System <Mailer-Daemon@mx.peer.example>\n> Subject: Mail delivery failed: returning message to sender\n> Date: 2 March 2026 at 10:00:00 CET\n> To: olivia@client.example\n> \n"
        + "> This message was created automatically by mail delivery software.\n> \n> A message that you sent could not be delivered to one or more of its\n> recipients. This is a permanent error. The following address(es) failed:\n> \n>   gone@far.example\n>     host mx.far.example [192.0.2.1]\n>     SMTP error from remote mail server after RCPT TO:<gone@far.example>:\n>     550 5.1.1 No such user here\n";

    [Theory]
    [InlineData("Fwd: Delivery Status Notification (Failure)", Gmail)]
    [InlineData("WG: Undelivered Mail Returned to Sender", Outlook)]
    [InlineData("Fwd: Mail delivery failed: returning message to sender", Apple)]
    public void A_report_copied_into_the_text_is_read(string subject, string text)
    {
        var report = Read($"From: Olivia <olivia@client.example>\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}");
        var one = Assert.Single(report.Delivery!.Recipients);
        Assert.Equal((ReportKind.Bounce, true, "gone@far.example", BounceClass.Hard), (report.Kind, report.IsForwarded, one.Final?.Text, one.Classify().Class));
    }

    [Theory]
    [InlineData("Re: Delivery Status Notification (Failure)", Gmail)] // An answer about a report.
    [InlineData("Fwd: Lunch", "See below.\n\n---------- Forwarded message ---------\nFrom: Anna <anna@far.example>\nDate: Mon, 2 Mar 2026 at 10:00\nSubject: Lunch\nTo: <olivia@client.example>\n\nAt noon? My mailbox is full, by the way: 552 5.2.2.\n")]
    public void What_people_write_to_each_other_stays_what_it_is(string subject, string text) =>
        Assert.Equal(ReportKind.None, Read($"From: Olivia <olivia@client.example>\nSubject: {subject}\n\n{text}").Kind);

    [Fact]
    public void A_report_straight_from_the_system_is_not_called_forwarded() =>
        Assert.False(IncomingReport.Read(MimeReader.Read(Sample("Peers/postfix-unknown.eml"), new MimeLimits())).IsForwarded);

    static byte[] Zip(params string[] reports)
    {
        using var made = new MemoryStream();
        using (var archive = new ZipArchive(made, ZipArchiveMode.Create, leaveOpen: true))
            for (var i = 0; i < reports.Length; i++)
            {
                using var entry = archive.CreateEntry($"r{i}.xml").Open();
                entry.Write(Encoding.UTF8.GetBytes(reports[i]));
            }

        return made.ToArray();
    }

    static string Report(int number) => $"<feedback><report_metadata><report_id>{number}</report_id></report_metadata><policy_published><domain>d{number}.example</domain></policy_published><record><row><source_ip>192.0.2.{number % 250}</source_ip><count>{number}</count></row></record></feedback>";

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(100, 100)]
    [InlineData(101, 100)]
    public void Every_report_of_a_zip_is_read_in_order_up_to_a_hundred(int count, int expected)
    {
        var zip = Zip([.. Enumerable.Range(1, count).Select(Report)]);
        Assert.Equal(Enumerable.Range(1, expected).Select(i => $"{i}"), DmarcReader.ReadAll(zip).Select(report => report.ReportId ?? ""));
        Assert.Equal("1", DmarcReader.Read(zip)?.ReportId);
    }

    [Fact]
    public void A_damaged_report_among_good_ones_keeps_its_place_and_says_so()
    {
        var reports = DmarcReader.ReadAll(Zip(Report(1), Report(2)[..^40], "<html>no report</html>", Report(3)));
        Assert.Equal(["1", "2", "3"], reports.Select(report => report.ReportId));
        Assert.Equal([0, 1, 0], reports.Select(report => report.Errors.Count));
    }

    [Fact]
    public void Many_large_reports_together_are_bounded()
    {
        var large = "<feedback><report_metadata><report_id>x</report_id></report_metadata>" + new string(' ', 20_000_000) + "</feedback>";
        Assert.InRange(DmarcReader.ReadAll(Zip(large, large, large, large, large, large)).Count, 3, 4);
    }
}
