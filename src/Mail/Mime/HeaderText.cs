using System.Diagnostics.CodeAnalysis;

namespace PenguinMails.Mail.Mime;

/// <summary>Why a text may not stand in a header.</summary>
public enum TextReason
{
    Empty,
    TooLong,
    LineBreak,
    ControlCharacter,
    NotUnicode,
    NotAllowedHere,
    NameManaged,
}

/// <summary>A refusal with its place in UTF-16 code units from the start of the text.</summary>
public sealed record TextFault(TextReason Reason, int Offset);

/// <summary>Text for an unstructured header, a display name or a file name: Unicode without line ends or controls (tab excepted).</summary>
public sealed record HeaderText
{
    /// <summary>UTF-16 code units.</summary>
    public const int LengthMax = 2000;

    HeaderText(string value) => Value = value;

    public string Value { get; }

    /// <summary>Refuses CR, LF, NUL, every other control but tab, unpaired surrogates and more than 2000 code units; empty is allowed.</summary>
    public static bool TryCreate(string? text, [NotNullWhen(true)] out HeaderText? value, [NotNullWhen(false)] out TextFault? fault)
    {
        value = null;
        fault = text is null ? new TextFault(TextReason.Empty, 0) : Check(text, LengthMax);
        if (fault is not null) return false;
        value = new HeaderText(text ?? "");
        return true;
    }

    /// <exception cref="FormatException">Refused by <see cref="TryCreate"/>: for constants and values already checked.</exception>
    public static HeaderText Create(string text) => TryCreate(text, out var value, out var fault)
        ? value
        : throw new FormatException($"Not a header text: {fault.Reason} at {fault.Offset}.");

    public override string ToString() => Value;

    internal static TextFault? Check(string text, int lengthMax)
    {
        if (text.Length > lengthMax) return new TextFault(TextReason.TooLong, lengthMax);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '\r' or '\n' or '\u0085' or '\u2028' or '\u2029') return new TextFault(TextReason.LineBreak, i);
            if (char.IsControl(c) && c != '\t') return new TextFault(TextReason.ControlCharacter, i);
            if (!char.IsSurrogate(c)) continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(c, text[i + 1])) return new TextFault(TextReason.NotUnicode, i);
            i++;
        }
        return null;
    }
}
