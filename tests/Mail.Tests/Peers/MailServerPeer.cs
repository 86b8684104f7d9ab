using System.Net;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Peers;

/// <summary>A mail server that others wrote: it takes mail for anybody and hands it on to <see cref="FarSide"/>, with its own bounces.</summary>
/// <param name="Ca">The authority of its certificate, which is for <c>mx.peer.example</c>.</param>
sealed record MailServerPeer(string Name, PeerProcess Process, int Port, TestCa Ca) : IAsyncDisposable
{
    public const string Host = "mx.peer.example";
    public const string User = "olivia";
    public const string Secret = "sesame";
    public const int MessageOctetsMax = 200 * 1024;

    public static readonly string[] Names = ["postfix", "exim", "opensmtpd"];

    public SmtpClientOptions Options => new()
    {
        Server = new DnsEndPoint("127.0.0.1", Port), EhloName = "client.example", Tls = TlsPolicy.None, TlsName = Host, Roots = Ca.Roots, KeepDialogue = true,
        Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(30)),
    };

    public static Task<MailServerPeer> Start(string name, int farPort, CancellationToken ct) => name switch
    {
        "postfix" => Postfix.Start(farPort, ct),
        "exim" => Exim.Start(farPort, ct),
        "opensmtpd" => OpenSmtpd.Start(farPort, ct),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    public async Task<SmtpConnection> Open(CancellationToken ct, Func<SmtpClientOptions, SmtpClientOptions>? with = null)
    {
        var opening = await SmtpConnection.Open(with?.Invoke(Options) ?? Options, SmtpConnectors.Direct, TimeProvider.System, ct);
        return opening.Connection ?? throw new InvalidOperationException($"{Name}: {opening.Refusal}\n{string.Join('\n', opening.Dialogue?.Lines ?? [])}\n{Process.Logs()}");
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        Ca.Dispose();
    }
}
