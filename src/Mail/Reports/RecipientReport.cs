using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Reports;

/// <summary>What happened to one recipient (RFC 3464 2.3.3).</summary>
public enum ReportAction
{
    Failed,
    Delayed,
    Delivered,
    Relayed,
    Expanded,
}

/// <summary>One recipient of a delivery report.</summary>
/// <param name="Final">Where the mail went last; null when the report names nobody, or nobody with a lawful address.</param>
/// <param name="Original">As the sender wrote it, when the report says so.</param>
/// <param name="Code">Reply code found in the diagnostic, 0 without one.</param>
/// <param name="Status">The more telling of the Status field and the code inside the diagnostic; <c>0.0.0</c> when there is none.</param>
/// <param name="Diagnostic">The remote server's words, from the field or else from the text for people; at most 2000 characters.</param>
/// <param name="IsFromText">True when no machine-readable field named the recipient.</param>
public sealed record RecipientReport(
    EmailAddress? Final, EmailAddress? Original, ReportAction Action, int Code, string Status, string Diagnostic, bool IsFromText)
{
    /// <summary>The final recipient as the report writes it: mobile carriers have addresses no standard allows. Null without one.</summary>
    public string? Named { get; init; }

    /// <summary>The original recipient as the report writes it, null without one.</summary>
    public string? NamedOriginal { get; init; }

    /// <summary>The server that refused (RFC 3464 2.3.5, or from the text), null when unknown.</summary>
    public string? RemoteMta { get; init; }

    /// <summary>What else the report says about this recipient, for classifying only; at most 2000 characters.</summary>
    internal string Prose { get; init; } = "";

    /// <summary>True when trying again is no use: by the class of the codes, else by the class of the verdict. False for a delay.</summary>
    public bool IsPermanent
    {
        get
        {
            if (Action != ReportAction.Failed) return false;
            if (Status is [('4' or '5') and var first, ..]) return first == '5';
            if (Code >= 400) return Code >= 500;
            return Classify().Class is BounceClass.Hard or BounceClass.Block;
        }
    }

    /// <summary>The diagnostic from its reply code on: what stands before it names servers and commands, not reasons.</summary>
    string Said => Code > 0 && Diagnostic.IndexOf(Code.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal) is > 0 and var at ? Diagnostic[at..] : Diagnostic;

    /// <summary>The class of the failure. A failure with a 4.x.x status is one that ran out of time (RFC 3464 2.3.4).</summary>
    public BounceVerdict Classify()
    {
        if (Action is ReportAction.Delivered or ReportAction.Relayed or ReportAction.Expanded)
            return new BounceVerdict(BounceClass.None, BounceCategory.Uncategorized, BounceBlame.None, "action") { Confidence = 1 };
        var status = Status == "0.0.0" ? null : Status;
        var verdict = BounceClassifier.Classify(Code, status, Said);
        if (verdict.Confidence < 0.65 && Said.Length < Diagnostic.Length && BounceClassifier.FromProse(Code, status, Diagnostic) is { } around) verdict = around;
        if (verdict.Confidence < 0.65 && BounceClassifier.FromProse(Code, status, Prose) is { } told) verdict = told;
        else if (verdict.Confidence == 0 && Prose.Length > 0) verdict = BounceClassifier.Classify(Code, status, Prose);
        if (Action != ReportAction.Failed) return verdict;
        // The last word on an address no server knew: it was tried to the end.
        if (verdict is { Category: BounceCategory.InvalidRecipient or BounceCategory.BadDomain, Class: BounceClass.Soft, Confidence: > 0.8 })
            return verdict with { Class = BounceClass.Hard };
        var isSpent = Status.StartsWith('4') && verdict.Confidence < 0.85
            && verdict.Category is BounceCategory.Uncategorized or BounceCategory.NoAnswer or BounceCategory.Connection or BounceCategory.RateLimit;
        return isSpent && verdict.Confidence < 0.85 ? BounceClassifier.Of(BounceCategory.Expired, verdict.Rule, verdict.Confidence) : verdict;
    }
}
