using System.Text.RegularExpressions;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Replies;

/// <summary>Who or what wrote back.</summary>
public enum ReplyKind
{
    /// <summary>A person, as far as anything shows.</summary>
    Human,

    /// <summary>An absence notice: the person exists and will be back.</summary>
    OutOfOffice,

    /// <summary>A machine's answer of another kind.</summary>
    AutoReply,

    /// <summary>A report about delivery or feedback: see <see cref="Reports.DeliveryReport"/>.</summary>
    Report,
}

/// <summary>An incoming message seen as an answer.</summary>
/// <param name="Reason">The header or rule that decided, for showing.</param>
/// <param name="InReplyTo">Null when absent or unreadable.</param>
/// <param name="References">Oldest first, at most 100.</param>
/// <param name="Text">What the writer added, without the quoted mail below or above; trimmed.</param>
public sealed record IncomingReply(ReplyKind Kind, string Reason, MessageId? InReplyTo, IReadOnlyList<MessageId> References, string Text)
{
    const int ReferencesMax = 100;
    const int IntroLengthMax = 500;

    static readonly Regex Absence = new(
        @"out of (the )?office|\booo\b|on (annual |parental |sick )?leave|on (vacation|holiday)|vacation|away from|abwesen|nicht im (büro|haus)|urlaub|absence|absent|en cong|fuera de (la )?oficina|ausen|ausencia|vacaciones|fuori (sede|ufficio)|assen|ferie|afwezig|niet aanwezig|frånvar|poissa|nieobecno|poza biurem|vakans|отсутств|в отпуске|不在|休假|外出",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    static readonly Regex Automatic = new(
        @"^\W*(auto(matic|matische|mated)?[ -:]|automat|autorepl|réponse automatique|respuesta autom|risposta automatica|resposta autom|automatisch|autosvar|odpowiedź automatyczna|автоответ|自動|自动)|thank you for (contacting|your (email|message|enquiry))|we (have )?received your|ticket (created|received)|\[ticket",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    static readonly Regex QuoteIntro = new(
        @"^\s*(On .+ wrote:|Am .+ schrieb.*:|Le .+ a écrit\s?:|El .+ escribi.*:|Il .+ ha scritto:|Op .+ schreef.*:|Em .+ escreveu:|-{2,}\s*(Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original|Forwarded message).*|_{10,}|(From|Von|De|Da|Van): .+)\s*$",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    public static IncomingReply Read(MimePart message)
    {
        var (kind, reason) = Classify(message);
        var parent = MessageId.TryParse(Ids(message.Raw("In-Reply-To")).FirstOrDefault(), out var found, out _) ? found : null;
        var references = new List<MessageId>();
        foreach (var text in Ids(message.Raw("References")).Take(ReferencesMax))
            if (MessageId.TryParse(text, out var id, out _)) references.Add(id);
        return new IncomingReply(kind, reason, parent, references, Written(message.ReadableText()));
    }

    static (ReplyKind Kind, string Reason) Classify(MimePart message)
    {
        if (message.MediaType == "multipart/report") return (ReplyKind.Report, "multipart/report");
        var subject = message.Header("Subject") ?? "";
        // A person who answers an absence notice keeps its subject behind "Re:".
        var isAnswer = subject.StartsWith("re:", StringComparison.OrdinalIgnoreCase) || subject.StartsWith("aw:", StringComparison.OrdinalIgnoreCase);
        var machine = Machine(message);
        var isAbsence = !isAnswer && Absence.IsMatch(subject);
        if (machine is not null) return (isAbsence || Absence.IsMatch(Start(message.ReadableText())) ? ReplyKind.OutOfOffice : ReplyKind.AutoReply, machine);
        if (isAbsence) return (ReplyKind.OutOfOffice, "Subject");
        return !isAnswer && Automatic.IsMatch(subject) ? (ReplyKind.AutoReply, "Subject") : (ReplyKind.Human, "nothing automatic");
    }

    /// <summary>The header that gives a machine away, or null (RFC 3834 2 and 5, and what came before it).</summary>
    static string? Machine(MimePart message)
    {
        bool Is(string name, params string[] starts) => message.Raw(name) is { } value && starts.Any(start => value.StartsWith(start, StringComparison.OrdinalIgnoreCase));
        if (message.Raw("Auto-Submitted") is { Length: > 0 } submitted && !submitted.StartsWith("no", StringComparison.OrdinalIgnoreCase)) return "Auto-Submitted";
        if (message.Raw("X-Autoreply") is not null || message.Raw("X-Autorespond") is not null || message.Raw("X-Autoresponse") is not null) return "X-Autoreply";
        if (Is("Precedence", "auto_reply", "bulk", "junk")) return "Precedence";
        if (Is("X-Auto-Response-Suppress", "all", "oof", "autoreply", "dr")) return "X-Auto-Response-Suppress";
        return message.Raw("Return-Path") == "<>" ? "Return-Path" : null;
    }

    static string Written(string text)
    {
        var kept = new List<string>();
        foreach (var line in text.Replace("\r", "", StringComparison.Ordinal).Split('\n'))
        {
            if (line.Length < IntroLengthMax && QuoteIntro.IsMatch(line)) break;
            // "On <date>, <long name>" folded before "wrote:".
            if (kept.Count > 0 && line.TrimEnd().EndsWith("wrote:", StringComparison.Ordinal) && QuoteIntro.IsMatch(kept[^1] + " " + line))
            {
                kept.RemoveAt(kept.Count - 1);
                break;
            }
            if (line == "-- ") break;
            if (!line.StartsWith('>')) kept.Add(line.TrimEnd());
        }
        return string.Join('\n', kept).Trim();
    }

    static IEnumerable<string> Ids(string? header) => (header ?? "").Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);

    static string Start(string text) => text.Length > 500 ? text[..500] : text;
}
