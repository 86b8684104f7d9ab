using System.CommandLine;
using System.Net;
using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>Who vouches for a message: DKIM, SPF, DMARC and ARC, each with its reason.</summary>
static class AuthVerb
{
    sealed record Dkim(string? Domain, string? Selector, string? Algorithm, string Result, string Reason);

    sealed record Spf(string Result, string? Explanation, string? Mechanism, int Lookups, string Domain, string Reason);

    sealed record Dmarc(string Result, string? Policy, string? Disposition, string? Domain, string? RecordDomain, string? Alignment, string Reason);

    sealed record Arc(string Result, int ChainLength, string Reason);

    sealed record Verdicts(string Path, IReadOnlyList<Dkim> Dkim, Spf? Spf, Dmarc Dmarc, Arc Arc);

    sealed record Session(IPAddress? Ip, string Helo, string? MailFrom);

    public static Command Command()
    {
        var (paths, json, resolver) = (MailInputs.Paths(), MailInputs.Json(), Resolvers.Option());
        var zone = new Option<string>("--zone") { Description = "Answer from this JSON file instead of DNS: {\"name\":[{\"type\":\"TXT\",\"data\":\"…\"}]}.", HelpName = "FILE" };
        var suffixes = new Option<string>("--psl") { Description = "Find organizations by this public suffix list, as RFC 7489 did, instead of the tree walk of RFC 9989.", HelpName = "FILE" };
        var ip = new Option<string>("--ip") { Description = "Address of the SMTP client; without it SPF is not asked." };
        var helo = new Option<string>("--helo") { Description = "What the client said in HELO or EHLO." };
        var from = new Option<string>("--mail-from") { Description = "Reverse path; default: the Return-Path of the message." };
        var at = new Option<long?>("--at") { Description = "Judge as of this time; default now.", HelpName = "UNIX_SECONDS" };
        var command = new Command("auth", "Judge who vouches for messages: DKIM, SPF, DMARC and ARC, with reasons.") { paths, zone, resolver, suffixes, ip, helo, from, at, json };
        command.SetAction(async (parsed, ct) =>
        {
            IPAddress? client = null;
            if (parsed.GetValue(ip) is { } given && !IPAddress.TryParse(given, out client)) throw new WrongUsage($"--ip {given} is no address.");
            IDnsLookup dns = parsed.GetValue(zone) is { } file ? ZoneJson.Load(file) : await Resolvers.Open(parsed.GetValue(resolver), ct);
            var list = parsed.GetValue(suffixes) is { } path ? PublicSuffixList.Parse(await GivenFile.Text(path, ct)) : null;
            var now = parsed.GetValue(at) is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, 253_402_300_799)) : TimeProvider.System.GetUtcNow();
            var session = new Session(client, parsed.GetValue(helo) ?? "", parsed.GetValue(from));
            return await MailInputs.Each(parsed.GetValue(paths) ?? [], parsed.GetValue(json), (input, stop) => Judge(input, session, dns, list, now, stop), Text, ct);
        });
        return command;
    }

    static async ValueTask<Verdicts> Judge(MailInput input, Session session, IDnsLookup dns, PublicSuffixList? suffixes, DateTimeOffset now, CancellationToken ct)
    {
        var from = session.MailFrom ?? ReturnPath(input.Octets);
        var question = session.Ip is { } ip ? SpfVerb.Question(ip, session.Helo, from) with { At = now } : null;
        var verdicts = await AuthenticationCheck.Run(input.Octets, question, dns, suffixes, now, ct);
        return new Verdicts(input.Path,
            [.. verdicts.Dkim.Select(one => new Dkim(Known(one.Domain), Known(one.Selector), Known(one.Algorithm), one.Result.Word(), one.Reason))],
            verdicts.Spf is { } spf ? new Spf(spf.Result.Word(), spf.Explanation, spf.Mechanism, spf.Lookups, spf.Domain, spf.Reason) : null,
            Of(verdicts.Dmarc), new Arc(verdicts.Arc.Result.Word(), verdicts.Arc.ChainLength, verdicts.Arc.Reason));
    }

    static Dmarc Of(DmarcVerdict verdict) => new(verdict.Result.Word(), Word(verdict.Policy), Word(verdict.Disposition), Known(verdict.Domain), Known(verdict.RecordDomain),
        verdict.Policy is null ? null : verdict.Alignment.ToString().ToLowerInvariant(), verdict.Reason);

    static string? Word(DmarcPolicy? policy) => policy?.ToString().ToLowerInvariant();

    static string? Known(string text) => text.Length == 0 ? null : text;

    static string ReturnPath(byte[] octets) =>
        MimeReader.ReadHeaders(octets, new MimeLimits(), out _).FirstOrDefault(header => header.Name.Equals("Return-Path", StringComparison.OrdinalIgnoreCase))?.Value.Trim() ?? "";

    static string Text(Verdicts all) => string.Join('\n',
        [
            all.Path,
            .. all.Dkim.Count == 0 ? ["  dkim  none"] : all.Dkim.Select(one => $"  dkim  {one.Result} {one.Domain} {one.Selector} {one.Algorithm} {one.Reason}".TrimEnd()),
            all.Spf is { } spf ? $"  spf   {spf.Result} {spf.Reason}" : "  spf   not asked (no --ip)",
            $"  dmarc {all.Dmarc.Result} {all.Dmarc.Domain} {(all.Dmarc.Policy is { } policy ? $"policy {policy} " : "")}{all.Dmarc.Reason}",
            $"  arc   {all.Arc.Result} {(all.Arc.ChainLength > 0 ? $"{all.Arc.ChainLength} sets " : "")}{all.Arc.Reason}".TrimEnd(), "",
        ]);
}
