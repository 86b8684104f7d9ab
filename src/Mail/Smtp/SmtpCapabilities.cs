using System.Globalization;

namespace PenguinMails.Mail.Smtp;

/// <summary>What a server said it can do in answer to EHLO (RFC 5321 4.1.1.1).</summary>
public sealed record SmtpCapabilities
{
    public bool StartTls { get; private init; }
    public bool Pipelining { get; private init; }
    public bool EightBitMime { get; private init; }
    public bool SmtpUtf8 { get; private init; }

    /// <summary>BDAT (RFC 3030).</summary>
    public bool Chunking { get; private init; }

    /// <summary>Reports on request (RFC 3461).</summary>
    public bool Dsn { get; private init; }

    /// <summary>RFC 8689; offered inside TLS only.</summary>
    public bool RequireTls { get; private init; }

    /// <summary>Octets of a message (RFC 1870); 0 when unlimited or not said.</summary>
    public long MessageOctetsMax { get; private init; }

    /// <summary>Mechanisms of AUTH in capitals (RFC 4954 4).</summary>
    public IReadOnlyList<string> Auth { get; private init; } = [];

    internal bool Sizes { get; private init; }

    /// <summary>What a server without EHLO has: nothing.</summary>
    internal static SmtpCapabilities None { get; } = new();

    /// <param name="lines">The reply's lines without code; the first is the greeting.</param>
    internal static SmtpCapabilities Of(IReadOnlyList<string> lines)
    {
        var found = new SmtpCapabilities();
        foreach (var line in lines.Skip(1))
        {
            // "AUTH=LOGIN" is an old way to say "AUTH LOGIN" that some servers still add.
            var words = line.ToUpperInvariant().Split([' ', '='], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            found = words[0] switch
            {
                "STARTTLS" => found with { StartTls = true },
                "PIPELINING" => found with { Pipelining = true },
                "8BITMIME" => found with { EightBitMime = true },
                "SMTPUTF8" => found with { SmtpUtf8 = true },
                "CHUNKING" => found with { Chunking = true },
                "DSN" => found with { Dsn = true },
                "REQUIRETLS" => found with { RequireTls = true },
                "SIZE" => found with { Sizes = true, MessageOctetsMax = words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0 },
                "AUTH" => found with { Auth = [.. found.Auth.Union(words.Skip(1))] },
                _ => found,
            };
        }
        return found;
    }
}
