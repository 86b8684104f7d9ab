using System.Text;

namespace PenguinMails.Accounts.Keys;

/// <summary>The text of an API key: <c>pm_live_</c>, 43 random characters of 62, and 6 that are the CRC-32 of all before.</summary>
/// <remarks>The checksum lets a typo, a guess or a scanner's hit be told from a key without asking the database.</remarks>
static class ApiKeyText
{
    public const string Prefix = "pm_live_";
    const int CheckLength = 6; // 62^6 is above 2^32.
    const int HintLength = 4;

    public static string New()
    {
        var body = Token.New(Prefix);
        return body + Checksum(body);
    }

    public static bool IsWellFormed(string? text)
    {
        if (text is null || text.Length != Prefix.Length + Token.RandomLength + CheckLength) return false;
        var body = text[..^CheckLength];
        return Token.IsWellFormed(body, Prefix) && text.AsSpan(body.Length).SequenceEqual(Checksum(body));
    }

    /// <summary>What a person may see of it later.</summary>
    public static string Hint(string text) => text[..(Prefix.Length + HintLength)];

    static string Checksum(string body)
    {
        var rest = Crc32(Encoding.ASCII.GetBytes(body));
        Span<char> text = stackalloc char[CheckLength];
        for (var i = CheckLength - 1; i >= 0; i--, rest /= 62) text[i] = Token.Alphabet[(int)(rest % 62)];
        return new string(text);
    }

    // ISO 3309, reflected, as in zlib; short input, so no table.
    static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320 & (0u - (crc & 1)));
        }

        return ~crc;
    }
}
