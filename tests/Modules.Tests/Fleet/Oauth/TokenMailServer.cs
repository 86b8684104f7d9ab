using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PenguinMails.Modules.Tests.Fleet.Oauth;

/// <summary>SMTP and IMAP on loopback that let in with XOAUTH2 and OAUTHBEARER only, as Google's and Microsoft's do: a token that is not accepted is a challenge first, then a refusal.</summary>
sealed class TokenMailServer : IAsyncDisposable
{
    readonly TcpListener _smtp = Listen(), _imap = Listen();
    readonly CancellationTokenSource _stop = new();
    readonly Func<string, string, bool> _lets;
    readonly Task[] _serving;

    /// <param name="lets">Whether a user comes in with a token.</param>
    public TokenMailServer(Func<string, string, bool> lets)
    {
        _lets = lets;
        _serving = [Accept(_smtp, Smtp), Accept(_imap, Imap)];
    }

    public int SmtpPort => ((IPEndPoint)_smtp.LocalEndpoint).Port;
    public int ImapPort => ((IPEndPoint)_imap.LocalEndpoint).Port;
    public ConcurrentQueue<string> Received { get; } = [];
    /// <summary>Tokens that were shown, in this order.</summary>
    public ConcurrentQueue<string> Shown { get; } = [];

    /// <summary>Takes no token, whatever it is.</summary>
    public bool IsClosed { get; set; }

    bool Lets(string base64)
    {
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        var parts = text.Split('\u0001');
        var token = parts.Single(part => part.StartsWith("auth=Bearer ", StringComparison.Ordinal))["auth=Bearer ".Length..];
        Shown.Enqueue(token);
        var user = text.StartsWith("user=", StringComparison.Ordinal) ? parts[0]["user=".Length..] : parts[0].Split("a=")[1].TrimEnd(',');
        return !IsClosed && _lets(user, token);
    }

    async Task Smtp(StreamReader reader, Func<string, Task> say)
    {
        await say("220 token.test ESMTP");
        var message = new StringBuilder();
        var (isIn, inData) = (false, false);
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            if (inData)
            {
                message.AppendLine(line);
                if (line != ".") continue;
                inData = false;
                Received.Enqueue(message.ToString());
                await say("250 2.0.0 Ok");
                continue;
            }

            var words = line.Split(' ');
            switch (words[0].ToUpperInvariant())
            {
                case "EHLO": await say("250-token.test\r\n250-8BITMIME\r\n250 AUTH XOAUTH2"); break;
                case "AUTH" when words[1] == "XOAUTH2" && Lets(words[2]): isIn = true; await say("235 2.7.0 Accepted"); break;
                case "AUTH": await say("334 eyJzdGF0dXMiOiI0MDEifQ=="); await reader.ReadLineAsync(_stop.Token); await say("535 5.7.8 Username and token not accepted"); break;
                case "MAIL" or "RCPT": await say(isIn ? "250 2.1.0 Ok" : "530 5.7.0 Authentication required"); break;
                case "DATA": inData = true; message.Clear(); await say("354 Go on"); break;
                case "QUIT": await say("221 2.0.0 Bye"); return;
                default: await say("250 2.0.0 Ok"); break;
            }
        }
    }

    async Task Imap(StreamReader reader, Func<string, Task> say)
    {
        await say("* OK ready");
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            var words = line.Split(' ');
            var (tag, name) = (words[0], words[1] == "UID" ? words[2] : words[1]);
            switch (name)
            {
                case "CAPABILITY": await say($"* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER\r\n{tag} OK done"); break;
                case "AUTHENTICATE" when Lets(words[3]): await say($"{tag} OK in"); break;
                case "AUTHENTICATE": await say("+ eyJzdGF0dXMiOiI0MDEifQ=="); await reader.ReadLineAsync(_stop.Token); await say($"{tag} NO [AUTHENTICATIONFAILED] token not accepted"); break;
                case "LIST": await say($"* LIST () \"/\" INBOX\r\n{tag} OK done"); break;
                case "SELECT" or "EXAMINE": await say($"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 1] x\r\n{tag} OK done"); break;
                case "SEARCH": await say($"* SEARCH\r\n{tag} OK done"); break;
                case "LOGOUT": await say($"* BYE\r\n{tag} OK done"); return;
                default: await say($"{tag} OK done"); break;
            }
        }
    }

    async Task Accept(TcpListener listener, Func<StreamReader, Func<string, Task>, Task> serve)
    {
        List<Task> visits = [];
        try
        {
            while (true) visits.Add(Visit(await listener.AcceptTcpClientAsync(_stop.Token), serve));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(visits);
        }
    }

    async Task Visit(TcpClient client, Func<StreamReader, Func<string, Task>, Task> serve)
    {
        using var _ = client;
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        try
        {
            await serve(reader, text => stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"), _stop.Token).AsTask());
        }
        catch (Exception left) when (left is IOException or OperationCanceledException)
        {
            // The client left, or the test ends.
        }
    }

    static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_serving);
        _smtp.Dispose();
        _imap.Dispose();
        _stop.Dispose();
    }
}
