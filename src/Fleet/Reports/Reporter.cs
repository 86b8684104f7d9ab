using System.Net;
using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Reports;

/// <summary>Who provably sent a report's mail.</summary>
/// <param name="Domain">The author's domain where DKIM or SPF agrees with it; empty when nothing proves it.</param>
/// <param name="Reason">Why it is not proved; empty when it is.</param>
/// <param name="IsUnanswered">DNS failed on the way, so that a later look may prove it.</param>
sealed record Reporter(string Domain, string Reason, bool IsUnanswered)
{
    /// <summary>Judges the mail as DMARC would. Where the author's domain has no DMARC record, a passing signature or return path of that domain is enough.</summary>
    public static async Task<Reporter> Of(ReadOnlyMemory<byte> message, string client, string hello, string mailFrom, IDnsLookup dns, DateTimeOffset now, CancellationToken ct)
    {
        var session = new SpfQuestion { Client = IPAddress.Parse(client), Helo = hello, MailFrom = mailFrom, At = now };
        return Judge(await AuthenticationCheck.Run(message, session, dns, null, now, ct));
    }

    public static Reporter Judge(AuthenticationVerdicts seen)
    {
        var author = ReportLimits.Name(seen.Dmarc.Domain);
        if (author.Length == 0) return new("", "Its mail names no sender that could be proved.", false);
        var isProved = seen.Dmarc.Result == AuthResult.Pass || (seen.Dmarc.Result == AuthResult.None && Passes(seen, author));
        if (isProved) return new(author, "", false);
        var isUnanswered = seen.Dmarc.Result == AuthResult.Temperror || seen.Spf?.Result == AuthResult.Temperror || seen.Dkim.Any(one => one.Result == AuthResult.Temperror);
        return new("", $"Its mail says it comes from {author}, which neither DKIM nor SPF proves ({ReportLimits.Text(seen.Dmarc.Reason, 200)}). Anybody can send a report.", isUnanswered);
    }

    static bool Passes(AuthenticationVerdicts seen, string author) =>
        seen.Dkim.Any(one => one.Result == AuthResult.Pass && ReportLimits.IsAligned(ReportLimits.Name(one.Domain), author))
        || (seen.Spf is { Result: AuthResult.Pass } spf && ReportLimits.IsAligned(ReportLimits.Name(spf.Domain), author));

    /// <summary>Why a proved sender may not speak for whom the report names; null when it may. A name that is no domain is only shown, never compared.</summary>
    public string? Contradicts(string organisation)
    {
        var claimed = ReportLimits.Name(organisation);
        if (Domain.Length == 0 || claimed.Contains(' ', StringComparison.Ordinal) || !claimed.Contains('.', StringComparison.Ordinal) || ReportLimits.IsAligned(claimed, Domain)) return null;
        return $"It says it is from {claimed}, and its mail came from {Domain}.";
    }
}
