using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Delivery;
using PenguinMails.Delivery.Direct;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery.Direct;

/// <summary>Processes that send to one provider at the same time: together they keep to what it takes.</summary>
public sealed class SharedLimitTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Two_processes_open_no_more_connections_together_than_one_may_and_both_get_their_turn(int most)
    {
        await using var provider = new CountingProvider();
        var (one, other) = (Process(provider), Process(provider));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() => Send(n % 2 == 0 ? one : other, messages: 6, most), Ct)));
        Assert.Equal((48, 0), (provider.Messages, provider.Open));
        Assert.InRange(provider.Most, Math.Min(2, most), most); // How near to it is a matter of time; one of three would be no sharing.
        Assert.Equal((0, 0), (one.Pool.Open, other.Pool.Open));
    }

    [Fact]
    public async Task Connections_of_a_process_that_was_killed_count_for_a_minute_and_those_of_one_that_lives_for_as_long_as_they_stand()
    {
        await using var provider = new CountingProvider();
        var clock = new TestClock();
        var (killed, alive, third) = (Process(provider, clock), Process(provider, clock), Process(provider, clock));
        var died = await Link(killed, 2);
        var lives = await Link(alive, 2);
        await died.Connection.DisposeAsync(); // Its sockets end with it; nobody tells the others.
        Assert.Null(await Place(third, 2));
        for (var second = 0; second < 60; second += 20)
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            await alive.Pool.Tend();
        }

        Assert.NotNull(await Place(third, 2));
        Assert.Null(await Place(third, 2)); // The other one still stands.
        await alive.Pool.Discard(lives);
        Assert.NotNull(await Place(third, 2));
    }

    [Fact]
    public async Task Who_waits_longest_gets_the_next_place_not_who_left_it()
    {
        await using var provider = new CountingProvider();
        var (busy, waits) = (Process(provider), Process(provider));
        var first = await Link(busy, 1);
        var waiting = Place(waits, 1);
        while (await Waiting(first.Key) == 0) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        await busy.Pool.Discard(first);
        var again = Place(busy, 1);
        var got = await waiting;
        Assert.NotNull(got);
        Assert.False(again.IsCompleted);
        await waits.Pool.Release(got.Id);
        Assert.NotNull(await again);
    }

    async Task<long> Waiting(LinkKey key)
    {
        await using var tx = await database.Db.BeginUnscoped(Ct);
        return await tx.One("select count(*) from delivery.connection where ehlo_name = $1 and not is_open", row => row.GetInt64(0), Ct, key.EhloName);
    }

    static readonly DirectRoute Route = new(null, "");

    static Task<Destination> To(DirectReach process) => process.Destinations.Find(DomainName.Parse("firm.example"), Ct);

    static async Task<DirectPool.Place?> Place(DirectReach process, int most) =>
        await process.Pool.Reserve(process.KeyOf(Route, await To(process)), await To(process), new HashSet<string>(), most, Ct);

    static async Task<DirectLink> Link(DirectReach process, int most)
    {
        DirectPool.Place? place;
        while ((place = await Place(process, most)) is null) Ct.ThrowIfCancellationRequested();
        return place.Link ?? (await process.Open(place.Id, Route, await To(process), new HashSet<string>(), Ct)).Link ?? throw new InvalidOperationException("The provider did not let us in.");
    }

    static async Task Send(DirectReach process, int messages, int most)
    {
        var envelope = new SmtpEnvelope(EmailAddress.Parse("sam@acme.example"), EmailAddress.Parse("anna@firm.example"));
        for (var n = 1; n <= messages; n++)
        {
            var link = await Link(process, most);
            Assert.Equal(SmtpKind.Accepted, (await link.Connection.Send(envelope, "Subject: x\r\n\r\nHello\r\n"u8.ToArray(), null, Ct)).Kind);
            await (n % 2 == 0 ? process.Pool.Discard(link) : process.Pool.Give(link));
        }

        await process.Pool.Close();
    }

    DirectReach Process(CountingProvider provider, TimeProvider? clock = null)
    {
        var zone = new MemoryZone();
        zone.Add("firm.example", DnsType.Mx, "10 mx.firm.example");
        zone.Add("mx.firm.example", DnsType.A, "127.0.0.1");
        var options = database.Services.GetRequiredService<DeliveryOptions>() with { ExchangePort = provider.Port, EhloName = $"{provider.Name}.penguin.test" };
        return new DirectReach(zone, (_, _) => ValueTask.FromResult<string?>(null), Outbound.From("127.0.0.0/8", (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback])), database.Db, options, clock ?? TimeProvider.System);
    }
}

/// <summary>A mail exchanger that counts its connections.</summary>
sealed class CountingProvider : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly Lock _lock = new();
    readonly Task _serving;

    public CountingProvider()
    {
        _listener.Start();
        _serving = Serve();
    }

    public string Name { get; } = $"out-{Guid.CreateVersion7():N}";
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
    public int Open { get; private set; }
    /// <summary>At once.</summary>
    public int Most { get; private set; }
    public int Messages { get; private set; }

    async Task Serve()
    {
        List<Task> visits = [];
        try
        {
            while (true) visits.Add(Visit(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(visits);
        }
    }

    async Task Visit(TcpClient client)
    {
        using var _ = client;
        using var reader = new StreamReader(client.GetStream());
        await using var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true };
        Count(1);
        try
        {
            await writer.WriteLineAsync("220 mx.firm.example");
            var isData = false;
            while (await reader.ReadLineAsync(_stop.Token) is { } line and not "QUIT")
            {
                if (isData && line != ".") continue;
                if (isData) lock (_lock) Messages++;
                isData = line == "DATA";
                await writer.WriteLineAsync(isData ? "354 Go on" : "250 Ok");
            }
        }
        catch (Exception left) when (left is IOException or OperationCanceledException)
        {
            // The client is gone, or the test ends.
        }

        Count(-1); // Before the farewell, which lets the client open the next.
        try
        {
            await writer.WriteLineAsync("221 Bye");
        }
        catch (IOException)
        {
            // It did not wait for it.
        }
    }

    void Count(int by)
    {
        lock (_lock) (Open, Most) = (Open + by, Math.Max(Most, Open + by));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }
}
