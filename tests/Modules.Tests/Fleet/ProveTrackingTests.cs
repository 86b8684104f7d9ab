using System.Net;
using System.Net.Sockets;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.WebNames;

namespace PenguinMails.Modules.Tests.Fleet;

/// <summary>A tracking host is used only when it was seen to lead to this very installation.</summary>
public sealed class ProveTrackingTests(TestDatabase database)
{
    const string Host = "track.acme.example";

    static readonly MasterKey Ours = new(new byte[32]);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    async Task<bool> Ask(string answer, string allowed = "127.0.0.0/8")
    {
        await using var world = FleetWorld.Create(database);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Serve(listener, answer);
        var outbound = Outbound.From(allowed, (_, _) => Task.FromResult(new[] { IPAddress.Loopback }));
        var reach = new DnsReach(world.Dns, outbound, world.Box, world.Hosts);
        var isServed = await ProveTracking.Answers(Host, new Uri($"http://platform.example:{((IPEndPoint)listener.LocalEndpoint).Port}/"), ProveTracking.Word(Ours, Host), reach, Ct);
        listener.Stop();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return isServed;
    }

    // Answers one request, and only one that asks for the right host and path.
    static async Task Serve(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync(Ct);
        var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var request = await reader.ReadLineAsync(Ct) ?? "";
        var host = "";
        for (var line = await reader.ReadLineAsync(Ct); line is { Length: > 0 }; line = await reader.ReadLineAsync(Ct))
            if (line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)) host = line[5..].Trim().Split(':')[0];
        var status = request.StartsWith($"GET /{ProveTracking.Path} ", StringComparison.Ordinal) && host == Host ? "200 OK" : "404 Not Found";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {answer.Length}\r\nConnection: close\r\n\r\n{answer}"), Ct);
    }

    [Fact]
    public async Task Our_own_word_proves_it() => Assert.True(await Ask(ProveTracking.Word(Ours, Host)));

    [Fact]
    public async Task Another_installations_word_does_not() => Assert.False(await Ask(ProveTracking.Word(new MasterKey([.. Enumerable.Repeat((byte)1, 32)]), Host)));

    [Fact]
    public async Task The_word_for_another_host_does_not() => Assert.False(await Ask(ProveTracking.Word(Ours, "track.other.example")));

    [Fact]
    public async Task A_host_inside_our_own_network_is_not_asked() => Assert.False(await Ask(ProveTracking.Word(Ours, Host), allowed: ""));
}
