using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet;

public sealed class DomainRecordTests(TestDatabase database)
{
    public static TheoryData<string, string, string[], string, string> Findings => new()
    {
        { "spf", "TXT", ["v=spf1 include:_spf.provider.test include:mx.penguin.test -all"], "ok", "" },
        { "spf", "TXT", ["V=SPF1 +include:mx.penguin.test ~all", "google-site-verification=x"], "ok", "" },
        { "spf", "TXT", ["v=spf1 include:_spf.provider.test -all"], "wrong", "v=spf1 include:_spf.provider.test include:mx.penguin.test -all" },
        { "spf", "TXT", ["v=spf1 include:mx.penguin.test.evil.test ~all"], "wrong", "include:mx.penguin.test" },
        { "spf", "TXT", ["v=spf1 include:mx.penguin.test +all"], "wrong", "anyone" },
        { "spf", "TXT", ["v=spf1 include:mx.penguin.test ~all", "v=spf1 -all"], "wrong", "2 SPF records" },
        { "spf", "TXT", ["v=spf10 include:mx.penguin.test ~all"], "missing", "Publish" },
        { "dmarc", "TXT", ["v=DMARC1; p=reject"], "ok", "" },
        { "dmarc", "TXT", ["v=DMARC1;p=Quarantine; pct=50"], "ok", "" },
        { "dmarc", "TXT", ["v=DMARC1; rua=mailto:x@x.test"], "wrong", "needs a policy" },
        { "dmarc", "TXT", ["v=DMARC1; p=maybe"], "wrong", "needs a policy" },
        { "dmarc", "TXT", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "wrong", "2 DMARC records" },
        { "dkim", "TXT", ["v=DKIM1; p="], "wrong", "revoked" },
        { "dkim", "TXT", ["v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"], "wrong", "Another key" },
        { "dkim", "TXT", ["something else"], "wrong", "no DKIM key" },
        { "mx", "MX", ["0 ."], "wrong", "null MX" },
        { "mx", "MX", ["10 a.provider.test", "20 b.provider.test"], "ok", "" },
        { "return_path", "MX", ["10 elsewhere.test"], "wrong", "elsewhere.test" },
        { "return_path", "MX", ["5 MX.penguin.test"], "ok", "" },
        { "return_path", "MX", ["10 mx.penguin.test", "20 elsewhere.test"], "wrong", "Some bounces" },
        { "tracking", "CNAME", ["elsewhere.test"], "wrong", "elsewhere.test" },
    };

    [Theory]
    [MemberData(nameof(Findings))]
    public async Task What_is_published_is_judged_and_explained(string kind, string type, string[] values, string state, string words)
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        world.PublishAll(domain);
        world.Publish(domain.Records.Single(record => record.Kind == kind).Host, Enum.Parse<DnsType>(type, true), values);
        var after = await world.Check(domain.Domain.Id);
        var record = after.Records.Single(found => found.Kind == kind);
        Assert.Equal(state, record.State);
        Assert.Contains(words, record.Detail);
        Assert.Equal(state == "ok" || !record.IsRequired ? DomainState.Verified : DomainState.Pending, after.Domain.State);
    }

    [Fact]
    public async Task A_key_with_white_space_in_it_is_the_same_key()
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        world.PublishAll(domain);
        var dkim = domain.Records.Single(record => record.Kind == "dkim");
        world.Publish(dkim.Host, DnsType.Txt, dkim.Expected.Insert(150, " ").Insert(90, "\t"));
        Assert.Equal("ok", (await world.Check(domain.Domain.Id)).Records.Single(record => record.Kind == "dkim").State);
    }

    [Fact]
    public async Task The_reverse_name_is_asked_of_the_hosts_own_address()
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        DomainRecord Pointer(DomainDetail detail) => detail.Records.Single(record => record.Kind == "ptr");
        Assert.Equal("unknown", Pointer(await world.Check(domain.Domain.Id)).State);
        world.Publish("mx.penguin.test", DnsType.A, "192.0.2.25");
        Assert.Equal("missing", Pointer(await world.Check(domain.Domain.Id)).State);
        world.Publish("25.2.0.192.in-addr.arpa", DnsType.Ptr, "host25.provider.test");
        Assert.Contains("host25.provider.test", Pointer(await world.Check(domain.Domain.Id)).Detail);
        world.Publish("25.2.0.192.in-addr.arpa", DnsType.Ptr, "mx.penguin.test");
        Assert.Equal("ok", Pointer(await world.Check(domain.Domain.Id)).State);
    }
}
