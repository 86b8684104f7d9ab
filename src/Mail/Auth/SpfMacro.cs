using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Auth;

/// <summary>The macro language of RFC 7208 7: grammar and expansion.</summary>
static class SpfMacro
{
    const string Letters = "slodiphv";
    const string LettersOfExplanations = "crt";
    const string Delimiters = ".-+,/_=";
    const int TextMax = 8192; // No explanation or name needs more, and a record may ask for much more.
    const int NameMax = 253;

    /// <summary>A macro-string (RFC 7208 7.1), with blanks in an explanation.</summary>
    public static bool IsMacroText(string text, bool isExplanation)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is < ' ' or > '~' || (text[i] == ' ' && !isExplanation)) return false;
            if (text[i] != '%') continue;
            if (Read(text, i, isExplanation) is not { } macro) return false;
            i = macro.End - 1;
        }
        return true;
    }

    /// <summary>A domain-spec (RFC 7208 7.1): a macro-string that ends in a dot and a top label, or in a macro.</summary>
    public static bool IsDomainSpec(string text)
    {
        if (text.Length == 0 || !IsMacroText(text, false)) return false;
        var bare = text.EndsWith('.') ? text[..^1] : text;
        if (EndsInMacro(bare)) return true;
        var dot = bare.LastIndexOf('.');
        return dot >= 0 && IsTopLabel(bare.AsSpan(dot + 1));
    }

    static bool EndsInMacro(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%') continue;
            if (Read(text, i, false) is not { } macro) return false;
            if (macro.End == text.Length) return true;
            i = macro.End - 1;
        }
        return false;
    }

    static bool IsTopLabel(ReadOnlySpan<char> label)
    {
        var hasOther = false;
        foreach (var c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-') return false;
            hasOther |= !char.IsAsciiDigit(c);
        }
        return hasOther && label[0] != '-' && label[^1] != '-';
    }

    readonly record struct Macro(char Letter, int Keep, bool IsReversed, string Split, int End);

    /// <summary>The macro that begins at the percent sign, or null. The letter is % _ or - for the three that stand for themselves.</summary>
    static Macro? Read(string text, int at, bool isExplanation)
    {
        if (at + 1 >= text.Length) return null;
        if (text[at + 1] is '%' or '_' or '-') return new Macro(text[at + 1], 0, false, "", at + 2);
        if (text[at + 1] != '{' || at + 2 >= text.Length) return null;
        var letter = text[at + 2];
        var lower = char.ToLowerInvariant(letter);
        if (!Letters.Contains(lower, StringComparison.Ordinal) && !(isExplanation && LettersOfExplanations.Contains(lower, StringComparison.Ordinal))) return null;
        var i = at + 3;
        var keep = 0;
        var digits = i;
        for (; i < text.Length && char.IsAsciiDigit(text[i]); i++) keep = Math.Min((keep * 10) + text[i] - '0', 1000);
        if (i > digits && keep == 0) return null; // RFC 7208 7.3: the number is not zero.
        var isReversed = i < text.Length && text[i] is 'r' or 'R';
        if (isReversed) i++;
        var from = i;
        while (i < text.Length && Delimiters.Contains(text[i], StringComparison.Ordinal)) i++;
        return i < text.Length && text[i] == '}' ? new Macro(letter, keep, isReversed, text[from..i], i + 1) : null;
    }

    /// <summary>The text with its macros filled in; null when it grows beyond reason. The text was checked before.</summary>
    /// <param name="value">The value of a lower-case macro letter.</param>
    public static async ValueTask<string?> Expand(string text, bool isExplanation, Func<char, ValueTask<string>> value)
    {
        var output = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || Read(text, i, isExplanation) is not { } macro)
            {
                output.Append(text[i]);
                continue;
            }
            i = macro.End - 1;
            output.Append(macro.Letter switch
            {
                '%' => "%",
                '_' => " ",
                '-' => "%20",
                _ => Transform(macro, await value(char.ToLowerInvariant(macro.Letter)).ConfigureAwait(false)),
            });
            if (output.Length > TextMax) return null;
        }
        return output.ToString();
    }

    /// <summary>A name to ask for: labels dropped from the left until it fits (RFC 7208 7.3).</summary>
    public static string Fit(string name)
    {
        var bare = name.EndsWith('.') ? name[..^1] : name;
        var from = 0;
        while (bare.Length - from > NameMax)
        {
            var dot = bare.IndexOf('.', from);
            if (dot < 0) return "";
            from = dot + 1;
        }
        return bare[from..];
    }

    static string Transform(Macro macro, string value)
    {
        if (macro.Keep > 0 || macro.IsReversed || macro.Split.Length > 0)
        {
            var parts = value.Split((macro.Split.Length > 0 ? macro.Split : ".").ToCharArray());
            if (macro.IsReversed) Array.Reverse(parts);
            value = string.Join('.', macro.Keep > 0 && macro.Keep < parts.Length ? parts[^macro.Keep..] : parts);
        }
        return char.IsAsciiLetterUpper(macro.Letter) ? Escaped(value) : value;
    }

    // RFC 7208 7.3 and RFC 3986 2.3: all but the unreserved characters, of the UTF-8 form.
    static string Escaped(string value)
    {
        var output = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~') output.Append((char)octet);
            else output.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }
        return output.ToString();
    }
}
