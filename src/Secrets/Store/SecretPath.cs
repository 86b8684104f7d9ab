using System.Diagnostics.CodeAnalysis;

namespace PenguinMails.Secrets.Store;

/// <summary>Where a secret lies inside its tenant: <c>mailboxes/mbx_…/smtp</c>. The tenant is never part of it.</summary>
/// <remarks>1 to 8 segments of 1 to 64 characters out of a to z, 0 to 9, dot, dash and underscore, each beginning with a letter or figure, 200 in all.
/// So no path climbs out of its folder, and none needs escaping in an address.</remarks>
public sealed record SecretPath
{
    public const int LengthMax = 200;
    const int SegmentsMax = 8;
    const int SegmentLengthMax = 64;

    /// <summary>What is wrong with a path that was refused, as a sentence for its author.</summary>
    public const string Rule = "1 to 8 parts separated by /, each of a to z, 0 to 9, dot, dash and underscore, beginning with a letter or figure; at most 200 characters.";

    SecretPath(string text) => Text = text;

    public string Text { get; }

    /// <summary>True for places that rotation uses while it works; people do not write there.</summary>
    public bool IsReserved => Text.StartsWith("rotation/", StringComparison.Ordinal);

    /// <summary>False for anything outside the rule; never throws.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SecretPath? path)
    {
        path = null;
        if (text is null || text.Length is 0 or > LengthMax) return false;
        var segments = text.Split('/');
        if (segments.Length > SegmentsMax || !segments.All(IsSegment)) return false;
        path = new SecretPath(text);
        return true;
    }

    /// <exception cref="FormatException">Outside the rule: a caller's bug.</exception>
    public static SecretPath Parse(string text) => TryParse(text, out var path) ? path : throw new FormatException($"Not the path of a secret. {Rule}");

    public override string ToString() => Text;

    static bool IsSegment(string segment) =>
        segment.Length is > 0 and <= SegmentLengthMax && char.IsAsciiLetterOrDigit(segment[0])
        && segment.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '-' or '_');
}
