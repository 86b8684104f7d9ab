using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Dns.Hosts;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;
using PenguinMails.Secrets;

namespace PenguinMails.Modules.Tests.Fleet.Dns;

/// <summary>Cloudflare, Hetzner and DigitalOcean against listeners that speak their described contracts, pages and refusals included.</summary>
public sealed class HostApiTests
{
    const string Token = ApiPeer.Token;
    const string Zone = ApiPeer.Zone;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static readonly DesiredRecords.Place[] Places = [new(Zone, [DnsType.Txt, DnsType.Mx]), new("track." + Zone, [DnsType.Cname]), new("n149." + Zone, [DnsType.A])];

    static IDnsHost Open(string kind, int port, TimeSpan? timeout = null)
    {
        var reach = new DnsReach(new DnsSettings(null), Outbound.From("127.0.0.0/8"), new SealedBox(new MasterKey(new byte[32])), new PlatformHosts("mx.penguin.test", "app.penguin.test")) { HostTimeout = timeout ?? TimeSpan.FromSeconds(10) };
        return reach.Open(kind, Zone, new DnsHostSettings($"http://127.0.0.1:{port}/"), Token, TimeProvider.System).Value;
    }

    static DnsRecordSet Set(string name, DnsType type, int ttl, params string[] values) => new(name, type, ttl, values);

    [Theory]
    [InlineData("cloudflare")]
    [InlineData("hetzner")]
    [InlineData("digitalocean")]
    public async Task Sets_are_read_over_all_pages_created_changed_and_removed(string kind)
    {
        await using var peer = kind switch { "cloudflare" => ApiPeer.Cloudflare(), "hetzner" => ApiPeer.Hetzner(), _ => new OceanZone().Peer() };
        using var host = Open(kind, peer.Port);
        Assert.Null((await host.Probe(Ct)).Problem);
        var before = (await host.Read(Places, Ct)).Value;
        Assert.Equal(["192.0.2.149"], before.Find("n149." + Zone, DnsType.A)?.Values);
        var text = before.Find(Zone, DnsType.Txt);
        Assert.Equal(["v=spf1 -all", "with \"quotes\""], text?.Values.Order(StringComparer.Ordinal));
        var mx = before.Find(Zone, DnsType.Mx);
        Assert.Equal(["10 mail.acme.test"], mx?.Values);
        var longer = new string('k', 400);
        DnsChange[] changes = [new(text, Set(Zone, DnsType.Txt, 300, "v=spf1 ~all", "with \"quotes\"", longer)), new(mx, null), new(null, Set("track." + Zone, DnsType.Cname, 300, "app.penguin.test"))];
        Assert.Null((await host.Write(changes, Ct)).Problem);
        var after = (await host.Read(Places, Ct)).Value;
        Assert.Equal([longer, "v=spf1 ~all", "with \"quotes\""], after.Find(Zone, DnsType.Txt)?.Values.Order(StringComparer.Ordinal));
        Assert.Null(after.Find(Zone, DnsType.Mx));
        Assert.Equal(["app.penguin.test"], after.Find("track." + Zone, DnsType.Cname)?.Values);
        Assert.All(peer.Asked, asked => Assert.DoesNotContain(Token, asked));
    }

    [Fact]
    public async Task A_record_changed_at_the_last_moment_stops_the_batch()
    {
        await using var peer = ApiPeer.Cloudflare();
        using var host = Open("cloudflare", peer.Port);
        var refused = await host.Write([new(Set(Zone, DnsType.Mx, 300, "10 other.test"), null)], Ct);
        Assert.Equal("dns.zone_changed", refused.Problem?.Code);
        Assert.DoesNotContain(peer.Asked, asked => asked.Contains("batch", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(401, "{}", "dns.credential_refused")]
    [InlineData(403, "{}", "dns.credential_refused")]
    [InlineData(404, "Not Found", "dns.zone_missing")]
    [InlineData(422, "{\"error\":\"bad token-of-the-tests\"}", "dns.host_refused")]
    [InlineData(302, "", "dns.host_refused")]
    [InlineData(429, "{}", "dns.host_busy")]
    [InlineData(500, "<html>", "dns.host_failed")]
    [InlineData(503, "", "dns.host_failed")]
    [InlineData(200, "<html>not json", "dns.host_unclear")]
    [InlineData(200, "[]", "dns.host_unclear")]
    [InlineData(200, "{\"result\":{},\"rrsets\":7}", "dns.host_unclear")]
    [InlineData(200, "", "dns.host_unclear")]
    public async Task Every_refusal_has_its_code_and_never_holds_the_token(int status, string body, string code)
    {
        foreach (var kind in new[] { "cloudflare", "hetzner", "powerdns", "digitalocean" })
        {
            await using var peer = new ApiPeer((_, _) => (status, body));
            using var host = Open(kind, peer.Port);
            var problem = (await host.Read(Places, Ct)).Problem;
            Assert.Equal(code, problem?.Code);
            Assert.Equal(status == 429 ? 17 : null, problem?.RetryAfterSeconds);
            Assert.DoesNotContain(Token, problem?.Detail);
        }
    }

    [Theory]
    [InlineData("", 120, 120)]
    [InlineData("5", 120, 5)]
    [InlineData("", -30, 1)]
    [InlineData("", 90000, 3600)]
    public async Task A_host_that_names_the_moment_of_its_next_window_is_waited_for_by_its_own_clock(string retryAfter, int seconds, int wait)
    {
        await using var peer = new ApiPeer((_, _) => (429, "{\"id\":\"too_many_requests\"}")) { RetryAfter = retryAfter, ResetAfterSeconds = seconds };
        using var host = Open("digitalocean", peer.Port);
        Assert.Equal(wait, (await host.Probe(Ct)).Problem?.RetryAfterSeconds);
    }

    [Fact]
    public async Task A_host_that_never_answers_is_given_up()
    {
        await using var peer = new ApiPeer((_, _) => (0, ""));
        using var host = Open("hetzner", peer.Port, TimeSpan.FromMilliseconds(200));
        Assert.Equal("dns.host_silent", (await host.Read(Places, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_zone_the_token_may_not_see_is_named()
    {
        await using var peer = new ApiPeer((_, _) => (200, "{\"success\":true,\"result\":[]}"));
        using var host = Open("cloudflare", peer.Port);
        Assert.Contains(Zone, (await host.Probe(Ct)).Problem?.Detail);
    }
}
