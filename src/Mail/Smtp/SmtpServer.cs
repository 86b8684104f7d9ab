using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Mail.Smtp;

/// <summary>Receives mail (RFC 5321) on one endpoint and asks its owner what to do with it.</summary>
public sealed class SmtpServer : IAsyncDisposable
{
    const int Backlog = 512;

    readonly SmtpServerOptions options;
    readonly SmtpHandler handler;
    readonly TimeProvider clock;
    readonly Socket listener;
    readonly CancellationTokenSource stopping = new();
    readonly CancellationTokenSource aborting = new();
    readonly ConcurrentDictionary<long, Task> sessions = new();
    readonly Dictionary<IPAddress, int> perAddress = [];
    readonly Task accepting;
    long count;
    int total;

    SmtpServer(SmtpServerOptions options, SmtpHandler handler, TimeProvider clock)
    {
        this.options = options;
        this.handler = handler;
        this.clock = clock;
        listener = new Socket(options.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(options.Endpoint);
        listener.Listen(Backlog);
        Endpoint = listener.LocalEndPoint as IPEndPoint ?? options.Endpoint;
        accepting = Accept();
    }

    /// <summary>With the port in use when the options asked for port 0.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Open connections.</summary>
    public int Connections => sessions.Count;

    /// <exception cref="SocketException">The endpoint cannot be listened on.</exception>
    public static SmtpServer Start(SmtpServerOptions options, SmtpHandler handler, TimeProvider clock) => new(options, handler, clock);

    /// <summary>Takes no new connection, lets transactions under way end, then closes.</summary>
    /// <param name="ct">When cancelled, connections still open are cut instead of waited for.</param>
    public async ValueTask Stop(CancellationToken ct)
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        listener.Dispose();
        await accepting.ConfigureAwait(false);
        await using var cut = ct.UnsafeRegister(static source => ((CancellationTokenSource?)source)?.Cancel(), aborting).ConfigureAwait(false);
        await Task.WhenAll(sessions.Values).ConfigureAwait(false);
    }

    /// <summary>Stops at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await aborting.CancelAsync().ConfigureAwait(false);
        await Stop(aborting.Token).ConfigureAwait(false);
        stopping.Dispose();
    }

    async Task Accept()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(stopping.Token).ConfigureAwait(false);
                socket.NoDelay = true;
                var id = ++count;
                var visit = Task.Run(() => Visit(socket), CancellationToken.None);
                sessions[id] = visit;
                _ = visit.ContinueWith(_ => sessions.TryRemove(id, out Task? _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // A client that left the backlog early, or our own stop, which the loop's condition tells apart.
            }
        }
    }

    async Task Visit(Socket socket)
    {
        var address = (socket.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        var wire = new SmtpServerWire(socket, options, clock, aborting.Token);
        await using var _ = wire.ConfigureAwait(false);
        if (options.Proxies.Any(proxy => proxy.Contains(address)))
        {
            if (await wire.Proxied().ConfigureAwait(false) is not { } named) return;
            address = named.Client?.Address ?? address;
        }
        var refusal = Enter(address);
        try
        {
            if (refusal is not null)
            {
                wire.Reply(refusal.Code, refusal.Enhanced, refusal.Text);
                await wire.Flush().ConfigureAwait(false);
                return;
            }
            await using var idle = stopping.Token.UnsafeRegister(static (state, _) => (state as SmtpServerWire)?.Hurry(), wire).ConfigureAwait(false);
            await new SmtpSession(wire, address, options, handler, stopping.Token, aborting.Token).Run().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client is gone in a way the wire did not foresee; nothing was promised to it.
        }
        finally
        {
            Leave(address);
        }
    }

    SmtpAnswer? Enter(IPAddress address)
    {
        lock (perAddress)
        {
            var here = perAddress.GetValueOrDefault(address) + 1;
            perAddress[address] = here;
            total++;
            if (here > options.ConnectionsPerAddressMax) return new SmtpAnswer(421, "4.7.0", "Too many connections from your address");
            return total > options.ConnectionsMax ? new SmtpAnswer(421, "4.3.2", "Too many connections") : null;
        }
    }

    void Leave(IPAddress address)
    {
        lock (perAddress)
        {
            total--;
            if (--perAddress[address] == 0) perAddress.Remove(address);
        }
    }
}
