using System.Globalization;
using System.Net;
using System.Net.Sockets;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Auth;

/// <summary>SPF, whole: check_host() of RFC 7208 4 with macros and every limit.</summary>
public static class SpfChecker
{
    /// <summary>The explanation of a fail whose domain gives none that works.</summary>
    public const string DefaultExplanation = "DEFAULT";

    /// <summary>Terms that cost a query (RFC 7208 4.6.4).</summary>
    public const int LookupsMax = 10;

    /// <summary>Such terms that find nothing (RFC 7208 4.6.4).</summary>
    public const int VoidLookupsMax = 2;

    /// <returns>One of none, neutral, pass, fail, softfail, temperror and permerror. Any octets from outside give a verdict; only cancellation throws.</returns>
    public static async ValueTask<SpfVerdict> Check(SpfQuestion question, IDnsLookup dns, CancellationToken ct)
    {
        var run = new SpfRun(SpfSender.Of(question), dns);
        var outcome = await run.Judge(run.Sender.Domain, ct).ConfigureAwait(false);
        var explanation = outcome.Result == AuthResult.Fail ? await run.Explain(outcome, ct).ConfigureAwait(false) ?? DefaultExplanation : null;
        return new SpfVerdict(outcome.Result, explanation, outcome.Mechanism, run.Lookups, run.Sender.Domain, outcome.Reason);
    }
}

/// <summary>The identity under judgement, taken apart once (RFC 7208 2.4, 4.3).</summary>
sealed record SpfSender(IPAddress Client, string Local, string Domain, string Helo, string Receiver, DateTimeOffset At)
{
    static readonly IdnMapping Idn = new();

    public bool IsIpv4 => Client.AddressFamily == AddressFamily.InterNetwork;

    public string Whole => $"{Local}@{Domain}";

    public static SpfSender Of(SpfQuestion question)
    {
        var from = question.MailFrom.Length == 0 ? question.Helo : question.MailFrom;
        var at = question.MailFrom.LastIndexOf('@');
        // RFC 7208 4.3: without a local part, it is postmaster.
        var local = at > 0 ? question.MailFrom[..at] : "postmaster";
        var client = question.Client.IsIPv4MappedToIPv6 ? question.Client.MapToIPv4() : question.Client;
        return new SpfSender(client, local, Ascii(from[(at + 1)..]), question.Helo, question.Receiver, question.At);
    }

    static string Ascii(string domain)
    {
        if (System.Text.Ascii.IsValid(domain)) return domain;
        try { return Idn.GetAscii(domain); }
        catch (ArgumentException) { return ""; }
    }

    /// <summary>RFC 7208 4.3: more than one label, none empty or over 63, no address literal.</summary>
    public static bool IsDomain(string domain)
    {
        var labels = (domain.EndsWith('.') ? domain[..^1] : domain).Split('.');
        return labels.Length > 1 && domain.Length <= 254 && !domain.StartsWith('[') && labels.All(label => label.Length is > 0 and <= 63);
    }
}

/// <summary>How one check_host() ended.</summary>
/// <param name="Record">The record that decided, for its explanation.</param>
sealed record SpfOutcome(AuthResult Result, string Reason, string Domain, string? Mechanism = null, SpfRecord? Record = null);
