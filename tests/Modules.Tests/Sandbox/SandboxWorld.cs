using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;
using PenguinMails.Sandbox;

namespace PenguinMails.Modules.Tests.Sandbox;

/// <summary>A sandbox with a real edge and a real web server on our side, both of which write down what reaches them.</summary>
sealed class SandboxWorld : IAsyncDisposable
{
    public sealed record Visit(string Method, string Path, string Body, string Agent);

    readonly Channel<SmtpDelivery> _edge = Channel.CreateUnbounded<SmtpDelivery>();
    readonly Channel<Visit> _visits = Channel.CreateUnbounded<Visit>();
    readonly SmtpServer _edgeServer;
    readonly WebApplication _web;

    SandboxWorld(string folder, Func<int, SmtpAnswer> edgeAnswer, WebApplication web)
    {
        Folder = folder;
        _web = web;
        var asked = 0;
        _edgeServer = SmtpServer.Start(new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.penguin.test") },
            new SmtpHandler
            {
                Data = async (_, delivery, ct) =>
                {
                    var answer = edgeAnswer(++asked);
                    if (answer.Code == 250) await _edge.Writer.WriteAsync(delivery, ct);
                    return answer;
                },
            }, TimeProvider.System);
    }

    public string Folder { get; }
    public SandboxServer Server { get; private set; } = null!;
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<SandboxWorld> Create(Func<int, SmtpAnswer>? edgeAnswer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var web = builder.Build();
        var world = new SandboxWorld(Directory.CreateTempSubdirectory("penguin-sandbox-").FullName, edgeAnswer ?? (_ => SmtpAnswer.Ok), web);
        web.Run(world.Take);
        await web.StartAsync(Ct);
        world.Start();
        return world;
    }

    public void Start() => Server = SandboxServer.Start(
        new SandboxOptions(Folder) { Delay = TimeSpan.FromMilliseconds(1), Edge = _edgeServer.Endpoint, Web = new Uri(_web.Urls.First()) }, TimeProvider.System);

    public async Task Restart()
    {
        await Server.Stop(Ct);
        Start();
    }

    public async Task<SmtpOutcome> Send(string recipient, string? message = null, string sender = "b-token@bounce.acme.test", SmtpCredentials? login = null)
    {
        var opening = await SmtpConnection.Open(new SmtpClientOptions
        {
            Server = new DnsEndPoint("127.0.0.1", Server.SmtpEndpoint.Port), EhloName = "us.test", Tls = TlsPolicy.None, Credentials = login ?? new SmtpCredentials("anyone", "sandbox", false),
            Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(10)),
        }, SmtpConnectors.Direct, TimeProvider.System, Ct);
        if (opening.Connection is not { } connection) return opening.Refusal!;
        await using var _ = connection;
        var from = sender.Length == 0 ? null : EmailAddress.Parse(sender);
        return await connection.Send(new SmtpEnvelope(from, EmailAddress.Parse(recipient)), Encoding.UTF8.GetBytes((message ?? Message(recipient)).ReplaceLineEndings("\r\n")), null, Ct);
    }

    public static string Message(string recipient) => $"""
        From: Sam Sender <sam@acme.test>
        To: {recipient}
        Subject: An idea for you
        Message-ID: <thread-1@acme.test>
        List-Unsubscribe: <https://track.acme.test/u/tok>, <mailto:u-tok@bounce.acme.test?subject=unsubscribe>
        List-Unsubscribe-Post: List-Unsubscribe=One-Click
        MIME-Version: 1.0
        Content-Type: text/html; charset=utf-8

        <p>Hello <a href="https://elsewhere.test/x">elsewhere</a> <a href="https://track.acme.test/c/tok/0?a=1&amp;b=2">idea</a>
        <a href="https://track.acme.test/c/tok/1">more</a></p>

        """;

    /// <summary>The next message at our edge.</summary>
    public async Task<SmtpDelivery> CameBack() => await _edge.Reader.ReadAsync(Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Ct);

    public async Task<Visit> Visited() => await _visits.Reader.ReadAsync(Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Ct);

    public bool WasLeftAlone => _edge.Reader.Count == 0 && _visits.Reader.Count == 0;

    /// <summary>Waits until the journal has that many lines.</summary>
    public async Task<IReadOnlyList<JournalEntry>> Journal(int lines)
    {
        while (true)
        {
            var entries = SandboxJournal.Read(Server.JournalPath);
            if (entries.Count >= lines) return entries;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _edgeServer.DisposeAsync();
        await _web.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    async Task Take(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(Ct);
        await _visits.Writer.WriteAsync(new Visit(context.Request.Method, context.Request.Path + context.Request.QueryString, body, context.Request.Headers.UserAgent.ToString()), Ct);
        context.Response.Redirect("https://elsewhere.test/landing"); // Following it would leave the machine.
    }
}
