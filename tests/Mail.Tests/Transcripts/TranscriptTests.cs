using System.Net.Sockets;
using PenguinMails.Mail.Tests.Peers;
using PenguinMails.Mail.Tests.Smtp;

namespace PenguinMails.Mail.Tests.Transcripts;

/// <summary>Recorded dialogues with real servers replayed to our clients, and dialogues with our server replayed to it: whole, by line and octet by octet.</summary>
/// <remarks>With <c>PENGUIN_TRANSCRIPTS</c> naming a folder, the recording test writes them anew.</remarks>
public sealed class TranscriptTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, Portions> Replays(params string[] names)
    {
        var data = new TheoryData<string, Portions>();
        foreach (var name in names)
            foreach (var portions in Enum.GetValues<Portions>()) data.Add(name, portions);
        return data;
    }

    public static TheoryData<string, Portions> SmtpClients => Replays("smtp-postfix", "smtp-exim", "smtp-opensmtpd");

    public static TheoryData<string, Portions> SmtpServers => Replays("server-plain", "server-refusals", "server-chunks", "server-login");

    [Theory]
    [MemberData(nameof(SmtpClients))]
    public async Task The_smtp_client_hears_the_same_in_any_portions(string name, Portions portions)
    {
        var transcript = Transcript.Load(name);
        await using var peer = Player(transcript, portions);
        Assert.Equal(Told(name), await Scenarios.Smtp(peer.EndPoint, Ct));
        Assert.Equal(transcript.Of(isClient: true), peer.Heard);
    }

    [Theory]
    [InlineData(Portions.Whole)]
    [InlineData(Portions.Lines)]
    [InlineData(Portions.Octets)]
    public async Task The_imap_client_hears_the_same_in_any_portions(Portions portions)
    {
        var transcript = Transcript.Load("imap-dovecot");
        await using var peer = Player(transcript, portions);
        Assert.Equal(Told("imap-dovecot"), await Scenarios.Imap(peer.EndPoint, Ct));
        Assert.Equal(transcript.Of(isClient: true), peer.Heard);
    }

    [Theory]
    [MemberData(nameof(SmtpServers))]
    public async Task The_server_answers_the_same_in_any_portions(string name, Portions portions)
    {
        var transcript = Transcript.Load(name);
        await using var far = new FarSide(with: o => o with { AllowsClearAuth = true, MessageOctetsMax = 500 });
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(far.Server.Endpoint, Ct);
        await using var stream = new NetworkStream(socket);
        var rest = SmtpServerTests.Rest(stream);
        foreach (var portion in Transcript.Cut(transcript.Of(isClient: true), portions)) await socket.SendAsync(portion, Ct);
        Assert.Equal(string.Concat(transcript.Of(isClient: false).Select(line => line + "\r\n")), await rest);
    }

    /// <summary>The server's part; what the client says is heard line by line.</summary>
    static ScriptedPeer Player(Transcript transcript, Portions portions) => new(async line =>
    {
        for (var i = 0; i < transcript.Lines.Count;)
        {
            var isClient = transcript.Lines[i].IsClient;
            var group = transcript.Lines.Skip(i).TakeWhile(one => one.IsClient == isClient).Select(one => one.Line).ToList();
            i += group.Count;
            if (isClient) foreach (var _ in group) await line.Hear();
            else foreach (var portion in Transcript.Cut(group, portions)) await line.Stream.WriteAsync(portion, line.Stop);
        }
    });

    static string Told(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samples/Transcripts", name + ".told"));

    [Theory]
    [InlineData("postfix")]
    [InlineData("exim")]
    [InlineData("opensmtpd")]
    [Trait("Needs", "peers")]
    public async Task A_server_of_today_tells_the_smtp_client_what_was_recorded(string server)
    {
        await using var far = new FarSide();
        await using var peer = await MailServerPeer.Start(server, far.Port, Ct);
        await Recorded("smtp-" + server, peer.Port, tap => Scenarios.Smtp(tap.EndPoint, Ct));
    }

    [Fact]
    [Trait("Needs", "peers")]
    public async Task Dovecot_of_today_tells_the_imap_client_what_was_recorded()
    {
        await using var dovecot = await Dovecot.Start(Ct);
        await Recorded("imap-dovecot", dovecot.Port, tap => Scenarios.Imap(tap.EndPoint, Ct));
    }

    static async Task Recorded(string name, int port, Func<Tap, Task<string>> run)
    {
        var tap = new Tap(port);
        var told = await run(tap);
        await tap.DisposeAsync();
        if (Environment.GetEnvironmentVariable("PENGUIN_TRANSCRIPTS") is { } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name + ".txt"), tap.Heard.ToText(), Ct);
            await File.WriteAllTextAsync(Path.Combine(folder, name + ".told"), told, Ct);
            return;
        }

        Assert.Equal(Told(name), told);
    }
}
