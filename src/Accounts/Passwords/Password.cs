using System.Collections.Frozen;
using System.Text;
using PenguinMails.Core;

namespace PenguinMails.Accounts.Passwords;

/// <summary>Rules for a new password: length, not among the commonest, hard to guess for who knows its owner. No rules about kinds of characters.</summary>
public static class Password
{
    /// <summary>Characters; ASVS 5.0 6.2.1.</summary>
    public const int LengthMin = 8;

    /// <summary>UTF-8 bytes; far above the 64 that ASVS 5.0 6.2.9 asks for. Never truncated.</summary>
    public const int BytesMax = 1024;

    const int ScoreMin = 3;       // Of 4, zxcvbn scale.
    const int JudgedMax = 72;     // The judge's time grows faster than the length; longer passwords are judged by their start.
    const int WordLengthMin = 3;

    static readonly FrozenSet<string> Common = Load();

    /// <summary>Null when the password is good enough.</summary>
    /// <param name="words">What others know of the person: address, name, company.</param>
    public static Problem? Judge(string? password, params string[] words)
    {
        if (Check(password) is { } malformed) return malformed;
        var text = password ?? "";
        if (text.EnumerateRunes().Count() < LengthMin) return Refuse("password.too_short", $"At least {LengthMin} characters.");
        if (Common.Contains(text.ToLowerInvariant())) return Refuse("password.common", "This is one of the most used passwords. Choose another.");
        var known = words.SelectMany(word => word.Split([' ', '@', '.', '-', '_', '+'])).Concat(words)
            .Where(word => word.Length >= WordLengthMin).Append("penguin").Append("penguinmails");
        return new Zxcvbn.Zxcvbn().EvaluatePassword(Start(text), known).Score >= ScoreMin
            ? null
            : Refuse("password.weak", "This is easy to guess. Add a few words that nobody would expect together.");
    }

    /// <summary>What every password that is tried must be, so that absurd ones cost nothing.</summary>
    public static Problem? Check(string? password) =>
        string.IsNullOrEmpty(password) ? Refuse("password.missing", "Give a password.")
        : password.Length > BytesMax || Encoding.UTF8.GetByteCount(password) > BytesMax ? Refuse("password.too_long", $"At most {BytesMax} bytes.")
        : !Line.IsUnicode(password) ? Refuse("password.not_unicode", "The password holds half a character.")
        : null;

    static Problem Refuse(string code, string detail) => Problem.Invalid(code, new FieldProblem("password", detail));

    static string Start(string text)
    {
        if (text.Length <= JudgedMax) return text;
        return char.IsHighSurrogate(text[JudgedMax - 1]) ? text[..(JudgedMax - 1)] : text[..JudgedMax];
    }

    static FrozenSet<string> Load()
    {
        using var file = typeof(Password).Assembly.GetManifestResourceStream("common-passwords.txt")
            ?? throw new InvalidOperationException("common-passwords.txt is not embedded.");
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToFrozenSet(StringComparer.Ordinal);
    }
}
