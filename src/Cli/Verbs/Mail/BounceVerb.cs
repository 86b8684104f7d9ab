using System.CommandLine;
using System.Text.Json;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>What a bounce, complaint or automatic answer says.</summary>
static class BounceVerb
{
    sealed record Recipient(
        string? Address, string? OriginalAddress, string? Action, string? Status, int? ReplyCode, string Class, string Category, bool Permanent, string? Blame,
        string? Diagnostic, string? RemoteMta, string Rule, double Confidence);

    sealed record Feedback(string Type, string? SourceIp, string? OriginalRecipient, string? OriginalMailFrom);

    sealed record Answer(string Reason, string? Until);

    sealed record Original(string? MessageId, string? Subject, string? ReturnPath);

    sealed record Told(string Path, string Kind, IReadOnlyList<Recipient> Recipients, Feedback? Feedback, Answer? AutoReply, Original? Original, string? ReportingMta, bool Forwarded);

    public static Command Command()
    {
        var (paths, json) = (MailInputs.Paths(), MailInputs.Json());
        var command = new Command("bounce", "Read bounces, delays, receipts, complaints and automatic answers: who, why, and whose doing it is.") { paths, json };
        command.SetAction((parsed, ct) => MailInputs.Each(parsed.GetValue(paths) ?? [], parsed.GetValue(json), (input, _) => ValueTask.FromResult(Read(input)), Text, ct));
        return command;
    }

    static Told Read(MailInput input)
    {
        var message = MimeReader.Read(input.Octets, new MimeLimits());
        var report = IncomingReport.Read(message);
        var recipients = report.Kind switch
        {
            ReportKind.Bounce or ReportKind.Delivered => report.Delivery?.Recipients.Select(Of).ToList() ?? [],
            ReportKind.Feedback => report.Feedback?.Recipients.Select(one => Plain(one.Text, BounceCategory.Feedback, "feedback report")).ToList() ?? [],
            ReportKind.AutoReply when report.Answer is { } answer => [Plain(Sender(message), Category(answer.Reason), answer.Rule)],
            _ => [],
        };
        return new Told(
            input.Path, Word(report.Kind), recipients,
            report.Feedback is { } f ? new Feedback(f.Type, f.Source?.ToString(), f.Recipients.Count > 0 ? f.Recipients[0].Text : null, f.Sender?.Text) : null,
            report.Answer is { } a ? new Answer(Word(a.Reason), a.Until?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)) : null,
            report.Returned is null && report.OriginalMessageId is null ? null : new Original(report.OriginalMessageId, report.Returned?.Header("Subject"), Bare(report.Returned?.Raw("Return-Path"))),
            report.Delivery?.ReportingMta, report.IsForwarded);
    }

    static Recipient Of(RecipientReport one)
    {
        var verdict = one.Classify();
        return new Recipient(
            one.Named ?? one.Final?.Text, one.NamedOriginal ?? one.Original?.Text, Word(one.Action), one.Status == "0.0.0" ? null : one.Status, one.Code == 0 ? null : one.Code,
            Word(verdict.Class), Word(verdict.Category), one.IsPermanent, BlameWord(verdict.Blame), one.Diagnostic.Length == 0 ? null : one.Diagnostic, one.RemoteMta, verdict.Rule, verdict.Confidence);
    }

    static Recipient Plain(string? address, BounceCategory category, string rule)
    {
        var verdict = BounceClassifier.Of(category, rule, 0.9);
        return new Recipient(address, null, null, null, null, Word(verdict.Class), Word(category), false, BlameWord(verdict.Blame), null, null, rule, verdict.Confidence);
    }

    static BounceCategory Category(AutoReason reason) => reason switch
    {
        AutoReason.OutOfOffice or AutoReason.Vacation => BounceCategory.Vacation,
        AutoReason.Challenge => BounceCategory.Challenge,
        AutoReason.AddressChange => BounceCategory.AddressChange,
        AutoReason.AutoReply or AutoReason.LeftCompany or AutoReason.Received => BounceCategory.AutoReply,
    };

    static string? Sender(MimePart message) => Bare((message.Header("From") ?? "").Split('<')[^1]);

    static string? Bare(string? value) => value?.Trim().TrimStart('<').TrimEnd('>').Trim() is { Length: > 0 } bare ? bare : null;

    static string? BlameWord(BounceBlame blame) => blame == BounceBlame.None ? null : Word(blame);

    static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    static string Text(Told told)
    {
        var lines = new List<string> { $"{told.Path}: {told.Kind}{(told.Forwarded ? ", passed on by a person" : "")}" };
        foreach (var one in told.Recipients)
        {
            lines.Add($"  {one.Address}  {one.Action}  {one.ReplyCode} {one.Status}  {one.Class}/{one.Category}  blame: {one.Blame}  {(one.Permanent ? "permanent" : "temporary")}  by {one.Rule} ({one.Confidence:0.00})");
            if (one.Diagnostic is not null) lines.Add($"    {(one.Diagnostic.Length > 200 ? one.Diagnostic[..200] + "…" : one.Diagnostic)}");
        }
        if (told.Feedback is { } f) lines.Add($"  complaint: {f.Type}, from {f.SourceIp}, for {f.OriginalRecipient}, sent by {f.OriginalMailFrom}");
        if (told.AutoReply is { } a) lines.Add($"  automatic: {a.Reason}{(a.Until is null ? "" : " until " + a.Until)}");
        if (told.Original is { } o) lines.Add($"  about: {o.MessageId} {o.Subject}");
        return string.Join('\n', lines);
    }
}
