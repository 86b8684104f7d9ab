using System.CommandLine;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>TLS reports in one flat shape, whatever they came in.</summary>
static class TlsReportVerb
{
    sealed record Told(
        string Path, string? OrganizationName, string? ContactInfo, string? ReportId, string? StartDatetime, string? EndDatetime, IReadOnlyList<string> Errors, IReadOnlyList<TlsReportPolicy> Policies);

    public static Command Command()
    {
        var (paths, json) = (MailInputs.Paths(), MailInputs.Json());
        var command = new Command("tls-report", "Read SMTP TLS reports: a message, JSON, gzip or zip, recognised by content.") { paths, json };
        command.SetAction((parsed, ct) => MailInputs.Each(parsed.GetValue(paths) ?? [], parsed.GetValue(json), (input, _) => ValueTask.FromResult(Read(input)), Text, ct));
        return command;
    }

    static Told Read(MailInput input) => TlsReport.Read(input.Octets) is { } r
        ? new Told(input.Path, r.OrganizationName, r.ContactInfo, r.ReportId, r.StartDatetime, r.EndDatetime, r.Errors, r.Policies)
        : new Told(input.Path, null, null, null, null, null, ["no TLS report found"], []);

    static string Text(Told told)
    {
        var lines = new List<string> { $"{told.Path}: {told.OrganizationName} {told.ReportId}  {told.StartDatetime} to {told.EndDatetime}" };
        foreach (var policy in told.Policies)
        {
            lines.Add($"  {policy.PolicyDomain}  {policy.PolicyType}  {policy.TotalSuccessfulSessionCount} passed, {policy.TotalFailureSessionCount} failed");
            foreach (var failure in policy.FailureDetails) lines.Add($"    {failure.ResultType}  {failure.FailedSessionCount}  {failure.ReceivingMxHostname}");
        }
        foreach (var error in told.Errors) lines.Add("  error: " + error);
        return string.Join('\n', lines);
    }
}
