using System.Collections.Frozen;
using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Field names met in every message: shared strings, and the proof that a line belongs to a header.</summary>
static class HeaderNames
{
    const int LengthMax = 40;

    static readonly string[] Common =
    [
        "From", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "Message-Id", "In-Reply-To", "References", "Reply-To", "Sender", "Return-Path",
        "Received", "MIME-Version", "Mime-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID", "Content-Id",
        "Content-Description", "Content-Language", "Content-Location", "Content-Length", "Content-MD5", "DKIM-Signature", "DomainKey-Signature",
        "Received-SPF", "Authentication-Results", "ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results", "Delivered-To", "Envelope-To",
        "X-Original-To", "X-Mailer", "User-Agent", "X-Priority", "X-MSMail-Priority", "X-MimeOLE", "Importance", "Priority", "Precedence", "Status",
        "X-Status", "X-Spam-Status", "X-Spam-Level", "X-Spam-Flag", "X-Spam-Score", "X-Virus-Scanned", "X-Received", "X-Google-DKIM-Signature",
        "X-Gm-Message-State", "X-Google-Smtp-Source", "X-Originating-IP", "Thread-Topic", "Thread-Index", "Accept-Language", "List-Id", "List-ID",
        "List-Unsubscribe", "List-Unsubscribe-Post", "List-Post", "List-Help", "List-Archive", "List-Subscribe", "List-Owner", "Errors-To",
        "Auto-Submitted", "X-Auto-Response-Suppress", "X-Failed-Recipients", "Feedback-ID", "Organization", "Disposition-Notification-To",
        "Resent-From", "Resent-To", "Resent-Date", "Resent-Message-ID", "Resent-Sender", "X-Loop", "X-Sender", "X-Authentication-Warning",
        "X-MS-Has-Attach", "X-MS-TNEF-Correlator", "X-OriginalArrivalTime", "Lines", "Newsgroups", "Path", "Xref", "Approved", "Comments", "Keywords",
    ];

    static readonly FrozenDictionary<string, string> Shared = Common.ToFrozenDictionary(name => name, StringComparer.Ordinal);
    static readonly FrozenSet<string> Known = Common.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> SharedLookup = Shared.GetAlternateLookup<ReadOnlySpan<char>>();
    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> KnownLookup = Known.GetAlternateLookup<ReadOnlySpan<char>>();

    public static string Text(ReadOnlySpan<byte> name)
    {
        Span<char> buffer = stackalloc char[LengthMax];
        return name.Length <= LengthMax && SharedLookup.TryGetValue(Ascii(name, buffer), out var shared) ? shared : Encoding.Latin1.GetString(name);
    }

    /// <summary>True for a field name that text hardly ever has by chance before a colon: a common one, X-… or Resent-….</summary>
    public static bool IsKnown(ReadOnlySpan<byte> name)
    {
        Span<char> buffer = stackalloc char[LengthMax];
        if (name.Length > LengthMax) return false;
        var text = Ascii(name, buffer);
        return text.StartsWith("X-", StringComparison.OrdinalIgnoreCase) || text.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || KnownLookup.Contains(text);
    }

    /// <summary>Octets of the field name at the start of a line, 0 when it does not begin with one (RFC 5322 2.2; blanks before the colon: 4.5).</summary>
    /// <param name="colon">Index of the colon.</param>
    public static int Length(ReadOnlySpan<byte> line, out int colon)
    {
        colon = line.IndexOf((byte)':');
        if (colon <= 0) return 0;
        var name = line[..colon].TrimEnd(" \t"u8);
        return name.IsEmpty || name.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? 0 : name.Length;
    }

    static ReadOnlySpan<char> Ascii(ReadOnlySpan<byte> name, Span<char> buffer) => buffer[..Encoding.Latin1.GetChars(name, buffer)];
}
