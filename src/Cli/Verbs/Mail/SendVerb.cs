using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>Sends one message to a server and shows the whole conversation.</summary>
static class SendVerb
{
    /// <summary>Never on the command line, where every user of the machine could read it.</summary>
    const string PasswordVariable = "PENGUIN_MAIL_PASSWORD";

    sealed record Recipient(string Address, string Kind, string Stage, int Code, string? Enhanced, string Text);

    sealed record Line(double AtMs, string Who, string Text);

    sealed record Report(string Server, bool Accepted, IReadOnlyList<Recipient> Recipients, IReadOnlyList<Line> Dialogue);

    static readonly Option<string?> Server = new("--server") { Description = "HOST:PORT; port 25 without one, 465 with --tls implicit. Without it the mail exchangers of each recipient's domain." };
    static readonly Option<string> From = new("--from") { Description = "Address in From and of the envelope.", Required = true };
    static readonly Option<string[]> To = new("--to") { Description = "Recipients, one or several.", Required = true, AllowMultipleArgumentsPerToken = true };
    static readonly Option<string?> EnvelopeFrom = new("--envelope-from") { Description = "Envelope sender when it differs; <> for the null sender." };
    static readonly Option<string> Subject = new("--subject") { Description = "Subject.", DefaultValueFactory = _ => "A test from penguin mail send" };
    static readonly Option<string?> Body = new("--body") { Description = "Text, or @FILE, or - for standard input." };
    static readonly Option<string?> Html = new("--html") { Description = "HTML beside the text: itself, or @FILE." };
    static readonly Option<string[]> Attach = new("--attach") { Description = "Files to attach.", AllowMultipleArgumentsPerToken = true };
    static readonly Option<string[]> Header = new("--header") { Description = "\"Name: value\", one or several.", AllowMultipleArgumentsPerToken = true };
    static readonly Option<string?> Raw = new("--raw") { Description = "Send this file as it is instead of writing a message." };
    static readonly Option<string?> Auth = new("--auth") { Description = $"User to log in as; the password comes from the variable {PasswordVariable}." };
    static readonly Option<bool> Token = new("--token") { Description = "The password is an access token (XOAUTH2)." };
    static readonly Option<string> Tls = new("--tls") { Description = "none, opportunistic, required or implicit.", DefaultValueFactory = _ => "opportunistic" };
    static readonly Option<int> Port = new("--port") { Description = "Port of the mail exchangers when there is no --server.", DefaultValueFactory = _ => 25 };
    static readonly Option<bool> Dane = new("--dane") { Description = "Obey TLSA records: only with a --resolver that validates DNSSEC." };
    static readonly Option<string[]> Resolver = Resolvers.Option();
    static readonly Option<string> Ehlo = new("--ehlo") { Description = "Name to greet with.", DefaultValueFactory = _ => Dns.GetHostName() };
    static readonly Option<int> Timeout = new("--timeout") { Description = "Longest wait for each answer in seconds, 1 to 600.", DefaultValueFactory = _ => 30 };
    static readonly Option<bool> Json = new("--json") { Description = "Print outcome and dialogue as JSON." };

    public static Command Command()
    {
        var command = new Command("send", "Send one message to a server and show the conversation.")
        {
            Server, From, To, EnvelopeFrom, Subject, Body, Html, Attach, Header, Raw, Auth, Token, Tls, Port, Dane, Resolver, Ehlo, Timeout, Json,
        };
        command.SetAction(Run);
        return command;
    }

    static async Task<int> Run(ParseResult given, CancellationToken ct)
    {
        var recipients = (given.GetValue(To) ?? []).Select(text => Address(text, "--to")).ToList();
        var message = given.GetValue(Raw) is { } raw ? CrLfOnly(await GivenFile.Octets(raw, ct)) : MessageWriter.Write(await Compose(given, recipients, ct));
        var sender = given.GetValue(EnvelopeFrom) is { } envelope ? envelope is "" or "<>" ? null : Address(envelope, "--envelope-from") : Address(given.GetValue(From) ?? "", "--from");
        var (lines, outcomes, servers) = (new List<Line>(), new List<Recipient>(), new List<string>());
        foreach (var group in given.GetValue(Server) is null ? recipients.GroupBy(recipient => recipient.Domain.Ascii) : recipients.GroupBy(_ => ""))
        {
            var opening = group.Key.Length == 0
                ? await SmtpConnection.Open(Options(given), SmtpConnectors.Direct, TimeProvider.System, ct)
                : await new SendRoute(await Resolvers.Open(given.GetValue(Resolver), ct), given.GetValue(Dane), Options(given), text => lines.Add(new Line(0, "route", text)), dialogue => Add(lines, dialogue)).Open(group.First().Domain, ct);
            outcomes.AddRange(await Deliver(opening, sender, group, message, ct));
            Add(lines, opening.Dialogue);
        }

        if (given.GetValue(Server) is not null) servers.Add(ServerText(Options(given).Server));
        else servers.AddRange(lines.Where(line => line.Who == "route" && line.Text.StartsWith(SendRoute.Connecting, StringComparison.Ordinal)).Select(line => line.Text[SendRoute.Connecting.Length..]));
        var report = new Report(string.Join(", ", servers), outcomes.TrueForAll(o => o.Kind == "accepted"), outcomes, lines);
        await Console.Out.WriteLineAsync(given.GetValue(Json) ? Core.Json.Write(report) : Text(report));
        return report.Accepted ? 0 : 1;
    }

    static async Task<List<Recipient>> Deliver(SmtpOpening opening, EmailAddress? sender, IEnumerable<EmailAddress> recipients, byte[] message, CancellationToken ct)
    {
        if (opening.Connection is not { } connection) return [.. recipients.Select(recipient => Of(recipient.Text, opening.Refusal ?? throw new InvalidOperationException("Neither open nor refused.")))];
        var outcomes = new List<Recipient>();
        foreach (var recipient in recipients) outcomes.Add(Of(recipient.Text, await connection.Send(new SmtpEnvelope(sender, recipient), message, null, ct)));
        await connection.Quit(ct);
        return outcomes;
    }

    static void Add(List<Line> lines, SmtpDialogue? dialogue) =>
        lines.AddRange((dialogue?.Lines ?? []).Select(line => new Line(line.At.TotalMilliseconds, line.IsClient ? "client" : "server", line.Text)));

    static string ServerText(DnsEndPoint server) => $"{server.Host}:{server.Port}";

    static SmtpClientOptions Options(ParseResult given)
    {
        var tls = given.GetValue(Tls)?.ToLowerInvariant() switch
        {
            "none" => TlsPolicy.None,
            "opportunistic" => TlsPolicy.Opportunistic,
            "required" or "starttls" => TlsPolicy.Required,
            "implicit" or "tls" => TlsPolicy.Implicit,
            var other => throw new WrongUsage($"--tls {other} is not known: none, opportunistic, required or implicit."),
        };
        SmtpCredentials? credentials = null;
        if (given.GetValue(Auth) is { } user)
        {
            if (given.GetValue(Server) is null) throw new WrongUsage("--auth needs --server: nobody logs in at the mail exchangers of others.");
            var secret = Environment.GetEnvironmentVariable(PasswordVariable)
                ?? throw new InvalidOperationException($"Set {PasswordVariable} to the password of {user}; it is never taken from the command line.");
            credentials = new SmtpCredentials(user, secret, given.GetValue(Token));
            if (tls == TlsPolicy.Opportunistic) tls = TlsPolicy.Required;
        }

        return new SmtpClientOptions
        {
            // Without a server only the port counts: SendRoute puts each mail exchanger in.
            Server = given.GetValue(Server) is { } server ? ServerAddress.Parse(server, tls == TlsPolicy.Implicit ? 465 : 25) : new DnsEndPoint("mx.invalid", Math.Clamp(given.GetValue(Port), 1, 65535)), EhloName = given.GetValue(Ehlo) ?? "localhost", Tls = tls,
            Credentials = credentials, Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(Math.Clamp(given.GetValue(Timeout), 1, 600))), KeepDialogue = true,
        };
    }

    static async Task<OutgoingMessage> Compose(ParseResult given, List<EmailAddress> recipients, CancellationToken ct)
    {
        var from = Address(given.GetValue(From) ?? "", "--from");
        var attachments = new List<Attachment>();
        foreach (var file in given.GetValue(Attach) ?? [])
            attachments.Add(Attachment.TryCreate(HeaderText.Create(Path.GetFileName(file)), "application/octet-stream", await GivenFile.Octets(file, ct), out var attachment, out _)
                ? attachment
                : throw new InvalidOperationException($"{file} has a name that cannot stand in a message."));
        return new OutgoingMessage
        {
            From = new Mailbox(from), To = [.. recipients.Select(r => new Mailbox(r))], Subject = HeaderText.Create(given.GetValue(Subject) ?? ""), Date = TimeProvider.System.GetLocalNow(),
            MessageId = MessageId.Create(from.Domain, RandomNumberGenerator.Fill), Text = await TextOf(given.GetValue(Body) ?? "This is a test.\n", ct),
            Html = given.GetValue(Html) is { } html ? await TextOf(html, ct) : null, Attachments = attachments, Headers = [.. (given.GetValue(Header) ?? []).Select(Extra)],
        };
    }

    static ExtraHeader Extra(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) throw new WrongUsage($"--header {text} is not \"Name: value\".");
        try
        {
            return ExtraHeader.Create(text[..colon].Trim(), text[(colon + 1)..].Trim());
        }
        catch (FormatException refused)
        {
            throw new WrongUsage($"--header {text}: {refused.Message} Use --raw for a message with any headers.");
        }
    }

    static async Task<string> TextOf(string given, CancellationToken ct) =>
        given == "-" || given.StartsWith('@') ? await GivenFile.Text(given == "-" ? given : given[1..], ct) : given.Replace("\\n", "\n", StringComparison.Ordinal);

    static EmailAddress Address(string text, string option) => EmailAddress.TryParse(text.Trim(), out var address, out var fault)
        ? address
        : throw new WrongUsage($"{option} {text} is not an address: {fault.Reason} at character {fault.Offset + 1}.");

    /// <summary>Files have line feeds; SMTP has CRLF only.</summary>
    static byte[] CrLfOnly(byte[] file)
    {
        var written = new List<byte>(file.Length + 256);
        for (var i = 0; i < file.Length; i++)
        {
            if (file[i] == '\n' && (i == 0 || file[i - 1] != '\r')) written.Add((byte)'\r');
            written.Add(file[i]);
            if (file[i] == '\r' && (i + 1 == file.Length || file[i + 1] != '\n')) written.Add((byte)'\n');
        }

        return [.. written];
    }

    static Recipient Of(string address, SmtpOutcome outcome) =>
        new(address, Word(outcome.Kind.ToString()), Word(outcome.Stage.ToString()), outcome.Code, outcome.EnhancedCode, outcome.Text);

    static string Word(string name) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    static string Text(Report report) => string.Join('\n', report.Dialogue.Select(line => $"{line.AtMs,8:F0} ms {(line.Who switch { "client" => "->", "server" => "<-", _ => "**" })} {line.Text}")
        .Concat(report.Recipients.Select(r => $"{r.Address}: {r.Kind} at {r.Stage}: {(r.Code > 0 ? r.Code + " " : "")}{r.Text}")));
}
