using System.CommandLine;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>Looks into a mailbox: its folders, or its new messages. Changes nothing there.</summary>
static class ImapVerb
{
    const string PasswordVariable = "PENGUIN_MAIL_PASSWORD";

    sealed record Folder(string Name, string? Use, IReadOnlyList<string> Flags);

    sealed record Message(uint Uid, long Size, DateTimeOffset? Date, string? Subject, IReadOnlyList<string> Flags, string? MessageId);

    sealed record Line(double AtMs, string Who, string Text);

    sealed record Report(
        string Server, bool Ok, string Stage, string Kind, string? Code, string Text, IReadOnlyList<string> Capabilities, IReadOnlyList<Folder>? Folders,
        string? Folder, uint? UidValidity, uint? Exists, uint? LastUid, IReadOnlyList<Message>? Messages, IReadOnlyList<Line> Dialogue);

    static readonly Option<string> Server = new("--server") { Description = "HOST:PORT; port 993 without one, 143 without implicit TLS.", Required = true };
    static readonly Option<string> User = new("--user") { Description = $"User to log in as; the password comes from the variable {PasswordVariable}.", Required = true };
    static readonly Option<bool> Token = new("--token") { Description = "The password is an access token (OAUTHBEARER, XOAUTH2)." };
    static readonly Option<string> Tls = new("--tls") { Description = "none, starttls or implicit.", DefaultValueFactory = _ => "implicit" };
    static readonly Option<string> FolderName = new("--folder") { Description = "Folder to look into.", DefaultValueFactory = _ => "INBOX" };
    static readonly Option<bool> List = new("--list") { Description = "List the folders." };
    static readonly Option<bool> FetchNew = new("--fetch-new") { Description = "Print identifier, size and subject of the messages." };
    static readonly Option<uint> After = new("--after") { Description = "Only messages with a higher identifier than this.", DefaultValueFactory = _ => 0u };
    static readonly Option<int> Max = new("--max") { Description = "Messages at most, 1 to 100000.", DefaultValueFactory = _ => 1000 };
    static readonly Option<int> Timeout = new("--timeout") { Description = "Longest wait for each answer in seconds, 1 to 600.", DefaultValueFactory = _ => 30 };
    static readonly Option<bool> Dialogue = new("--dialogue") { Description = "Show the conversation, without the password." };
    static readonly Option<bool> Json = new("--json") { Description = "Print one JSON object." };

    public static Command Command()
    {
        var command = new Command("imap", "Look into a mailbox by IMAP: its folders or its new messages.")
        {
            Server, User, Token, Tls, FolderName, List, FetchNew, After, Max, Timeout, Dialogue, Json,
        };
        command.SetAction(Run);
        return command;
    }

    static async Task<int> Run(ParseResult given, CancellationToken ct)
    {
        var options = Options(given);
        var opening = await ImapConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, ct);
        var report = new Report($"{options.Server.Host}:{options.Server.Port}", false, "", "", null, "", opening.Capabilities, null, null, null, null, null, null, []);
        var outcome = opening.Outcome;
        if (opening.Connection is { } connection)
        {
            (report, outcome) = await Look(connection, report, given, ct);
            if (connection.IsOpen) await connection.LogOut(ct);
            else await connection.DisposeAsync();
        }

        var isFine = outcome.Kind == ImapKind.Works;
        report = report with
        {
            Ok = isFine,
            Stage = isFine ? "done" : Word(outcome.Stage.ToString()),
            Kind = Word(outcome.Kind.ToString()),
            Code = outcome.Code,
            Text = outcome.Text,
            Dialogue = [.. (opening.Dialogue?.Lines ?? []).Select(line => new Line(line.At.TotalMilliseconds, line.IsClient ? "client" : "server", line.Text))],
        };
        await Console.Out.WriteLineAsync(given.GetValue(Json) ? Core.Json.Write(report) : Text(report));
        return isFine ? 0 : 1;
    }

    static async Task<(Report Report, ImapOutcome Outcome)> Look(ImapConnection connection, Report report, ParseResult given, CancellationToken ct)
    {
        report = report with { Capabilities = connection.Capabilities };
        var outcome = new ImapOutcome(ImapStage.Done, ImapKind.Works, null, "");
        if (given.GetValue(List) || !given.GetValue(FetchNew))
        {
            var listed = await connection.List(ct);
            if (listed.Value is not { } folders) return (report, listed.Outcome);
            report = report with { Folders = [.. folders.Select(folder => new Folder(folder.Name, folder.Use, folder.Flags))] };
        }

        if (!given.GetValue(FetchNew)) return (report, outcome);
        var selected = await connection.Select(given.GetValue(FolderName) ?? "INBOX", readOnly: true, null, ct);
        if (selected.Value is not { } state) return (report, selected.Outcome);
        report = report with { Folder = state.Name, UidValidity = state.UidValidity, Exists = state.Exists, Messages = [], LastUid = given.GetValue(After) };
        var after = given.GetValue(After);
        var found = await connection.Search(ImapCriteria.Uids(ImapUidSet.From(after == uint.MaxValue ? after : after + 1)), ct);
        if (found.Value is not { } uids) return (report, found.Outcome);
        var messages = new List<Message>();
        outcome = await connection.Fetch(ImapUidSet.Of(uids.Above(after).Uids.Take(Math.Clamp(given.GetValue(Max), 1, 100_000))), new ImapFetch { Flags = true, InternalDate = true, Size = true, Sections = [ImapSection.Fields("SUBJECT", "MESSAGE-ID")] }, (fetched, _) =>
        {
            if (fetched.Contents is [var head, ..]) messages.Add(Of(fetched, head));
            return ValueTask.CompletedTask;
        }, ct);
        messages.Sort((one, other) => one.Uid.CompareTo(other.Uid));
        return (report with { Messages = messages, LastUid = messages is [.., var last] ? last.Uid : after }, outcome);
    }

    static Message Of(ImapFetched fetched, ImapContent head)
    {
        var header = MimeMessage.Read(head.Octets, new MimeLimits());
        return new Message(fetched.Uid, fetched.Size ?? 0, fetched.InternalDate, header.Subject, fetched.Flags ?? [], header.MessageId?.ToString());
    }

    static ImapOptions Options(ParseResult given)
    {
        var tls = given.GetValue(Tls)?.ToLowerInvariant() switch
        {
            "none" => TlsPolicy.None,
            "required" or "starttls" => TlsPolicy.Required,
            "implicit" or "tls" => TlsPolicy.Implicit,
            var other => throw new WrongUsage($"--tls {other} is not known: none, starttls or implicit."),
        };
        var user = given.GetValue(User) ?? "";
        var secret = Environment.GetEnvironmentVariable(PasswordVariable)
            ?? throw new InvalidOperationException($"Set {PasswordVariable} to the password of {user}; it is never taken from the command line.");
        if ((user + secret).AsSpan().IndexOfAny('\r', '\n', '\0') >= 0) throw new InvalidOperationException("User or password holds a line end.");
        return new ImapOptions
        {
            Server = ServerAddress.Parse(given.GetValue(Server) ?? "", tls == TlsPolicy.Implicit ? 993 : 143), Tls = tls, Credentials = new SmtpCredentials(user, secret, given.GetValue(Token)),
            Timeout = TimeSpan.FromSeconds(Math.Clamp(given.GetValue(Timeout), 1, 600)), KeepDialogue = given.GetValue(Dialogue),
        };
    }

    static string Word(string name) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    static string Text(Report report)
    {
        var lines = report.Dialogue.Select(line => $"{line.AtMs,8:F0} ms {(line.Who == "client" ? "->" : "<-")} {line.Text}").ToList();
        lines.AddRange((report.Folders ?? []).Select(folder => folder.Use is null ? folder.Name : $"{folder.Name}  ({folder.Use})"));
        lines.AddRange((report.Messages ?? []).Select(message => $"{message.Uid,10} {message.Size,10}  {message.Subject}"));
        if (report.Folder is not null) lines.Add($"{report.Folder}: {report.Exists} messages, {report.Messages?.Count} shown");
        if (!report.Ok) lines.Add($"{report.Kind} at {report.Stage}: {report.Text}");
        return string.Join('\n', lines);
    }
}
