using System.Net;
using System.Security.Cryptography;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Tests.Dns;

/// <summary>Several servers, what is remembered and for how long, and the types beyond plain mail.</summary>
public sealed class DnsServersTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A clock that moves when told; timers run on the real one.</summary>
    sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.FromUnixTimeSeconds(1_795_230_000);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    static DnsResolver Resolver(DnsPeer peer, TimeProvider clock, params IPEndPoint[] others) =>
        new(new DnsResolverOptions { Server = peer.EndPoint, Others = others, Timeout = TimeSpan.FromMilliseconds(300), AttemptsMax = 3 }, clock, RandomNumberGenerator.Fill);

    static readonly byte[] Soa = [.. DnsPeer.Name("ns.example.com"), .. DnsPeer.Name("root.example.com"), 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 30];

    /// <summary>No answer records, the SOA in the authority section: 60 s to live itself, 30 s by its last field.</summary>
    static byte[] Absence(byte[] question, int code)
    {
        var answer = DnsPeer.Answer(question, code, false, (null, DnsType.Soa, Soa));
        (answer[7], answer[9]) = (0, 1);
        return answer;
    }

    public static TheoryData<DnsType, byte[], string, int> Records => new()
    {
        { DnsType.Srv, [0, 5, 0, 10, 0, 25, .. DnsPeer.Name("Mx.example.net")], "10 25 mx.example.net", 5 },           // RFC 2782
        { DnsType.Caa, [128, 5, .. "issueca.example"u8], "128 issue ca.example", 0 },                                    // RFC 8659 4.1
        { DnsType.Tlsa, [3, 1, 1, 0xab, 0xcd], "3 1 1 abcd", 0 },                                                        // RFC 6698 2.1
    };

    [Theory]
    [MemberData(nameof(Records))]
    public async Task Record_is_read(DnsType type, byte[] content, string value, int preference)
    {
        await using var peer = new DnsPeer((question, _) =>
        {
            var end = 12;
            while (question[end] != 0) end += question[end] + 1;
            byte[] answer = [.. question[..(end + 5)], 0xc0, 12, (byte)((int)type >> 8), (byte)type, 0, 1, 0, 0, 0, 60, 0, (byte)content.Length, .. content];
            (answer[2], answer[3], answer[7], answer[11]) = (0x81, 0x80, 1, 0);
            return [answer];
        });
        Assert.Equal(new DnsRecord("example.com", type, 60, value, preference), Assert.Single((await Resolver(peer, TimeProvider.System).Ask("example.com", type, Ct)).Records));
    }

    [Theory]
    [InlineData(59, 1)]
    [InlineData(60, 2)]
    public async Task Answer_is_kept_for_its_time_to_live(int seconds, int asked)
    {
        var clock = new Clock();
        await using var peer = new DnsPeer((question, _) => [DnsPeer.Answer(question, 0, false, (null, DnsType.A, [192, 0, 2, 1]))]);
        var resolver = Resolver(peer, clock);
        await resolver.Ask("Example.com", DnsType.A, Ct);
        clock.Now += TimeSpan.FromSeconds(seconds);
        Assert.Equal("192.0.2.1", (await resolver.Ask("example.com.", DnsType.A, Ct)).Records.Single().Value);
        Assert.Equal(asked, peer.Asked);
    }

    [Theory] // RFC 2308 5: the lesser of the SOA's own time to live and its last field.
    [InlineData(3, 29, 1)]
    [InlineData(3, 30, 2)]
    [InlineData(0, 29, 1)]
    [InlineData(0, 30, 2)]
    public async Task Absence_is_kept_as_long_as_the_zone_says(int code, int seconds, int asked)
    {
        var clock = new Clock();
        await using var peer = new DnsPeer((question, _) => [Absence(question, code)]);
        var resolver = Resolver(peer, clock);
        var status = (await resolver.Ask("example.com", DnsType.Mx, Ct)).Status;
        clock.Now += TimeSpan.FromSeconds(seconds);
        Assert.Equal((status, code == 3 ? DnsStatus.NoName : DnsStatus.NoRecords), ((await resolver.Ask("example.com", DnsType.Mx, Ct)).Status, status));
        Assert.Equal(asked, peer.Asked);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public async Task Absence_without_a_soa_is_not_kept(int code)
    {
        await using var peer = new DnsPeer((question, _) => [DnsPeer.Answer(question, code, false)]);
        var resolver = Resolver(peer, TimeProvider.System);
        for (var i = 0; i < 2; i++) await resolver.Ask("example.com", DnsType.Mx, Ct);
        Assert.Equal(2, peer.Asked);
    }

    [Fact]
    public async Task Oldest_answer_makes_room()
    {
        await using var peer = new DnsPeer((question, _) => [DnsPeer.Answer(question, 0, false, (null, DnsType.A, [192, 0, 2, 1]))]);
        var resolver = new DnsResolver(new DnsResolverOptions { Server = peer.EndPoint, CacheEntriesMax = 2 }, TimeProvider.System, RandomNumberGenerator.Fill);
        foreach (var name in (string[])["a.example", "b.example", "a.example", "c.example", "b.example", "a.example"]) await resolver.Ask(name, DnsType.A, Ct);
        Assert.Equal(4, peer.Asked);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(-1)]
    public async Task Next_server_is_asked_when_one_fails_or_is_silent(int code)
    {
        await using var bad = new DnsPeer((question, _) => code < 0 ? [] : [DnsPeer.Answer(question, code, false)]);
        await using var good = new DnsPeer((question, _) => [DnsPeer.Answer(question, 0, false, (null, DnsType.A, [192, 0, 2, 1]))]);
        Assert.Equal(DnsStatus.Found, (await Resolver(bad, TimeProvider.System, good.EndPoint).Ask("example.com", DnsType.A, Ct)).Status);
        Assert.Equal((1, 1), (bad.Asked, good.Asked));
    }

    [Fact]
    public async Task Servers_of_one_call_are_asked_and_leave_no_trace()
    {
        await using var usual = new DnsPeer((question, _) => [DnsPeer.Answer(question, 0, false, (null, DnsType.A, [192, 0, 2, 1]))]);
        await using var other = new DnsPeer((question, _) => [DnsPeer.Answer(question, 0, false, (null, DnsType.A, [192, 0, 2, 2]))]);
        var resolver = Resolver(usual, TimeProvider.System);
        Assert.Equal("192.0.2.2", (await resolver.Ask("example.com", DnsType.A, [other.EndPoint], Ct)).Records.Single().Value);
        Assert.Equal("192.0.2.1", (await resolver.Ask("example.com", DnsType.A, Ct)).Records.Single().Value);
        await Assert.ThrowsAsync<ArgumentException>(() => resolver.Ask("example.com", DnsType.A, [], Ct).AsTask());
    }

    [Fact]
    public async Task Whole_question_ends_in_its_total_time()
    {
        await using var peer = new DnsPeer((_, _) => []);
        var resolver = new DnsResolver(new DnsResolverOptions { Server = peer.EndPoint, Timeout = TimeSpan.FromSeconds(30), TotalTimeout = TimeSpan.FromMilliseconds(300), AttemptsMax = 50 }, TimeProvider.System, RandomNumberGenerator.Fill);
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.Equal(DnsStatus.TimedOut, (await resolver.Ask("example.com", DnsType.A, Ct)).Status);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 10);
    }

    [Fact]
    public async Task Alias_to_what_is_no_name_is_the_servers_fault()
    {
        await using var peer = new DnsPeer((question, _) => [DnsPeer.Answer(question, 0, false, (null, DnsType.Cname, [0]))]);
        Assert.Equal(DnsStatus.ServerFailed, (await Resolver(peer, TimeProvider.System).Ask("example.com", DnsType.A, Ct)).Status);
    }

    [Fact]
    public async Task Evaluator_may_look_for_any_name_at_all()
    {
        await using var peer = new DnsPeer((_, _) => []);
        Assert.Equal(DnsStatus.NoName, (await Resolver(peer, TimeProvider.System).Look("a..b", DnsType.A, Ct)).Status);
        Assert.Equal(0, peer.Asked);
    }
}
