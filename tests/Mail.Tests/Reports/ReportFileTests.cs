using System.IO.Compression;
using System.Text;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Mail.Tests.Reports;

/// <summary>DMARC and TLS reports in whatever they come.</summary>
public sealed class ReportFileTests
{
    static byte[] Seed(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Seeds", name));

    static byte[] Gzip(byte[] octets)
    {
        using var made = new MemoryStream();
        using (var gzip = new GZipStream(made, CompressionLevel.Optimal, true)) gzip.Write(octets);
        return made.ToArray();
    }

    static byte[] Zip(byte[] octets)
    {
        using var made = new MemoryStream();
        using (var zip = new ZipArchive(made, ZipArchiveMode.Create, true))
        using (var entry = zip.CreateEntry("report.bin").Open()) entry.Write(octets);
        return made.ToArray();
    }

    static byte[] Mail(byte[] octets, string type) => Encoding.ASCII.GetBytes(
        "From: r@reporter.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: " + type + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Convert.ToBase64String(octets, Base64FormattingOptions.InsertLineBreaks) + "\r\n");

    [Fact]
    public void Aggregate_report_of_RFC_9990_is_read_whole()
    {
        var report = DmarcReader.Read(Seed("dmarc/rfc9990.xml"))!;
        Assert.Equal(("Sample Reporter", 302832000L, 302918399L, "sender.example", "quarantine", "none", "none", "treewalk", "Reporter 2.1", "n"),
            (report.OrgName, report.Begin, report.End, report.Domain, report.P, report.Sp, report.Np, report.DiscoveryMethod, report.Generator, report.Testing));
        var row = Assert.Single(report.Records);
        Assert.Equal(("192.0.2.123", 123L, "pass", "pass", "fail", "b.example", "sender.example"), (row.SourceIp, row.Count, row.Disposition, row.Dkim, row.Spf, row.EnvelopeTo, row.HeaderFrom));
        Assert.Equal([new DmarcReason("local_policy", "trusted list"), new DmarcReason("other", null)], row.Reasons);
        Assert.Equal([new DmarcDkim("sender.example", "s1", "pass", null), new DmarcDkim("other.example", "s2", "fail", "body hash")], row.Auth.Dkim);
        Assert.Equal([new DmarcSpf("sender.example", "mfrom", "fail", null)], row.Auth.Spf);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("gzip")]
    [InlineData("zip")]
    [InlineData("zip of gzip")]
    [InlineData("mail, gzip as text")]
    [InlineData("mail, zip as octets")]
    [InlineData("mail, xml")]
    [InlineData("mail, base64 in base64")]
    [InlineData("utf-16")]
    [InlineData("byte order mark and blanks")]
    [InlineData("trailing garbage")]
    public void Dressing_does_not_matter(string dressing)
    {
        var xml = Seed("dmarc/rfc9990.xml");
        var octets = dressing switch
        {
            "gzip" => Gzip(xml),
            "zip" => Zip(xml),
            "zip of gzip" => Zip(Gzip(xml)),
            "mail, gzip as text" => Mail(Gzip(xml), "text/plain; name=x.pdf"),
            "mail, zip as octets" => Mail(Zip(xml), "application/octet-stream"),
            "mail, xml" => Mail(xml, "text/xml"),
            "mail, base64 in base64" => Mail(Encoding.ASCII.GetBytes(Convert.ToBase64String(Gzip(xml))), "application/gzip"),
            "utf-16" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(xml).Replace("UTF-8", "UTF-16"))],
            "byte order mark and blanks" => [0xEF, 0xBB, 0xBF, .. xml],
            "trailing garbage" => [.. xml, .. "</feedback>\0\0 junk <"u8],
            _ => xml,
        };
        Assert.Equal(123, Assert.Single(DmarcReader.Read(octets)!.Records).Count);
    }

    [Fact]
    public void Broken_report_gives_the_rows_before_the_break()
    {
        var xml = Encoding.UTF8.GetString(Seed("dmarc/rfc9990.xml")).Replace("</feedback>", "<record><row><count>1</count></ro");
        var report = DmarcReader.Read(Encoding.UTF8.GetBytes(xml))!;
        Assert.Single(report.Records);
        Assert.NotEmpty(report.Errors);
    }

    [Fact]
    public void Failure_report_in_words_is_feedback_about_authentication()
    {
        const string mail = """
            From: no-reply@mx.example
            To: reports@ours.example
            Subject: DMARC failure notice for ours.example
            Auto-Submitted: auto-replied
            Content-Type: multipart/report; boundary=b

            --b
            Content-Type: text/plain

            A message with your name failed the DMARC policy.

              Sender IP Address: 192.0.2.9

            ------ The header as it came:

            Received: from x.example ([192.0.2.9]) by mx.example
            Message-ID: <m1@x.example>
            From: <ann@ours.example>
            To: <bob@peer.example>
            Date: Mon, 2 Mar 2026 10:00:00 +0000

            --b--
            """;
        var report = IncomingReport.Read(MimeReader.Read(Encoding.UTF8.GetBytes(mail), new MimeLimits()));
        Assert.Equal(ReportKind.Feedback, report.Kind);
        Assert.Equal(("auth-failure", "192.0.2.9", "ann@ours.example"), (report.Feedback!.Type, $"{report.Feedback.Source}", $"{report.Feedback.Sender}"));
    }

    [Fact]
    public void Entities_are_not_followed()
    {
        var xml = "<?xml version=\"1.0\"?><!DOCTYPE feedback [<!ENTITY x SYSTEM \"file:///etc/hostname\"><!ENTITY y \"bomb\">]><feedback><report_metadata><org_name>a&x;&y;</org_name></report_metadata></feedback>";
        var report = DmarcReader.Read(Encoding.UTF8.GetBytes(xml))!;
        Assert.NotEmpty(report.Errors);
        Assert.Null(report.OrgName);
    }

    [Fact]
    public void Bomb_is_left_at_the_limit()
    {
        var bomb = Gzip([.. "<feedback><report_metadata><org_name>x</org_name></report_metadata>"u8, .. new byte[70 * 1024 * 1024]]);
        Assert.True(bomb.Length < 100_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var report = DmarcReader.Read(bomb)!;
        Assert.Empty(report.Records);
        Assert.NotEmpty(report.Errors);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 400_000_000);
    }

    [Fact]
    public void Failure_report_is_read()
    {
        var report = DmarcFailureReport.Read(MimeReader.Read(Encoding.UTF8.GetBytes("""
            From: r@reporter.example
            Content-Type: multipart/report; report-type=feedback-report; boundary=b

            --b
            Content-Type: text/plain

            x
            --b
            Content-Type: message/feedback-report

            Feedback-Type: auth-failure
            Version: 1
            Auth-Failure: dmarc
            Identity-Alignment: none
            Delivery-Result: reject
            Original-Mail-From: <a@x.example>
            Source-IP: 192.0.2.1
            Reported-Domain: x.example

            --b
            Content-Type: text/rfc822-headers

            From: A <a@x.example>
            Subject: s
            Message-ID: <1@x.example>

            --b--
            """), new MimeLimits()))!;
        Assert.Equal(("dmarc", "192.0.2.1", "x.example", "reject", "none", "1@x.example"), (report.AuthFailure, report.SourceIp, report.ReportedDomain, report.DeliveryResult, report.IdentityAlignment, report.MessageId));
    }

    [Fact]
    public void Tls_report_is_read_from_anything()
    {
        foreach (var octets in (byte[][])[Seed("tls/plain.json"), Gzip(Seed("tls/plain.json")), Zip(Seed("tls/plain.json")), Mail(Gzip(Seed("tls/plain.json")), "application/tlsrpt+gzip")])
        {
            var report = TlsReport.Read(octets)!;
            Assert.Equal(("Company-X", "5065427c-23d3"), (report.OrganizationName, report.ReportId));
            var policy = Assert.Single(report.Policies);
            Assert.Equal(("sts", "company-y.example", 5326L, 303L, "*.mail.company-y.example"), (policy.PolicyType, policy.PolicyDomain, policy.TotalSuccessfulSessionCount, policy.TotalFailureSessionCount, policy.MxHost.Single()));
            Assert.Equal([100L, 3L], policy.FailureDetails.Select(failure => failure.FailedSessionCount));
        }

        Assert.Null(TlsReport.Read("{\"a\":1}"u8.ToArray()));
        Assert.Null(TlsReport.Read("{"u8.ToArray()));
    }
}
