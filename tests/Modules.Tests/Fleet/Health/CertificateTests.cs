using PenguinMails.Fleet.Health;

namespace PenguinMails.Modules.Tests.Fleet.Health;

/// <summary>Certificates of a mail server, seen over real TLS.</summary>
public sealed class CertificateTests(TestDatabase database)
{
    [Theory]
    [InlineData(22, HealthSeverity.Good, "right for another 22 days")]
    [InlineData(21, HealthSeverity.Good, "21 days")]
    [InlineData(20, HealthSeverity.Watch, "ends in 20 days")]
    [InlineData(7, HealthSeverity.Watch, "7 days")]
    [InlineData(6, HealthSeverity.Act, "ends in 6 days")]
    [InlineData(1, HealthSeverity.Act, "1 day.")]
    [InlineData(-1, HealthSeverity.Act, "expired")]
    public async Task Days_that_are_left_decide(int days, HealthSeverity severity, string words)
    {
        await using var world = await HealthWorld.Create(database);
        var now = world.Fleet.Clock.GetUtcNow();
        world.Mail.Shown = world.Mail.Issue(world.Host, now.AddDays(-60), now.AddDays(days).AddHours(1));
        foreach (var finding in await Certificates(world))
        {
            Assert.Equal(severity, finding.Severity);
            Assert.Contains(words, finding.What);
            Assert.Contains("Root of the tests", finding.Evidence);
        }
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_urgent()
    {
        await using var world = await HealthWorld.Create(database);
        var now = world.Fleet.Clock.GetUtcNow();
        world.Mail.Shown = world.Mail.Issue("mail.elsewhere.test", now.AddDays(-1), now.AddDays(60));
        Assert.All(await Certificates(world), finding => Assert.Equal((HealthSeverity.Act, true), (finding.Severity, finding.What.Contains("another name"))));
    }

    [Fact]
    public async Task A_self_signed_certificate_is_urgent()
    {
        await using var world = await HealthWorld.Create(database);
        var now = world.Fleet.Clock.GetUtcNow();
        world.Mail.Shown = world.Mail.Issue(world.Host, now.AddDays(-1), now.AddDays(60), isSelfSigned: true);
        Assert.All(await Certificates(world), finding => Assert.Equal((HealthSeverity.Act, true), (finding.Severity, finding.What.Contains("No known authority"))));
    }

    [Fact]
    public async Task A_server_without_starttls_is_urgent()
    {
        await using var world = await HealthWorld.Create(database);
        world.Mail.Offers = "250-mail\r\n250 PIPELINING\r\n";
        var smtp = (await Certificates(world)).Single(finding => finding.Code == "certificate.smtp");
        Assert.Equal(HealthSeverity.Act, smtp.Severity);
        Assert.Contains("no encryption", smtp.What);
    }

    [Theory]
    [InlineData("554 no\r\n")] // Refuses EHLO: then nothing is known of its TLS but that it offers none.
    [InlineData("250-never ends\r\n")]
    public async Task Whatever_a_server_says_is_a_finding(string offers)
    {
        await using var world = await HealthWorld.Create(database);
        world.Mail.Offers = offers;
        var smtp = (await Certificates(world)).Single(finding => finding.Code == "certificate.smtp");
        Assert.NotEqual(HealthSeverity.Good, smtp.Severity);
    }

    [Fact]
    public async Task A_server_that_is_silent_is_not_known()
    {
        await using var world = await HealthWorld.Create(database);
        world.Mail.IsSilent = true;
        Assert.All(await Certificates(world), finding => Assert.Equal((HealthSeverity.Unknown, true), (finding.Severity, finding.Cause.Contains("in time"))));
    }

    static async Task<List<HealthFinding>> Certificates(HealthWorld world)
    {
        var found = (await world.Check()).Findings.Where(finding => finding.Code.StartsWith("certificate.", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, found.Count);
        return found;
    }
}
