using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Mail.Tests.Peers;

/// <summary>The same judgements on reports that <see cref="PeerReportTests"/> once recorded, for runs without the servers.</summary>
public sealed class PeerSamplesTests
{
    public static TheoryData<string, string, BounceClass, BounceCategory, string> Failures => PeerReportTests.Failures();

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_recorded_failure_is_read(string server, string local, BounceClass kind, BounceCategory category, string status) =>
        Check(Sample(server, local), local, kind, category, status);

    [Theory]
    [InlineData("postfix", "glad", ReportKind.Delivered, ReportAction.Relayed)]
    [InlineData("exim", "glad", ReportKind.Delivered, ReportAction.Delivered)]
    [InlineData("opensmtpd", "glad", ReportKind.Delivered, ReportAction.Relayed)]
    [InlineData("postfix", "later", ReportKind.Bounce, ReportAction.Delayed)]
    [InlineData("exim", "later", ReportKind.Bounce, ReportAction.Delayed)]
    public void A_recorded_receipt_or_delay_is_read(string server, string local, ReportKind kind, ReportAction action)
    {
        var report = IncomingReport.Read(Sample(server, local));
        var one = Assert.Single(report.Delivery!.Recipients);
        Assert.Equal((kind, action, $"{local}@far.example", false), (report.Kind, one.Action, one.Final?.Text, one.IsPermanent));
    }

    static MimePart Sample(string server, string local) => MimeReader.Read(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples/Peers", $"{server}-{local}.eml")), new MimeLimits());

    internal static void Check(MimePart message, string local, BounceClass kind, BounceCategory category, string status)
    {
        var report = IncomingReport.Read(message);
        Assert.Equal((ReportKind.Bounce, $"{local}.1@client.example"), (report.Kind, report.OriginalMessageId));
        var one = Assert.Single(report.Delivery!.Recipients);
        Assert.Equal(($"{local}@far.example", ReportAction.Failed, status), (one.Final?.Text, one.Action, one.Status));
        var verdict = one.Classify();
        Assert.Equal((kind, category), (verdict.Class, verdict.Category));
    }
}
