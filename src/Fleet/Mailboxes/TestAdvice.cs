using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Turns the outcome of a connection into steps, with a sentence on what to do where it failed.</summary>
static class TestAdvice
{
    public const string LogIn = "log_in";
    const string Connect = "connect", Tls = "tls", Greeting = "greeting", Folders = "folders";

    /// <param name="refusal">Null when every step went well.</param>
    /// <param name="isForbidden">True when the address may not be reached from here.</param>
    public static IReadOnlyList<TestStep> Smtp(ServerSettings server, MailboxAuth auth, SmtpOutcome? refusal, bool isForbidden) => refusal is null
        ? Steps(Order(server, [LogIn]), null, "")
        : Steps(Order(server, [LogIn]), Step(refusal.Stage), isForbidden ? refusal.Text : Advice(server, auth, refusal));

    public static IReadOnlyList<TestStep> Imap(ServerSettings server, MailboxAuth auth, ImapOutcome outcome, bool isForbidden) => outcome.Kind == ImapKind.Works
        ? Steps(Order(server, [LogIn, Folders]), null, "")
        : Steps(Order(server, [LogIn, Folders]), Step(outcome.Stage), isForbidden ? outcome.Text : Advice(server, auth, outcome));

    /// <summary>All of it took longer than a person waits.</summary>
    public static IReadOnlyList<TestStep> TooSlow(ServerSettings server) =>
        Steps(Order(server, [LogIn]), Connect, $"{server.Host} took longer than {TestMailbox.WholeSeconds} seconds for all steps together. Try again later, or ask the provider.");

    // TLS comes before the greeting or after it, or not at all.
    static string[] Order(ServerSettings server, string[] rest) => server.Security switch
    {
        ConnectionSecurity.None => [Connect, Greeting, .. rest],
        ConnectionSecurity.Starttls => [Connect, Greeting, Tls, .. rest],
        ConnectionSecurity.Tls => [Connect, Tls, Greeting, .. rest],
    };

    static IReadOnlyList<TestStep> Steps(string[] order, string? failed, string advice)
    {
        var at = failed is null ? order.Length : Math.Max(0, Array.IndexOf(order, failed));
        return [.. order.Select((name, i) => new TestStep(name, i < at ? TestState.Ok : i == at ? TestState.Failed : TestState.Skipped, i == at ? advice : ""))];
    }

    static string Step(SmtpStage stage) => stage switch
    {
        SmtpStage.Connect => Connect,
        SmtpStage.Greeting or SmtpStage.Ehlo => Greeting,
        SmtpStage.Tls => Tls,
        SmtpStage.Auth or SmtpStage.Mail or SmtpStage.Rcpt or SmtpStage.Data or SmtpStage.EndOfData => LogIn,
    };

    static string Step(ImapStage stage) => stage switch
    {
        ImapStage.Connect => Connect,
        ImapStage.Greeting or ImapStage.Capability => Greeting,
        ImapStage.Tls => Tls,
        ImapStage.Auth => LogIn,
        ImapStage.List or ImapStage.Command or ImapStage.Done => Folders,
    };

    static string Advice(ServerSettings server, MailboxAuth auth, SmtpOutcome refusal) => Step(refusal.Stage) switch
    {
        Connect => Unreachable(server, refusal.Text),
        Greeting => $"{server.Host} did not greet as a mail server should: {Said(refusal.Code, refusal.Text)} {Ports(server)}",
        Tls when refusal.Kind == SmtpKind.Unsupported => $"{server.Host} offers no STARTTLS on port {server.Port}. Try port 465 with tls, or ask the provider for its port with encryption.",
        Tls => Certificate(server, refusal.Text),
        _ => refusal.Kind switch
        {
            SmtpKind.PermanentRefusal => Refused(auth, Said(refusal.Code, refusal.Text)),
            SmtpKind.TransientRefusal => $"{server.Host} cannot log anyone in right now: {Said(refusal.Code, refusal.Text)} Try again in a few minutes.",
            SmtpKind.Unsupported => $"{server.Host} takes no password on this connection ({refusal.Text}) Use the provider's submission server, usually on port 587 or 465.",
            _ => $"The connection broke while logging in: {refusal.Text} Try again; if it stays so, ask the provider whether it blocks this server's address.",
        },
    };

    static string Advice(ServerSettings server, MailboxAuth auth, ImapOutcome outcome) => Step(outcome.Stage) switch
    {
        Connect => Unreachable(server, outcome.Text),
        Greeting => $"{server.Host} did not greet as an IMAP server should: {Said(0, outcome.Text)} {Ports(server)}",
        Tls when outcome.Kind == ImapKind.Unsupported => $"{server.Host} offers no STARTTLS on port {server.Port}. Try port 993 with tls.",
        Tls => Certificate(server, outcome.Text),
        LogIn when outcome.Kind == ImapKind.Refused => Refused(auth, Said(0, outcome.Text)),
        LogIn => $"{server.Host} did not log in: {Said(0, outcome.Text)} Check that IMAP with a password is switched on for this mailbox.",
        _ => $"Logged in, but the folders could not be listed: {Said(0, outcome.Text)} Try again later.",
    };

    static string Unreachable(ServerSettings server, string text) =>
        $"No connection to {server.Host} on port {server.Port}: {Said(0, text)} Check host name and port; a firewall between here and there may block the port.";

    static string Certificate(ServerSettings server, string text) =>
        $"TLS with {server.Host} failed: {Said(0, text)} Use the host name that stands in the server's certificate. {Ports(server)}";

    static string Refused(MailboxAuth auth, string said) => auth switch
    {
        MailboxAuth.Google => $"Google did not take the access token: {said} Check that IMAP is switched on in the mailbox's settings at Google and that your organisation's administrator allows this application, then connect the mailbox again.",
        MailboxAuth.Microsoft => $"Microsoft did not take the access token: {said} Check that the address is the mailbox's own and that authenticated SMTP and IMAP are switched on for it (an administrator does that), then connect the mailbox again.",
        MailboxAuth.Password => Password(said),
    };

    static string Password(string said) =>
        $"The server refused the user name or the password: {said} Where signing in needs a second step, create an app password and use that one; at Google and Microsoft an administrator may have to allow it first.";

    static string Ports(ServerSettings server) => server.Security switch
    {
        ConnectionSecurity.Tls => "tls belongs to ports 465 (SMTP) and 993 (IMAP); for 587 and 143 choose starttls.",
        ConnectionSecurity.Starttls => "starttls belongs to ports 587 (SMTP) and 143 (IMAP); for 465 and 993 choose tls.",
        ConnectionSecurity.None => "Check that this is the right port.",
    };

    static string Said(int code, string text)
    {
        var said = text.Trim();
        if (said.Length > 300) said = said[..300];
        return (code > 0 ? $"{code} {said}" : said) + (said.EndsWith('.') ? "" : ".");
    }
}
