using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PenguinMails.Mail.Tests.Smtp;

/// <summary>A real listener on loopback whose side of each connection is a script.</summary>
sealed class ScriptedPeer : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly Task serving;

    public ScriptedPeer(Func<Line, Task> script)
    {
        listener.Start();
        serving = Serve(script);
    }

    public DnsEndPoint EndPoint => new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);

    public List<string> Heard { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await serving.WaitAsync(TimeSpan.FromSeconds(10));
        stop.Dispose();
    }

    async Task Serve(Func<Line, Task> script)
    {
        try
        {
            while (true)
            {
                using var socket = await listener.AcceptSocketAsync(stop.Token);
                socket.NoDelay = true;
                var line = new Line(socket, Heard, stop.Token);
                try { await script(line); }
                catch (Exception e) when (e is IOException or EndOfStreamException) { }
                line.HangUp();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    /// <summary>One connection, as the script sees it.</summary>
    public sealed class Line(Socket socket, List<string> heard, CancellationToken stop)
    {
        public Stream Stream { get; set; } = new NetworkStream(socket, ownsSocket: false);

        public CancellationToken Stop => stop;

        public async Task Say(string text) => await Stream.WriteAsync(Encoding.UTF8.GetBytes(text), stop);

        public async Task<string> Hear()
        {
            var line = new List<byte>();
            var one = new byte[1];
            while (await Stream.ReadAsync(one, stop) == 1)
            {
                if (one[0] == '\n')
                {
                    var text = Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
                    heard.Add(text);
                    return text;
                }
                line.Add(one[0]);
            }
            throw new EndOfStreamException();
        }

        public async Task<List<string>> HearMessage()
        {
            var lines = new List<string>();
            while (await Hear() is var line && line != ".") lines.Add(line);
            return lines;
        }

        public void HangUp()
        {
            try { socket.Shutdown(SocketShutdown.Both); }
            catch (Exception e) when (e is SocketException or ObjectDisposedException) { }
            socket.Dispose();
        }

        public void Reset()
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }

        /// <summary>A polite server whose answer to one verb is replaced.</summary>
        public async Task Serve(Func<string, Task<bool>> special, string capabilities = "250-PIPELINING\r\n")
        {
            if (!await special("GREETING")) await Say("220 peer.example ESMTP\r\n");
            while (true)
            {
                var verb = (await Hear()).Split(' ')[0];
                if (await special(verb)) continue;
                await Say(verb switch
                {
                    "EHLO" => "250-peer.example\r\n" + capabilities + "250 ENHANCEDSTATUSCODES\r\n",
                    "DATA" => "354 go\r\n",
                    "QUIT" => "221 2.0.0 bye\r\n",
                    _ => "250 2.0.0 ok\r\n",
                });
                if (verb == "QUIT") return;
                if (verb != "DATA") continue;
                await HearMessage();
                if (!await special("DOT")) await Say("250 2.0.0 queued as 42\r\n");
            }
        }
    }
}
