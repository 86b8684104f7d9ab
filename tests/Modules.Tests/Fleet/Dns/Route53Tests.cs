using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Dns.Hosts;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;
using PenguinMails.Secrets;

namespace PenguinMails.Modules.Tests.Fleet.Dns;

/// <summary>Route 53 against a listener that speaks its described contract: pages, signatures, batches that delete only what is named exactly.</summary>
public sealed class Route53Tests
{
    const string Zone = ApiPeer.Zone;
    const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    static readonly XNamespace Space = "https://route53.amazonaws.com/doc/2013-04-01/";
    static CancellationToken Ct => TestContext.Current.CancellationToken;
    static readonly DesiredRecords.Place[] Places = [new(Zone, [DnsType.Txt, DnsType.Mx]), new("*." + Zone, [DnsType.A]), new("track." + Zone, [DnsType.Cname, DnsType.A]), new("n349." + Zone, [DnsType.A])];

    readonly List<XElement> _sets =
    [
        Set(Zone, "TXT", 60, "\"v=spf1 -all\"", "\"cut in \" \"two\""),
        Set(Zone, "MX", 300, "10 mail.acme.test."),
        Set("\\052." + Zone, "A", 60, "192.0.2.1"),
        new(Space + "ResourceRecordSet", new XElement(Space + "Name", $"track.{Zone}."), new XElement(Space + "Type", "A"), new XElement(Space + "AliasTarget", new XElement(Space + "DNSName", "x.cloudfront.test."))),
        .. Enumerable.Range(0, 350).Select(i => Set($"n{i}.{Zone}", "A", 60, $"192.0.2.{i % 250}")),
    ];

    static XElement Set(string name, string type, int ttl, params string[] values) => new(Space + "ResourceRecordSet",
        new XElement(Space + "Name", name + "."), new XElement(Space + "Type", type), new XElement(Space + "TTL", ttl),
        new XElement(Space + "ResourceRecords", values.Select(value => new XElement(Space + "ResourceRecord", new XElement(Space + "Value", value)))));

    static IDnsHost Open(int port, string secret = Secret) => new DnsReach(new DnsSettings(null), Outbound.From("127.0.0.0/8"), new SealedBox(new MasterKey(new byte[32])), new PlatformHosts("mx.penguin.test", "app.penguin.test"))
        .Open("route53", Zone, new DnsHostSettings($"http://127.0.0.1:{port}/", "AKIDEXAMPLE"), secret, TimeProvider.System).Value;

    static DnsRecordSet Wanted(string name, DnsType type, params string[] values) => new(name, type, 300, values);

    [Fact]
    public async Task Sets_are_read_over_all_pages_and_changed_in_one_batch()
    {
        await using var peer = Peer();
        using var host = Open(peer.Port);
        var before = (await host.Read(Places, Ct)).Value;
        Assert.Equal(["192.0.2.99"], before.Find("n349." + Zone, DnsType.A)?.Values);
        Assert.Equal(["192.0.2.1"], before.Find("*." + Zone, DnsType.A)?.Values);
        Assert.Equal(["x.cloudfront.test"], before.Find("track." + Zone, DnsType.A)?.Values); // Not an empty place.
        var text = before.Find(Zone, DnsType.Txt);
        Assert.Equal(["v=spf1 -all", "cut in two"], text?.Values);
        var longer = new string('k', 400);
        Assert.Null((await host.Write([new(text, Wanted(Zone, DnsType.Txt, "v=spf1 ~all", longer)), new(before.Find(Zone, DnsType.Mx), null), new(null, Wanted("bounce." + Zone, DnsType.Mx, "10 mx.penguin.test"))], Ct)).Problem);
        var after = (await host.Read([.. Places, new("bounce." + Zone, [DnsType.Mx])], Ct)).Value;
        Assert.Equal(["v=spf1 ~all", longer], after.Find(Zone, DnsType.Txt)?.Values);
        Assert.Null(after.Find(Zone, DnsType.Mx));
        Assert.Equal(["10 mx.penguin.test"], after.Find("bounce." + Zone, DnsType.Mx)?.Values);
        Assert.Equal("dns.zone_changed", (await host.Write([new(text, null)], Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_wrong_secret_is_told_and_shown_nowhere()
    {
        await using var peer = Peer();
        using var host = Open(peer.Port, "another-secret");
        var problem = (await host.Probe(Ct)).Problem;
        Assert.Equal("dns.credential_refused", problem?.Code);
        Assert.DoesNotContain("another-secret", problem?.Detail);
        Assert.All(peer.Asked, asked => Assert.DoesNotContain("another-secret", asked));
    }

    [Theory]
    [InlineData(400, "<ErrorResponse><Error><Code>InvalidChangeBatch</Code></Error></ErrorResponse>", "dns.zone_changed")]
    [InlineData(400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", "dns.host_busy")]
    [InlineData(400, "<ErrorResponse><Error><Code>PriorRequestNotComplete</Code></Error></ErrorResponse>", "dns.host_busy")]
    [InlineData(400, "<ErrorResponse><Error><Code>InvalidInput</Code></Error></ErrorResponse>", "dns.host_refused")]
    [InlineData(403, "", "dns.credential_refused")]
    [InlineData(429, "", "dns.host_busy")]
    [InlineData(500, "", "dns.host_failed")]
    [InlineData(200, "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "dns.host_unclear")]
    [InlineData(200, "{}", "dns.host_unclear")]
    [InlineData(200, "<a/>", "dns.zone_missing")]
    public async Task Every_refusal_has_its_code(int status, string body, string code)
    {
        await using var peer = new ApiPeer((_, _) => (status, body));
        using var host = Open(peer.Port);
        Assert.Equal(code, (await host.Probe(Ct)).Problem?.Code);
    }

    ApiPeer Peer() => new((request, body) =>
    {
        if (!IsSigned(request, body)) return (403, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>");
        var path = request.Url!.AbsolutePath;
        if (path.EndsWith("/hostedzonesbyname", StringComparison.Ordinal))
            return (200, new XElement(Space + "ListHostedZonesByNameResponse", new XElement(Space + "HostedZones", new XElement(Space + "HostedZone", new XElement(Space + "Id", "/hostedzone/Z1"), new XElement(Space + "Name", Zone + ".")))).ToString());
        if (request.HttpMethod == "POST") return Batch(XElement.Parse(body));
        var from = request.QueryString["name"] is { } name ? _sets.FindIndex(set => set.Element(Space + "Name")!.Value == name && set.Element(Space + "Type")!.Value == request.QueryString["type"]) : 0;
        var next = _sets.ElementAtOrDefault(from + 300);
        return (200, new XElement(Space + "ListResourceRecordSetsResponse", new XElement(Space + "ResourceRecordSets", _sets.Skip(from).Take(300)), new XElement(Space + "IsTruncated", next is not null),
            next is null ? null : new XElement(Space + "NextRecordName", next.Element(Space + "Name")!.Value), next is null ? null : new XElement(Space + "NextRecordType", next.Element(Space + "Type")!.Value)).ToString());
    });

    (int, string) Batch(XElement request)
    {
        foreach (var change in request.Descendants(Space + "Change"))
        {
            var set = change.Element(Space + "ResourceRecordSet")!;
            if (change.Element(Space + "Action")!.Value == "CREATE") _sets.Add(set);
            else if (_sets.RemoveAll(one => XNode.DeepEquals(one, set)) != 1) return (400, "<ErrorResponse><Error><Code>InvalidChangeBatch</Code></Error></ErrorResponse>");
        }

        return (200, "<ChangeResourceRecordSetsResponse/>");
    }

    /// <summary>Signature version 4 as its description computes it, from what arrived.</summary>
    static bool IsSigned(System.Net.HttpListenerRequest request, string body)
    {
        static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
        static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var time = request.Headers["x-amz-date"]!;
        var (path, query) = request.RawUrl!.Split('?') is [var bare, var rest] ? (bare, rest) : (request.RawUrl, "");
        var sorted = string.Join('&', query.Split('&').Order(StringComparer.Ordinal));
        var canonical = string.Create(CultureInfo.InvariantCulture, $"{request.HttpMethod}\n{path}\n{sorted}\nhost:{request.Headers["Host"]}\nx-amz-date:{time}\n\nhost;x-amz-date\n{Hash(body)}");
        var day = time[..8];
        var key = Mac(Mac(Mac(Mac(Encoding.UTF8.GetBytes("AWS4" + Secret), day), "us-east-1"), "route53"), "aws4_request");
        var signature = Convert.ToHexStringLower(Mac(key, $"AWS4-HMAC-SHA256\n{time}\n{day}/us-east-1/route53/aws4_request\n{Hash(canonical)}"));
        return request.Headers["Authorization"] == $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{day}/us-east-1/route53/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}";
    }
}
