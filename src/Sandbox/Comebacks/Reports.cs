using System.Globalization;
using System.Net;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Sandbox.Mails;

namespace PenguinMails.Sandbox.Comebacks;

/// <summary>A message on its way back to us.</summary>
/// <param name="Sender">Null for the null sender.</param>
sealed record Comeback(EmailAddress? Sender, EmailAddress Recipient, byte[] Raw);

/// <summary>Reports as mail systems write them: multipart/report (RFC 6522) with a part for people, one for machines, and the header of the message.</summary>
static class Reports
{
    /// <summary>That the message could not be delivered after all (RFC 3464). Null for the null sender: nobody reports on a report.</summary>
    public static Comeback? Undelivered(Taken mail, DomainName reporter, DateTimeOffset now)
    {
        if (mail.Sender is not { } sender) return null;
        var remote = "mx." + mail.Recipient.Domain.Ascii;
        var words = $"550 5.1.1 <{mail.Recipient.Text}>: Recipient address rejected: User unknown";
        var people = $"""
            This is the mail system at host {reporter}.

            I'm sorry to have to inform you that your message could not
            be delivered to one or more recipients. It's attached below.

            For further assistance, please send mail to postmaster.

            <{mail.Recipient.Text}>: host {remote} said: {words} (in reply to RCPT TO command)

            """;
        var machines = $"""
            Reporting-MTA: dns; {reporter}
            Arrival-Date: {Date(mail.At)}

            Final-Recipient: rfc822; {mail.Recipient.Text}
            Original-Recipient: rfc822; {mail.Recipient.Text}
            Action: failed
            Status: 5.1.1
            Remote-MTA: dns; {remote}
            Diagnostic-Code: smtp; {words}
            Last-Attempt-Date: {Date(now)}

            """;
        var header = Header($"Mail Delivery System <MAILER-DAEMON@{reporter}>", sender, "Undelivered Mail Returned to Sender", reporter, now) + "Auto-Submitted: auto-replied\r\n";
        return new Comeback(null, sender, Report(header, "delivery-status", people, "message/delivery-status", machines, mail));
    }

    /// <summary>That the recipient called the message spam (RFC 5965).</summary>
    public static Comeback? Complaint(Taken mail, DomainName reporter, DateTimeOffset now)
    {
        if (mail.Sender is not { } sender) return null;
        var provider = EmailAddress.Parse($"feedbackloop@{mail.Recipient.Domain}");
        var to = EmailAddress.Parse($"fbl@{sender.Domain}");
        var people = $"""
            This is an email abuse report for an email message received from {IPAddress.Loopback} on {Date(mail.At)}.
            For more information about this format please see RFC 5965.

            """;
        var machines = $"""
            Feedback-Type: abuse
            User-Agent: SandboxFeedback/1.0
            Version: 1
            Original-Mail-From: <{sender.Text}>
            Original-Rcpt-To: <{mail.Recipient.Text}>
            Arrival-Date: {Date(mail.At)}
            Reporting-MTA: dns; {reporter}
            Source-IP: {IPAddress.Loopback}
            Reported-Domain: {sender.Domain}

            """;
        var header = Header($"<{provider.Text}>", to, "FW: " + Ascii(mail.Subject), reporter, now);
        return new Comeback(provider, to, Report(header, "feedback-report", people, "message/feedback-report", machines, mail));
    }

    static string Header(string from, EmailAddress to, string subject, DomainName reporter, DateTimeOffset now) =>
        $"From: {from}\r\nTo: {to.Text}\r\nSubject: {subject}\r\nDate: {Date(now)}\r\nMessage-ID: <{Guid.CreateVersion7(now):N}@{reporter}>\r\n";

    static byte[] Report(string header, string type, string people, string machineType, string machines, Taken mail)
    {
        var boundary = $"=_{Guid.CreateVersion7(mail.At):N}";
        var isAscii = System.Text.Ascii.IsValid(mail.Header.Span) && System.Text.Ascii.IsValid(mail.Recipient.Text);
        var encoding = isAscii ? "7bit" : "8bit";
        var start = $"""
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type={type};
             boundary="{boundary}"

            This is a MIME-encapsulated message.

            --{boundary}
            Content-Description: Notification
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: {encoding}

            {people}
            --{boundary}
            Content-Type: {machineType}

            {machines}
            --{boundary}
            Content-Description: Undelivered Message Headers
            Content-Type: text/rfc822-headers
            Content-Transfer-Encoding: {encoding}


            """;
        return [.. Encoding.UTF8.GetBytes(header), .. Encoding.UTF8.GetBytes(start.ReplaceLineEndings("\r\n")), .. mail.Header.Span, .. Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n")];
    }

    static string Date(DateTimeOffset at) => at.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);

    // Printable and short, so that the line needs neither encoding nor folding.
    static string Ascii(string text) => new([.. text.Take(200).Select(c => c is >= ' ' and <= '~' ? c : '?')]);
}
