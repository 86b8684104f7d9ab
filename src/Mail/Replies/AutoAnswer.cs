using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Mail.Replies;

/// <summary>Why a machine answered.</summary>
public enum AutoReason
{
    OutOfOffice,
    Vacation,
    AutoReply,

    /// <summary>The person does not work there any more.</summary>
    LeftCompany,

    /// <summary>The sender is asked to prove something before the message is shown.</summary>
    Challenge,
    AddressChange,

    /// <summary>Receipt confirmed, often with a ticket number.</summary>
    Received,
}

/// <summary>An automatic answer (RFC 3834 and what is really sent).</summary>
/// <param name="Until">The day of return or the last day of absence, whichever is stated; years left out are taken from the message's Date. Null when none is stated.</param>
/// <param name="Rule">The header or the kind of phrase that decided.</param>
public sealed record AutoAnswer(AutoReason Reason, DateOnly? Until, string Rule)
{
    const int TextLengthMax = 3000;
    const int SubjectLengthMax = 300;

    static readonly (string Kind, PhraseSet Phrases)[] Kinds = [.. EmbeddedTable.Rows("auto-answers.tsv").Select(row => (row[0], new PhraseSet(row[1].Split('|'))))];

    /// <summary>True when a person is away, for now or for good.</summary>
    public bool IsAbsence => Reason is AutoReason.OutOfOffice or AutoReason.Vacation or AutoReason.LeftCompany;

    /// <summary>Null when nothing shows that a machine answered. Reports about delivery are for <see cref="DeliveryReport"/>.</summary>
    public static AutoAnswer? Read(MimePart message)
    {
        var subject = PhraseSet.Normal(message.Header("Subject") ?? "", SubjectLengthMax);
        // A person who answers an absence notice keeps its subject behind "Re:".
        var isAnswer = subject.StartsWith(" re:", StringComparison.Ordinal) || subject.StartsWith(" aw:", StringComparison.Ordinal) || subject.StartsWith(" sv:", StringComparison.Ordinal);
        var machine = Machine(message);
        var inSubject = isAnswer && machine is null ? null : Kind(subject);
        if (machine is null && inSubject is null or "ticket" or "change" or "left") return FromChallenge(message);
        var text = Written(message);
        var body = PhraseSet.Normal(text, TextLengthMax);
        var kind = Best(inSubject, Kind(body));
        var reason = kind switch
        {
            "left" => AutoReason.LeftCompany,
            "challenge" => AutoReason.Challenge,
            "change" => AutoReason.AddressChange,
            "vacation" => AutoReason.Vacation,
            "absent" => AutoReason.OutOfOffice,
            "ticket" => AutoReason.Received,
            _ => AutoReason.AutoReply,
        };
        var until = reason is AutoReason.OutOfOffice or AutoReason.Vacation or AutoReason.AutoReply ? ReturnDate.Find((message.Header("Subject") ?? "") + "\n" + text, message.Raw("Date")) : null;
        return new AutoAnswer(reason, until, machine ?? "Subject: " + inSubject);
    }

    /// <summary>Challenge systems often send as a person; their request gives them away.</summary>
    static AutoAnswer? FromChallenge(MimePart message)
    {
        if (message.Raw("X-Boxbe-Message") is null && message.Raw("X-TMDA-Fingerprint") is null && Kind(PhraseSet.Normal(message.Header("Subject") ?? "", SubjectLengthMax)) != "challenge") return null;
        return new AutoAnswer(AutoReason.Challenge, null, "challenge");
    }

    /// <summary>The header that gives a machine away, or null (RFC 3834 2 and 5, and what came before it).</summary>
    internal static string? Machine(MimePart message)
    {
        bool Is(string name, params string[] starts) => message.Raw(name)?.Trim() is { } value && starts.Any(start => value.StartsWith(start, StringComparison.OrdinalIgnoreCase));
        if (message.Raw("Auto-Submitted")?.Trim() is { Length: > 0 } submitted && !submitted.StartsWith("no", StringComparison.OrdinalIgnoreCase)) return "Auto-Submitted";
        foreach (var name in (string[])["X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Autoreply-From", "X-Mail-Autoreply", "X-Vacation", "X-Out-Of-Office", "X-FC-MachineGenerated", "X-POST-MessageClass", "X-AutoReply-Sender"])
            if (message.Raw(name) is { } value && !value.Trim().StartsWith("no", StringComparison.OrdinalIgnoreCase)) return name;
        if (Is("Precedence", "auto_reply", "auto-reply", "autoreply")) return "Precedence";
        // Newsletters are bulk too: only what answers something is an automatic answer.
        var isAnswer = (message.Raw("In-Reply-To") ?? message.Raw("References")) is not null || Kind(PhraseSet.Normal(message.Header("Subject") ?? "", SubjectLengthMax)) is not null;
        var isList = message.Raw("List-Id") is not null || message.Raw("List-Unsubscribe") is not null;
        if (isAnswer && !isList && Is("Precedence", "bulk", "junk")) return "Precedence";
        if (isAnswer && Is("X-Precedence", "auto_reply", "bulk", "junk")) return "X-Precedence";
        if (isAnswer && Is("X-Auto-Response-Suppress", "all", "oof", "autoreply", "dr")) return "X-Auto-Response-Suppress";
        if (Is("X-MS-Exchange-Inbox-Rules-Loop", "")) return "X-MS-Exchange-Inbox-Rules-Loop";
        return message.Raw("Return-Path")?.Trim() == "<>" ? "Return-Path" : null;
    }

    static string? Kind(string normal) => Kinds.FirstOrDefault(kind => kind.Phrases.Find(normal).Count > 0).Kind;

    // The text knows better than "Automatic reply"; a subject that says more than the text keeps its word.
    static string? Best(string? subject, string? body) => body is null or "automatic" || (body == "ticket" && subject is "absent" or "vacation" or "left") ? subject ?? body : body is "challenge" or "change" && subject is "absent" or "vacation" ? subject : body;

    static string Written(MimePart message)
    {
        var text = message.ReadableText();
        return ReplyText.Of(text.Length > TextLengthMax * 4 ? text[..(TextLengthMax * 4)] : text).Whole;
    }
}
