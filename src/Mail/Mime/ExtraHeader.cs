using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace PenguinMails.Mail.Mime;

/// <summary>A header beyond the typed ones: printable ASCII name (RFC 5322 3.6.8), unstructured value.</summary>
public sealed record ExtraHeader
{
    /// <summary>Characters of a name, so that name, colon and one folded word fit a line of 78.</summary>
    public const int NameLengthMax = 60;

    // The writer sets these from typed fields; a second copy would contradict them (RFC 5322 3.6 allows one each).
    static readonly FrozenSet<string> Managed = new[]
    {
        "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references",
        "mime-version", "list-unsubscribe", "list-unsubscribe-post", "return-path", "received", "dkim-signature",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    ExtraHeader(string name, HeaderText value)
    {
        Name = name;
        Value = value;
    }

    public string Name { get; }

    public HeaderText Value { get; }

    /// <summary>Refuses names with a colon, a space or anything outside 33 to 126, names the writer sets itself, and Content-*.</summary>
    public static bool TryCreate(
        string? name, HeaderText value, [NotNullWhen(true)] out ExtraHeader? header, [NotNullWhen(false)] out TextFault? fault)
    {
        header = null;
        fault = CheckName(name);
        if (fault is not null) return false;
        header = new ExtraHeader(name ?? "", value);
        return true;
    }

    /// <exception cref="FormatException">Refused by <see cref="TryCreate"/> or by <see cref="HeaderText"/>.</exception>
    public static ExtraHeader Create(string name, string value) => TryCreate(name, HeaderText.Create(value), out var header, out var fault)
        ? header
        : throw new FormatException($"Not a header name: {fault.Reason} at {fault.Offset}.");

    static TextFault? CheckName(string? name)
    {
        if (string.IsNullOrEmpty(name)) return new TextFault(TextReason.Empty, 0);
        if (HeaderText.Check(name, NameLengthMax) is { } fault) return fault;
        for (var i = 0; i < name.Length; i++)
            if (name[i] is < '!' or > '~' or ':')
                return new TextFault(TextReason.NotAllowedHere, i);
        var isManaged = Managed.Contains(name) || name.StartsWith("content-", StringComparison.OrdinalIgnoreCase);
        return isManaged ? new TextFault(TextReason.NameManaged, 0) : null;
    }
}
