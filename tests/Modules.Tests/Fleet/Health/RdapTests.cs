using Microsoft.Extensions.Configuration;
using PenguinMails.Core;
using PenguinMails.Fleet.Health;

namespace PenguinMails.Modules.Tests.Fleet.Health;

/// <summary>When domains expire, as a registry on loopback says.</summary>
public sealed class RdapTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(45, HealthSeverity.Good, "another 45 days")]
    [InlineData(44, HealthSeverity.Watch, "ends in 44 days")]
    [InlineData(14, HealthSeverity.Watch, "14 days")]
    [InlineData(13, HealthSeverity.Act, "ends in 13 days")]
    [InlineData(-1, HealthSeverity.Act, "has expired")]
    public async Task Days_that_are_left_decide(int days, HealthSeverity severity, string words)
    {
        await using var world = await HealthWorld.Create(database);
        world.Registration = world.Until(world.Fleet.Clock.GetUtcNow().AddDays(days).AddHours(1));
        var finding = (await world.Check()).Findings.Single(finding => finding.Code == "registration.expiry");
        Assert.Equal(severity, finding.Severity);
        Assert.Contains(words, finding.What);
    }

    [Fact]
    public async Task The_registry_is_asked_once_a_day_however_often_one_looks()
    {
        await using var world = await HealthWorld.Create(database);
        await world.Check();
        world.Fleet.Clock.Advance(TimeSpan.FromHours(23));
        await world.Check();
        Assert.Equal(["GET /dns.json ", $"GET /domain/{world.Name} "], world.Registry.Asked);
        world.Fleet.Clock.Advance(TimeSpan.FromHours(2));
        await world.Check();
        Assert.Equal(4, world.Registry.Asked.Count);
    }

    [Fact]
    public async Task Below_a_registered_name_the_registered_name_counts()
    {
        await using var world = await HealthWorld.Create(database);
        var found = await world.Rdap.Ask($"news.eu.{world.Name}", Ct);
        Assert.Equal((world.Name, "127.0.0.1", ""), (found.Name, found.Source, found.Problem));
        Assert.NotNull(found.Until);
    }

    [Theory]
    [InlineData(404, "{}", "does not know")]
    [InlineData(500, "{}", "refused with 500")]
    [InlineData(200, "<html>", "no RDAP")]
    [InlineData(200, "[]", "does not say when")]
    [InlineData(200, """{"events":[{"eventAction":"expiration","eventDate":"soon"},{"eventAction":7}]}""", "does not say when")]
    [InlineData(302, "", "no RDAP|cannot be reached")] // To a port where nobody listens.
    [InlineData(0, "", "in time")]
    public async Task Whatever_a_registry_says_is_told(int status, string body, string words)
    {
        await using var world = await HealthWorld.Create(database);
        world.Registration = _ => (status, body);
        var found = await world.Rdap.Ask(world.Name, Ct);
        Assert.Null(found.Until);
        Assert.Contains(words.Split('|'), found.Problem.Contains);
    }

    [Fact]
    public async Task A_top_level_domain_without_rdap_cannot_be_told()
    {
        await using var world = await HealthWorld.Create(database);
        Assert.Contains("offers no RDAP", (await world.Rdap.Ask("acme.nowhere", Ct)).Problem);
    }

    [Fact]
    public async Task A_registry_inside_the_network_is_not_reached()
    {
        await using var world = await HealthWorld.Create(database);
        using var guarded = new Rdap(new HealthSettings { Bootstrap = new Uri($"http://127.0.0.1:{world.Registry.Port}/dns.json") }, Outbound.From(""), world.Fleet.Clock);
        Assert.Contains("private or reserved", (await guarded.Ask(world.Name, Ct)).Problem);
        Assert.Empty(world.Registry.Asked);
    }

    [Theory]
    [InlineData("Spamhaus:DqsKey", "not a key!", "PENGUIN__SPAMHAUS__DQSKEY")]
    [InlineData("Rdap:Bootstrap", "ftp://a.test", "PENGUIN__RDAP__BOOTSTRAP")]
    public void A_setting_that_cannot_be_used_is_named_and_no_key_shown(string key, string value, string name)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        var refused = Assert.Throws<InvalidOperationException>(() => HealthSettings.From(configuration));
        Assert.Contains(name, refused.Message);
        Assert.DoesNotContain("not a key!", refused.Message);
    }
}
