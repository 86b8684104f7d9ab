using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Accounts;

/// <summary>Bearer tokens: 43 random characters of 62, which is 256 bits. Only their SHA-256 is stored.</summary>
public static class Token
{
    internal const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    internal const int RandomLength = 43; // 62^43 is just above 2^256.

    /// <summary>Prefix of a session's token.</summary>
    public const string SessionPrefix = "pm_sess_";

    static readonly SearchValues<char> Letters = SearchValues.Create(Alphabet);

    internal static string New(string prefix) => prefix + RandomNumberGenerator.GetString(Alphabet, RandomLength);

    /// <summary>False for anything this program cannot have given out; saves the look-up.</summary>
    internal static bool IsWellFormed(string? text, string prefix) =>
        text is not null && text.Length == prefix.Length + RandomLength && text.StartsWith(prefix, StringComparison.Ordinal)
        && text.AsSpan(prefix.Length).IndexOfAnyExcept(Letters) < 0;

    internal static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
