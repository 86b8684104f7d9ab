using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>Builds one recipient from its fields and the text beside them, or from the text alone.</summary>
static class FieldRecipient
{
    const int ProseLengthMax = BounceClassifier.TextLengthMax;

    public static RecipientReport Read(ReportFields fields, MimePart message, ReportText text, bool isOnly)
    {
        var (final, original) = Names(fields);
        var told = new TextRecipient(final ?? original ?? "", Line(text, final ?? original), 9);
        var near = told.Line < 0 ? "" : TextRecipients.Block(text, told, [told]);
        var prose = TextRecipients.Flat([near, TextRecipients.Dialogue(text, told.Address, isOnly), fields["X-PowerMTA-BounceCategory"] is { } sorted ? "powermta " + sorted : "", isOnly ? text.Joined : ""]);
        var field = fields.Typed("Diagnostic-Code");
        // Exim and old gateways give only "smtp; 550" or nothing, and keep the reason for people.
        var diagnostic = field is { Length: > 12 } ? field : near.Length > 0 ? near : field ?? (isOnly ? prose : "");
        var (code, inner) = ReportCodes.In(diagnostic);
        var status = ReportCodes.StatusIn(fields["Status"]);
        if (code == 0 && inner is null && field != diagnostic) (code, inner) = ReportCodes.In(prose);
        if (inner is not null && (status is null || status.EndsWith(".0.0", StringComparison.Ordinal) ? !inner.EndsWith(".0.0", StringComparison.Ordinal) : ReportCodes.IsGeneric(status) && !ReportCodes.IsGeneric(inner))) status = inner;
        var remote = Host(fields.Typed("Remote-MTA") ?? fields.Typed("X-Remote-MTA")) ?? ReportCodes.RemoteIn(diagnostic) ?? ReportCodes.RemoteIn(near);
        return new RecipientReport(DeliveryReport.Address(final), DeliveryReport.Address(original), Action(fields, status, message), code, status ?? inner ?? "0.0.0", Cut(diagnostic), false)
        {
            Named = final ?? original,
            NamedOriginal = original,
            RemoteMta = remote,
            Prose = Cut(prose),
        };
    }

    public static RecipientReport FromText(TextRecipient one, IReadOnlyList<TextRecipient> all, MimePart message, ReportText text)
    {
        var block = TextRecipients.Block(text, one, all);
        var (code, status) = ReportCodes.In(block);
        var dialogue = TextRecipients.Dialogue(text, one.Address, all.Count == 1);
        if (code == 0)
        {
            var (other, inner) = ReportCodes.In(dialogue);
            if (other > 0 || status is null) block = TextRecipients.Flat([block, dialogue]);
            (code, status) = (other, status ?? inner);
        }
        var prose = TextRecipients.Flat([block, dialogue, all.Count == 1 ? text.Joined : TextRecipients.Announcement(text, all)]);
        if (block.Length <= one.Address.Length + 3 && all.Count == 1) block = prose;
        if (code == 0 && all.Count == 1) (code, status) = ReportCodes.In(prose) is var (later, inner) && later > 0 ? (later, status ?? inner) : (code, status ?? inner);
        var address = DeliveryReport.Address(one.Address);
        return new RecipientReport(address, null, TextAction(message, text, status, code), code, status ?? "0.0.0", Cut(block), true)
        {
            Named = one.Address,
            RemoteMta = ReportCodes.RemoteIn(block) ?? (all.Count == 1 ? ReportCodes.RemoteIn(text.Joined) : null),
            Prose = Cut(prose),
        };
    }

    static (string? Final, string? Original) Names(ReportFields fields)
    {
        var final = Bare(fields.Typed("Final-Recipient"));
        var original = Bare(fields.Typed("Original-Recipient"));
        var actual = Bare(fields.Typed("X-Actual-Recipient"));
        if (final is null || !final.Contains('@', StringComparison.Ordinal)) final = Mailbox(actual) ?? Mailbox(original) ?? final ?? actual;
        // "ann@store" names a machine inside; what the sender wrote names the mailbox.
        else if (original is not null && IsInside(final) && !IsInside(original)) final = original;
        else if (original is null && Mailbox(actual) is { } other && !other.Equals(final, StringComparison.OrdinalIgnoreCase)) original = other;
        return (final, original);
    }

    static bool IsInside(string name) => !name.AsSpan(name.LastIndexOf('@') + 1).Contains('.');

    static string? Mailbox(string? name) => name?.Contains('@', StringComparison.Ordinal) == true && !name.Contains(' ', StringComparison.Ordinal) ? name : null;

    static string? Bare(string? value)
    {
        if (value is null) return null;
        var open = value.LastIndexOf('<');
        if (open >= 0) value = value[(open + 1)..].Split('>')[0];
        value = value.Trim().Trim('"', '\'', ',').Trim();
        if (value.StartsWith("smtp:", StringComparison.OrdinalIgnoreCase)) value = value[5..];
        // RFC 5321 4.1.2: a source route before the mailbox is to be left out.
        if (value.StartsWith('@') && value.IndexOf(':', StringComparison.Ordinal) is > 0 and var route && value.IndexOf('@', route) > 0) value = value[(route + 1)..];
        var space = value.IndexOf(' ', StringComparison.Ordinal);
        if (space > 0 && value.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < space) value = value[..space];
        return value.Length == 0 ? null : value;
    }

    static string? Host(string? value)
    {
        var name = value?.Split([' ', '(', ','], 2)[0].Trim('[', ']', '.').ToLowerInvariant();
        return string.IsNullOrEmpty(name) ? null : name;
    }

    static ReportAction Action(ReportFields fields, string? status, MimePart message)
    {
        var word = (fields["Action"] ?? "").Split([' ', '(', ';'], 2)[0].Trim();
        if (Enum.TryParse<ReportAction>(word, true, out var action) && Enum.IsDefined(action)) return action;
        if (word.StartsWith("deliver", StringComparison.OrdinalIgnoreCase) && status?.StartsWith('2') == true) return ReportAction.Delivered;
        if (word.StartsWith("delay", StringComparison.OrdinalIgnoreCase)) return ReportAction.Delayed;
        if (status?.StartsWith('2') == true) return ReportAction.Delivered;
        return status?.StartsWith('4') == true && ReportSigns.IsDelay(message.Header("Subject") ?? "", "") ? ReportAction.Delayed : ReportAction.Failed;
    }

    static ReportAction TextAction(MimePart message, ReportText text, string? status, int code)
    {
        var subject = message.Header("Subject") ?? "";
        var isFinal = code >= 500 || status?.StartsWith('5') == true;
        if (!isFinal && ReportSigns.IsDelay(subject, text.Joined)) return ReportAction.Delayed;
        if (code < 400 && status?.StartsWith('4') != true && !isFinal && ReportSigns.IsDelivered(subject, text.Joined) && !ReportSigns.SaysFailure(text.Joined)) return ReportAction.Delivered;
        return ReportAction.Failed;
    }

    static int Line(ReportText text, string? address)
    {
        if (string.IsNullOrEmpty(address)) return -1;
        for (var i = 0; i < text.Lines.Count; i++)
            if (text.Lines[i].Contains(address, StringComparison.OrdinalIgnoreCase)) return i;
        return -1;
    }

    static string Cut(string text) => text.Length > ProseLengthMax ? text[..ProseLengthMax] : text;
}
