using System.Net;
using System.Security.Cryptography;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Tests.Dns;

public sealed class DnsResolverTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static DnsResolver Resolver(DnsPeer peer) =>
        new(new DnsResolverOptions { Server = peer.EndPoint, Timeout = TimeSpan.FromSeconds(1), AttemptsMax = 2 }, TimeProvider.System, RandomNumberGenerator.Fill);

    static async Task<DnsAnswer> Ask(DnsType type, params (string? Owner, DnsType Type, byte[] Content)[] records)
    {
        await using var peer = new DnsPeer((question, _) => [DnsPeer.Answer(question, 0, false, records)]);
        return await Resolver(peer).Ask("Example.com", type, Ct);
    }

    public static TheoryData<DnsType, byte[], string, int> Records => new()
    {
        { DnsType.A, [192, 0, 2, 1], "192.0.2.1", 0 },
        { DnsType.Aaaa, IPAddress.Parse("2001:db8::1").GetAddressBytes(), "2001:db8::1", 0 },
        { DnsType.Mx, [0, 10, 2, (byte)'M', (byte)'x', 0xc0, 12], "mx.example.com", 10 },
        { DnsType.Mx, [0, 0, 0], "", 0 },                                                             // RFC 7505
        { DnsType.Txt, [2, (byte)'v', (byte)'=', 1, (byte)'1'], "v=1", 0 },                            // RFC 7208 3.3
        { DnsType.Ns, DnsPeer.Name("ns.example.net"), "ns.example.net", 0 },
        { DnsType.Ptr, DnsPeer.Name("host.example.net"), "host.example.net", 0 },
        { DnsType.Cname, DnsPeer.Name("other.example.net"), "other.example.net", 0 },
        { DnsType.Soa, [.. DnsPeer.Name("ns.example.net"), .. DnsPeer.Name("root.example.net"), 0, 0, 1, 0, .. new byte[16]], "ns.example.net root.example.net 256", 0 },
    };

    [Theory]
    [MemberData(nameof(Records))]
    public async Task Record_is_read(DnsType type, byte[] content, string value, int preference)
    {
        var answer = await Ask(type, (null, type, content));
        Assert.Equal(DnsStatus.Found, answer.Status);
        Assert.Equal(new DnsRecord("example.com", type, 60, value, preference), Assert.Single(answer.Records));
    }

    [Theory]
    [InlineData(0, DnsStatus.NoRecords, 1)]
    [InlineData(3, DnsStatus.NoName, 1)]
    [InlineData(2, DnsStatus.ServerFailed, 2)]
    [InlineData(5, DnsStatus.ServerFailed, 2)]
    [InlineData(-1, DnsStatus.TimedOut, 2)]
    public async Task Ways_of_finding_nothing_are_told_apart(int code, DnsStatus status, int asked)
    {
        await using var peer = new DnsPeer((question, _) => code < 0 ? [] : [DnsPeer.Answer(question, code, false)]);
        Assert.Equal(status, (await Resolver(peer).Ask("example.com", DnsType.Mx, Ct)).Status);
        Assert.Equal(asked, peer.Asked);
    }

    [Fact]
    public async Task Alias_chain_is_followed_inside_one_answer_and_by_asking_again()
    {
        var inside = await Ask(DnsType.A, (null, DnsType.Cname, DnsPeer.Name("b.example")), ("b.example", DnsType.Cname, DnsPeer.Name("c.example")), ("c.example", DnsType.A, [1, 2, 3, 4]));
        Assert.Equal((DnsStatus.Found, "c.example"), (inside.Status, inside.CanonicalName));
        await using var peer = new DnsPeer((question, _) => [question[13] == 'e'
            ? DnsPeer.Answer(question, 0, false, (null, DnsType.Cname, DnsPeer.Name("z.example")))
            : DnsPeer.Answer(question, 0, false, (null, DnsType.A, [1, 2, 3, 4]))]);
        var again = await Resolver(peer).Ask("example.com", DnsType.A, Ct);
        Assert.Equal((DnsStatus.Found, "z.example", 2), (again.Status, again.CanonicalName, peer.Asked));
    }

    [Fact]
    public async Task Alias_loops_end()
    {
        Assert.Equal(DnsStatus.ServerFailed, (await Ask(DnsType.A, (null, DnsType.Cname, DnsPeer.Name("example.com")))).Status);
        var count = 0;
        await using var peer = new DnsPeer((question, _) => [DnsPeer.Answer(question, 0, false, (null, DnsType.Cname, DnsPeer.Name($"n{count++}.example")))]);
        Assert.Equal(DnsStatus.ServerFailed, (await Resolver(peer).Ask("example.com", DnsType.A, Ct)).Status);
        Assert.Equal(9, count);
    }

    [Fact]
    public async Task Truncated_answer_is_asked_for_again_over_tcp()
    {
        var many = Enumerable.Range(0, 200).Select(i => ((string?)null, DnsType.Txt, (byte[])[250, .. Enumerable.Repeat((byte)('a' + (i % 26)), 250)])).ToArray();
        await using var peer = new DnsPeer((question, isTcp) => [isTcp ? DnsPeer.Answer(question, 0, false, many) : DnsPeer.Answer(question, 0, true)]);
        Assert.Equal(200, (await Resolver(peer).Ask("example.com", DnsType.Txt, Ct)).Records.Count);
    }

    [Fact]
    public async Task Answers_with_another_id_name_or_type_are_not_believed()
    {
        await using var peer = new DnsPeer((question, _) =>
        {
            var right = DnsPeer.Answer(question, 0, false, (null, DnsType.A, [192, 0, 2, 1]));
            var otherId = right.ToArray();
            otherId[0] ^= 1;
            var otherName = right.ToArray();
            otherName[13] ^= 1;
            var otherType = right.ToArray();
            otherType[26] = 28;
            return [[], [1, 2, 3], otherId, otherName, otherType, question, right];
        });
        Assert.Equal("192.0.2.1", (await Resolver(peer).Ask("example.com", DnsType.A, Ct)).Records.Single().Value);
    }

    [Fact]
    public async Task Old_server_that_knows_no_edns_is_asked_without_it()
    {
        await using var peer = new DnsPeer((question, _) => [question[11] == 1 ? DnsPeer.Answer(question, 1, false) : DnsPeer.Answer(question, 0, false, (null, DnsType.A, [1, 2, 3, 4]))]);
        Assert.Equal(DnsStatus.Found, (await Resolver(peer).Ask("example.com", DnsType.A, Ct)).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void No_octets_make_reading_throw_or_loop(int seed)
    {
        var random = new Random(seed);
        var question = DnsMessage.Question(7, "example.com", DnsType.Mx, false)!;
        var whole = DnsPeer.Answer(question, 0, false, (null, DnsType.Mx, [0, 10, 2, (byte)'m', (byte)'x', 0xc0, 12]), (null, DnsType.Txt, [3, 1, 2, 3]), (null, DnsType.Cname, [0xc0, 40]));
        for (var round = 0; round < 20_000; round++)
        {
            var octets = whole[..random.Next(2, whole.Length + 1)];
            for (var i = random.Next(4); i > 0; i--) octets[random.Next(2, octets.Length == 2 ? 3 : octets.Length) % octets.Length] = (byte)random.Next(256);
            (octets[0], octets[1]) = (0, 7);
            Assert.InRange(DnsMessage.Read(octets, 7, "example.com", DnsType.Mx)?.Answers.Count ?? 0, 0, 256);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("bücher.example")]
    public async Task Name_that_cannot_be_asked_is_a_callers_bug(string name)
    {
        await using var peer = new DnsPeer((_, _) => []);
        await Assert.ThrowsAsync<ArgumentException>(() => Resolver(peer).Ask(name, DnsType.A, Ct).AsTask());
    }
}
