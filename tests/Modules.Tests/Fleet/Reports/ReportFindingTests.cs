using PenguinMails.Fleet.Health;
using PenguinMails.Fleet.Reports;
using PenguinMails.Modules.Tests.Fleet.Health;

namespace PenguinMails.Modules.Tests.Fleet.Reports;

public sealed class ReportFindingTests(TestDatabase database)
{
    static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    static readonly ReportSample Sample = new(14, new(2026, 2, 16), Now, 5, 10, 0, "none", 0, 0, 0, 0, []);

    static DmarcOverview Dmarc(StageEvidence seen) => new(default, "a.test", "", seen.Stage, RecommendStage.Judge(seen), Sample, seen.Yours + seen.StrangerMessages, seen.YoursPassed, seen,
        [new("198.51.100.7", "mail.a.test", SourceClass.Yours, "own_server", "", seen.Yours, seen.YoursPassed, seen.YoursSigned, 0, 0, default, default, "Cause.", "Repair it.")], 0, [], false);

    static TlsOverview Tls(long good, long bad, string policy = "sts") => new(default, "a.test", "", Sample, good, bad, good + bad == 0 ? [] : [new("a.test", [policy], good, bad)],
        bad == 0 ? [] : [new("certificate-expired", "a.test", "mx.a.test", bad, default, default, "", "What.", "Cause.", "Fix it.")], []);

    static HealthFinding? Find(string code, StageEvidence seen) => JudgeReports.Judge(Dmarc(seen), Tls(0, 0), Now).SingleOrDefault(finding => finding.Code == code);

    static readonly StageEvidence Right = new("none", 10, 0, 100, 100, 100, 0, 0, 0);

    public static TheoryData<string, StageEvidence, HealthSeverity?> Bounds => new()
    {
        { "dmarc.yours", Right, HealthSeverity.Good },
        { "dmarc.yours", Right with { YoursPassed = 98 }, HealthSeverity.Good },
        { "dmarc.yours", Right with { YoursPassed = 97 }, HealthSeverity.Watch },
        { "dmarc.yours", Right with { YoursPassed = 90 }, HealthSeverity.Watch },
        { "dmarc.yours", Right with { YoursPassed = 89 }, HealthSeverity.Act },
        { "dmarc.yours", Right with { YoursPassed = 97, Stage = "quarantine" }, HealthSeverity.Act },
        { "dmarc.yours", Right with { Yours = 19, YoursPassed = 0 }, null },
        { "dmarc.signed", Right with { YoursSigned = 95 }, null },
        { "dmarc.signed", Right with { YoursSigned = 94 }, HealthSeverity.Watch },
        { "dmarc.strangers", Right with { StrangerMessages = 19, StrangerSources = 1 }, HealthSeverity.Good },
        { "dmarc.strangers", Right with { StrangerMessages = 20, StrangerSources = 1 }, HealthSeverity.Watch },
        { "dmarc.strangers", Right with { StrangerMessages = 20, StrangerSources = 1, Stage = "reject" }, HealthSeverity.Good },
        { "dmarc.strangers", Right with { Yours = 10_000, YoursPassed = 10_000, StrangerMessages = 20, StrangerSources = 1 }, HealthSeverity.Good },
    };

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Each_bound_holds_at_its_edge(string code, StageEvidence seen, HealthSeverity? severity)
    {
        var finding = Find(code, seen);
        Assert.Equal(severity, finding?.Severity);
        if (severity > HealthSeverity.Good) Assert.All([finding?.Cause, finding?.Fix, finding?.Evidence], text => Assert.NotEqual("", text));
    }

    [Theory]
    [InlineData(1000, 9, "sts", HealthSeverity.Good)]
    [InlineData(990, 10, "sts", HealthSeverity.Watch)]
    [InlineData(910, 90, "sts", HealthSeverity.Watch)]
    [InlineData(900, 100, "sts", HealthSeverity.Act)]
    [InlineData(900, 100, "no-policy-found", HealthSeverity.Watch)]
    public void Failures_of_TLS_are_urgent_where_a_policy_makes_senders_hold_back(long good, long bad, string policy, HealthSeverity severity) =>
        Assert.Equal(severity, JudgeReports.Judge(Dmarc(Right), Tls(good, bad, policy), Now).Single(finding => finding.Code == "tls.reports").Severity);

    [Fact]
    public async Task They_stand_among_the_findings_of_the_domains_health()
    {
        await using var world = await HealthWorld.Create(database);
        Assert.DoesNotContain((await world.Check()).Findings, finding => finding.Code.StartsWith("dmarc.", StringComparison.Ordinal));
        await using var reports = new ReportWorld(world.Fleet, world.Domain, isOwner: false);
        await reports.Begin();
        await reports.Take(reports.Dmarc("one", [new(HealthWorld.Address, 60), new(HealthWorld.Address, 40, "fail", "fail"), new("203.0.113.66", 200, "fail", "fail")]));
        var health = await world.Check();
        Assert.Equal(HealthSeverity.Act, health.Worst);
        var own = health.Findings.Single(finding => finding.Code == "dmarc.yours");
        Assert.Equal((HealthSeverity.Act, "40 of 100 messages of yours fail DMARC."), (own.Severity, own.What));
        Assert.Contains(HealthWorld.Address, own.Fix);
        Assert.Equal(HealthSeverity.Watch, health.Findings.Single(finding => finding.Code == "dmarc.strangers").Severity);
    }
}
