using System.Net;

namespace PenguinMails.Mail.Auth;

/// <summary>What SPF is asked: may this client send for that address (RFC 7208 4.1)?</summary>
public sealed record SpfQuestion
{
    /// <summary>The SMTP client; an IPv4-mapped IPv6 address counts as IPv4 (RFC 7208 5).</summary>
    public required IPAddress Client { get; init; }

    /// <summary>As the client said it in HELO or EHLO; may be anything.</summary>
    public required string Helo { get; init; }

    /// <summary>The reverse path without angle brackets; empty for bounces, and then postmaster at <see cref="Helo"/> is judged (RFC 7208 2.4).</summary>
    public required string MailFrom { get; init; }

    /// <summary>This host, for the macro r of explanations. Default <c>unknown</c> (RFC 7208 7.3).</summary>
    public string Receiver { get; init; } = "unknown";

    /// <summary>The time for the macro t of explanations.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>An answer of SPF and why.</summary>
/// <param name="Explanation">Only with fail: the domain's words, or <see cref="SpfChecker.DefaultExplanation"/> when it has none that work; else null. Written by a stranger.</param>
/// <param name="Mechanism">The term that decided as it stands in the record, qualifier included; null when none matched.</param>
/// <param name="Lookups">Terms that cost a DNS query, at most 11 (RFC 7208 4.6.4 allows 10).</param>
/// <param name="Domain">The domain judged: of the reverse path, or of HELO when that is empty.</param>
/// <param name="Reason">One sentence for people.</param>
public sealed record SpfVerdict(AuthResult Result, string? Explanation, string? Mechanism, int Lookups, string Domain, string Reason);
