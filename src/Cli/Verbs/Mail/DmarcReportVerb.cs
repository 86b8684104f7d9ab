using System.CommandLine;
using System.Globalization;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>DMARC reports in one flat shape, whatever they came in.</summary>
static class DmarcReportVerb
{
    sealed record Told(
        string Path, string? Kind, string? OrgName, string? Email, string? ExtraContactInfo, string? ReportId, long? Begin, long? End, string? BeginAt, string? EndAt, string? Domain,
        string? Adkim, string? Aspf, string? P, string? Sp, string? Np, int? Pct, string? Fo, string? Testing, string? DiscoveryMethod, string? Generator, string? Version,
        IReadOnlyList<string> Errors, IReadOnlyList<DmarcRow> Records, DmarcFailureReport? Failure);

    public static Command Command()
    {
        var (paths, json) = (MailInputs.Paths(), MailInputs.Json());
        var command = new Command("dmarc-report", "Read DMARC aggregate and failure reports: a message, XML, gzip or zip, recognised by content.") { paths, json };
        command.SetAction((parsed, ct) => MailInputs.Each(parsed.GetValue(paths) ?? [], parsed.GetValue(json), (input, _) => ValueTask.FromResult(Read(input)), Text, ct));
        return command;
    }

    static Told Read(MailInput input)
    {
        var report = DmarcReader.Read(input.Octets);
        var failure = report is null ? DmarcFailureReport.Read(MimeReader.Read(input.Octets, new MimeLimits())) : null;
        var r = report ?? new DmarcReport { Errors = failure is null ? ["no DMARC report found"] : [] };
        return new Told(
            input.Path, report is not null ? "aggregate" : failure is not null ? "failure" : null, r.OrgName, r.Email, r.ExtraContactInfo, r.ReportId, r.Begin, r.End, At(r.Begin), At(r.End), r.Domain,
            r.Adkim, r.Aspf, r.P, r.Sp, r.Np, r.Pct, r.Fo, r.Testing, r.DiscoveryMethod, r.Generator, r.Version, r.Errors, r.Records, failure);
    }

    static string? At(long? seconds) => seconds is >= 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : null;

    static string Text(Told told)
    {
        var lines = new List<string> { $"{told.Path}: {told.Kind ?? "no report"} {told.OrgName} {told.ReportId}", $"  {told.Domain}  {told.BeginAt} to {told.EndAt}  p={told.P} sp={told.Sp} adkim={told.Adkim} aspf={told.Aspf}" };
        foreach (var row in told.Records) lines.Add($"  {row.SourceIp,-40} {row.Count,8}  {row.Disposition,-10} dkim={row.Dkim} spf={row.Spf}  from {row.HeaderFrom}");
        if (told.Failure is { } f) lines.Add($"  {f.AuthFailure}: {f.HeaderFrom} from {f.SourceIp}, {f.DeliveryResult}");
        foreach (var error in told.Errors) lines.Add("  error: " + error);
        return string.Join('\n', lines);
    }
}
