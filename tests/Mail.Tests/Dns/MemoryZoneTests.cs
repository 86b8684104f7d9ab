using System.Net;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Tests.Dns;

public sealed class MemoryZoneTests
{
    static async Task<DnsAnswer> Ask(MemoryZone zone, string name, DnsType type) => await zone.Look(name, type, TestContext.Current.CancellationToken);

    static MemoryZone Zone()
    {
        var zone = new MemoryZone();
        zone.Add("Example.COM.", DnsType.Mx, "10 Mail.Example.com.");
        zone.Add("www.example.com", DnsType.Cname, "web.example.com.");
        zone.Add("web.example.com", DnsType.A, "192.0.2.1");
        zone.Add("loop.example.com", DnsType.Cname, "loop.example.com");
        zone.Add("dangling.example.com", DnsType.Cname, "gone.example.com");
        zone.AddTimeout("slow.example.com", null);
        zone.AddTimeout("half.example.com", DnsType.Txt);
        zone.Add("half.example.com", DnsType.A, "192.0.2.1");
        zone.Add("mixed.example.com", DnsType.A, "192.0.2.1");
        zone.AddTimeout("mixed.example.com", null);
        zone.Add("bare.example.com");
        return zone;
    }

    [Theory]
    [InlineData("example.com", DnsType.Mx, DnsStatus.Found)]
    [InlineData("EXAMPLE.com.", DnsType.Mx, DnsStatus.Found)]
    [InlineData("example.com", DnsType.A, DnsStatus.NoRecords)]
    [InlineData("bare.example.com", DnsType.A, DnsStatus.NoRecords)]
    [InlineData("other.example.com", DnsType.A, DnsStatus.NoName)]
    [InlineData("www.example.com", DnsType.A, DnsStatus.Found)]
    [InlineData("www.example.com", DnsType.Txt, DnsStatus.NoRecords)]
    [InlineData("www.example.com", DnsType.Cname, DnsStatus.Found)]
    [InlineData("loop.example.com", DnsType.A, DnsStatus.ServerFailed)]
    [InlineData("dangling.example.com", DnsType.A, DnsStatus.NoName)]
    [InlineData("slow.example.com", DnsType.A, DnsStatus.TimedOut)]
    [InlineData("half.example.com", DnsType.Txt, DnsStatus.TimedOut)]
    [InlineData("half.example.com", DnsType.A, DnsStatus.Found)]
    [InlineData("mixed.example.com", DnsType.A, DnsStatus.Found)]
    [InlineData("mixed.example.com", DnsType.Txt, DnsStatus.TimedOut)]
    [InlineData("", DnsType.A, DnsStatus.NoName)]
    [InlineData("a..b", DnsType.A, DnsStatus.NoName)]
    public async Task Question_ends(string name, DnsType type, DnsStatus status) => Assert.Equal(status, (await Ask(Zone(), name, type)).Status);

    [Fact]
    public async Task Values_are_in_the_form_of_the_resolver() =>
        Assert.Equal(new DnsRecord("example.com", DnsType.Mx, 0, "mail.example.com", 10), Assert.Single((await Ask(Zone(), "example.com", DnsType.Mx)).Records));

    [Theory]
    [InlineData(DnsType.A, "2001:db8::1")]
    [InlineData(DnsType.A, "nonsense")]
    [InlineData(DnsType.Aaaa, "192.0.2.1")]
    [InlineData(DnsType.Mx, "mail.example.com")]
    [InlineData(DnsType.Mx, "")]
    public async Task Value_of_another_type_only_makes_the_name_exist(DnsType type, string value)
    {
        var zone = new MemoryZone();
        Assert.False(zone.Add("x.example", type, value));
        Assert.Equal(DnsStatus.NoRecords, (await Ask(zone, "x.example", type)).Status);
    }

    [Theory]
    [InlineData("192.0.2.1", "1.2.0.192.in-addr.arpa")]                                                              // RFC 1035 3.5
    [InlineData("4321:0:1:2:3:4:567:89ab", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa")]   // RFC 3596 2.5
    public void Address_as_a_name(string address, string name) => Assert.Equal(name, ReverseName.Of(IPAddress.Parse(address)));
}
