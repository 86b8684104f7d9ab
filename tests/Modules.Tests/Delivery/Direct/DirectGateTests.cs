using System.Net;
using System.Net.Sockets;
using System.Text;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Delivery.Direct;

/// <summary>A connection that takes its time: the message waits meanwhile as if it had not passed the gate, and passes it anew.</summary>
public sealed class DirectGateTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_connection_is_made_the_message_waits_and_a_death_leaves_no_doubt()
    {
        await using var world = await DirectWorld.Create(database);
        using var slow = new SlowServer(world);
        await world.Sending.Enqueue("anna@firm.example");
        var dispatching = world.Sending.Dispatch();
        await slow.Connected;
        await Until(async () => (await world.Sending.Only()).State == MessageState.Queued);
        Assert.Equal(0, (await world.Sending.Only()).Attempt);
        slow.Greet();
        await dispatching;
        Assert.Equal((MessageState.Sent, 1), ((await world.Sending.Only()).State, (await world.Sending.Only()).Attempt));
        Assert.Contains("RCPT TO:<anna@firm.example>", slow.Heard);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_suppressed_or_stopped_while_the_connection_is_made_is_never_sent(bool isSuppressed)
    {
        await using var world = await DirectWorld.Create(database);
        using var slow = new SlowServer(world);
        await world.Sending.Enqueue("anna@firm.example");
        var dispatching = world.Sending.Dispatch();
        await slow.Connected;
        if (isSuppressed) await AddSuppression.Handle(world.Sending.Actor, new AddSuppression.Input("anna@firm.example"), database.Db, world.Sending.Clock, Ct);
        else await world.Sending.InTenant(tx => ControlCampaign.Stop(tx, world.Sending.Campaign, world.Sending.Clock.GetUtcNow(), Ct));
        slow.Greet();
        await dispatching;
        await world.Sending.Dispatch();
        Assert.DoesNotContain(slow.Heard, line => line.StartsWith("MAIL", StringComparison.Ordinal));
        var message = await world.Sending.Only();
        Assert.Equal((MessageState.Dropped, isSuppressed ? "suppressed_manual" : "campaign_stopped"), (message.State, message.Reason));
    }

    [Fact]
    public async Task A_stop_of_the_program_does_not_wait_for_a_server_that_does_not_greet()
    {
        await using var world = await DirectWorld.Create(database);
        using var slow = new SlowServer(world);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await world.Sending.Enqueue("anna@firm.example");
        var dispatching = world.Sending.Dispatch(stop: stop.Token);
        await slow.Connected;
        await stop.CancelAsync();
        await dispatching.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, Ct);
        Assert.Equal((MessageState.Queued, 0), ((await world.Sending.Only()).State, (await world.Sending.Only()).Attempt));
        Assert.Equal(0, world.Reach.Pool.Open);
    }

    static async Task Until(Func<Task<bool>> isSo)
    {
        for (var i = 0; i < 200 && !await isSo(); i++) await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, Ct);
        Assert.True(await isSo());
    }

    /// <summary>Takes one connection and says nothing until told to.</summary>
    sealed class SlowServer : IDisposable
    {
        readonly TcpListener _listener;
        readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously), _greet = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly List<string> _heard = [];

        public SlowServer(DirectWorld world)
        {
            _listener = new TcpListener(IPAddress.Parse("127.0.0.2"), world.Port);
            _listener.Start();
            world.Zone.Add("mx.firm.example", DnsType.A, "127.0.0.2");
            world.Takes("firm.example", "mx.firm.example");
            Serving = Serve();
        }

        public Task Connected => _connected.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Ct);

        Task Serving { get; }

        public IReadOnlyList<string> Heard
        {
            get { lock (_heard) return [.. _heard]; }
        }

        public void Greet() => _greet.TrySetResult();

        async Task Serve()
        {
            using var client = await _listener.AcceptTcpClientAsync(Ct);
            _connected.TrySetResult();
            await _greet.Task.WaitAsync(Ct);
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII);
            await stream.WriteAsync("220 slow\r\n"u8.ToArray(), Ct);
            var inData = false;
            while (await reader.ReadLineAsync(Ct) is { } line)
            {
                lock (_heard) _heard.Add(line);
                if (inData && line != ".") continue;
                inData = line == "DATA";
                await stream.WriteAsync(inData ? "354 Go\r\n"u8.ToArray() : "250 Ok\r\n"u8.ToArray(), Ct);
            }
        }

        public void Dispose()
        {
            _greet.TrySetCanceled(CancellationToken.None);
            _listener.Dispose();
            _ = Serving.Exception;
        }
    }
}
