using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Tests.Auth;

public sealed class SpfBudgetTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static MemoryZone Zone()
    {
        var zone = new MemoryZone();
        void Text(string name, string value) => zone.Add(name, DnsType.Txt, value);
        Text("one.test", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all");
        Text("two.test", "v=spf1 include:one.test a:host.test ~all");
        Text("open.test", "v=spf1 +all");
        Text("minus.test", "v=spf1 -ip4:192.0.2.9 ip4:192.0.2.0/24 -all");
        Text("macro.test", "v=spf1 include:%{d}.x.test -all");
        Text("moved.test", "v=spf1 ip4:198.51.100.1 redirect=one.test");
        Text("loop.test", "v=spf1 include:loop.test -all");
        Text("twice.test", "v=spf1 -all");
        Text("twice.test", "v=spf1 ~all");
        Text("wide.test", "v=spf1 " + string.Join(' ', Enumerable.Range(0, 9).Select(_ => "include:wide.test")) + " " + string.Join(' ', Enumerable.Range(0, 3000).Select(i => $"ip4:10.0.{i / 256}.{i % 256}")));
        zone.Add("host.test", DnsType.A, "203.0.113.5");
        zone.Add("mail.test", DnsType.Mx, "10 host.test");
        zone.AddTimeout("slow.test", DnsType.Txt);
        return zone;
    }

    [Theory]
    [InlineData("v=spf1 ip4:192.0.2.1 -all", 0, "ip4:192.0.2.1")]
    [InlineData("v=spf1 include:one.test -all", 1, "ip4:192.0.2.0/24 ip6:2001:db8::/32")]
    [InlineData("v=spf1 include:two.test -all", 3, "ip4:192.0.2.0/24 ip6:2001:db8::/32 ip4:203.0.113.5")]
    [InlineData("v=spf1 a:host.test/24 mx:mail.test -all", 2, "ip4:203.0.113.5/24 ip4:203.0.113.5")]
    [InlineData("v=spf1 include:moved.test -all", 2, "ip4:198.51.100.1 ip4:192.0.2.0/24 ip6:2001:db8::/32")]
    [InlineData("v=spf1 include:open.test -all", 1, null)]
    [InlineData("v=spf1 include:minus.test -all", 1, null)]
    [InlineData("v=spf1 include:macro.test -all", 2, null)]
    [InlineData("v=spf1 exists:%{i}.list.test -all", 1, null)]
    [InlineData("v=spf1 ptr -all", 1, null)]
    [InlineData("v=spf1 ?include:one.test -all", 1, null)]
    [InlineData("v=spf1 redirect=two.test", 3, null)]
    public async Task Look_ups_are_counted_at_worst_and_plain_addresses_are_told(string record, int lookups, string? networks)
    {
        var cost = await SpfBudget.Count("acme.test", record, Zone(), Ct);
        Assert.Equal((lookups, (string?)null, false), (cost.Lookups, cost.Fault, cost.IsUnsure));
        var plain = cost.Terms.Where(term => !term.Text.EndsWith("all", StringComparison.Ordinal)).ToList();
        Assert.Equal(networks, plain.Any(term => term.Networks is null) ? null : string.Join(' ', plain.SelectMany(term => term.Networks!)));
    }

    [Theory]
    [InlineData("v=spf1 include:loop.test -all", "loop.test includes itself")]
    [InlineData("v=spf1 include:gone.test -all", "gone.test has no SPF record")]
    [InlineData("v=spf1 include:twice.test -all", "twice.test has 2 SPF records")]
    [InlineData("v=spf1 include:wide.test -all", "wide.test includes itself")]
    [InlineData("v=spf2", "does not begin")]
    [InlineData("v=spf1 ip4:1.2.3 -all", "not in the grammar")]
    public async Task What_cannot_work_is_said(string record, string fault) => Assert.Contains(fault, (await SpfBudget.Count("acme.test", record, Zone(), Ct)).Fault);

    [Fact]
    public async Task Silence_makes_the_count_a_lower_bound()
    {
        var cost = await SpfBudget.Count("acme.test", "v=spf1 include:slow.test include:one.test -all", Zone(), Ct);
        Assert.Equal((2, true), (cost.Lookups, cost.IsUnsure));
    }
}
