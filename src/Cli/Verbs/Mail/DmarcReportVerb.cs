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
        IReadOnlyList<string> Errors, IReadOnlyList<DmarcRow> Records, DmarcFailureReport? Failure, IReadOnlyList<Told> More);

    public static Command Command()
    {
        var (paths, json) = (MailInputs.Paths(), MailInputs.Json());
        var command = new Command("dmarc-report", "Read DMARC aggregate and failure reports: a message, XML, gzip or zip, recognised by content.") { paths, json };
        command.SetAction((parsed, ct) => MailInputs.Each(parsed.GetValue(paths) ?? [], parsed.GetValue(json), (input, _) => ValueTask.FromResult(Read(input)), Text, ct));
        return command;
    }

    static Told Read(MailInput input)
    {
        var reports = DmarcReader.ReadAll(input.Octets);
        if (reports.Count > 0) return Of(input.Path, "aggregate", reports[0], null) with { More = [.. reports.Skip(1).Select(report => Of(input.Path, "aggregate", report, null))] };
        var failure = DmarcFailureReport.Read(MimeReader.Read(input.Octets, new MimeLimits()));
        return Of(input.Path, failure is null ? null : "failure", new DmarcReport { Errors = failure is null ? ["no DMARC report found"] : [] }, failure);
    }

    static Told Of(string path, string? kind, DmarcReport r, DmarcFailureReport? failure) => new(
        path, kind, r.OrgName, r.Email, r.ExtraContactInfo, r.ReportId, r.Begin, r.End, At(r.Begin), At(r.End), r.Domain,
        r.Adkim, r.Aspf, r.P, r.Sp, r.Np, r.Pct, r.Fo, r.Testing, r.DiscoveryMethod, r.Generator, r.Version, r.Errors, r.Records, failure, []);

    static string? At(long? seconds) => seconds is >= 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : null;

    static string Text(Told told)
    {
        var lines = new List<string> { $"{told.Path}: {told.Kind ?? "no report"} {told.OrgName} {told.ReportId}", $"  {told.Domain}  {told.BeginAt} to {told.EndAt}  p={told.P} sp={told.Sp} adkim={told.Adkim} aspf={told.Aspf}" };
        foreach (var row in told.Records) lines.Add($"  {row.SourceIp,-40} {row.Count,8}  {row.Disposition,-10} dkim={row.Dkim} spf={row.Spf}  from {row.HeaderFrom}");
        if (told.Failure is { } f) lines.Add($"  {f.AuthFailure}: {f.HeaderFrom} from {f.SourceIp}, {f.DeliveryResult}");
        foreach (var error in told.Errors) lines.Add("  error: " + error);
        lines.AddRange(told.More.Select(Text));
        return string.Join('\n', lines);
    }
}
