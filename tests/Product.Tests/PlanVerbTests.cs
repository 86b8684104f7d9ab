using System.Diagnostics;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary><c>penguin plan …</c> as people start it: exit codes, JSON, and what is written where.</summary>
public sealed class PlanVerbTests : IDisposable
{
    const string Head = "apiVersion: oversight.penguinmails/v1\nkind: Objective\nmetadata: {name: wish, owner: role:ceo}\n";
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("penguin-plan-");

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static string Sample => Path.Combine(Penguin.Root, "samples/plans/penguinmails");

    public void Dispose() => _folder.Delete(recursive: true);

    string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    static async Task<MailCommand> Run(params string[] words)
    {
        var info = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "penguin"), ["plan", .. words]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var process = Process.Start(info) ?? throw new InvalidOperationException("penguin did not start.");
        return await MailCommand.End(process, Ct);
    }

    [Fact]
    public async Task Founding_plan_is_valid_and_its_findings_come_with_places_and_exit_code_1()
    {
        var valid = await Run("validate", Sample, "--json");
        Assert.Equal((0, true), (valid.Code, valid.Json[0].GetProperty("valid").GetBoolean()));
        var lint = await Run("lint", Sample, "--as-of", "2026-01-15", "--json");
        Assert.Equal(1, lint.Code);
        var finding = lint.Json[0].GetProperty("findings").EnumerateArray().First(one => one.GetProperty("rule").GetString() == "R21");
        Assert.Equal("error", finding.GetProperty("severity").GetString());
        var place = finding.GetProperty("places")[1];
        Assert.Equal("phases.yaml RoadmapItem/ph1-vault", $"{place.GetProperty("file").GetString()} {place.GetProperty("ref").GetString()}");
        Assert.True(place.GetProperty("line").GetInt32() > 0);
        Assert.Equal(["3 to 4 weeks", "1 to 2 weeks"], finding.GetProperty("values").EnumerateArray().Select(value => value.GetString()));
        Assert.NotEmpty(finding.GetProperty("title").GetString() ?? "");
        Assert.NotEmpty(finding.GetProperty("message").GetString() ?? "");
    }

    [Fact]
    public async Task Warnings_alone_leave_exit_code_0_and_a_corrected_plan_has_no_finding()
    {
        var warned = await Run("lint", Write("wish.yaml", Head + "spec: {statement: Be loved, period: 2026}\n"), "--json");
        Assert.Equal((0, "warning"), (warned.Code, warned.Json[0].GetProperty("findings")[0].GetProperty("severity").GetString()));
        var corrected = await Run("lint", Sample + "-corrected", "--as-of", "2026-01-15", "--json");
        Assert.Equal((0, 0), (corrected.Code, corrected.Json[0].GetProperty("findings").GetArrayLength()));
    }

    [Theory]
    [InlineData("validate")]
    [InlineData("lint")]
    [InlineData("status")]
    [InlineData("export")]
    public async Task Plan_that_cannot_be_read_ends_with_2_and_the_place(string verb)
    {
        var path = Write("bad.yaml", Head + "spec: {statment: Be loved}\n");
        var run = await Run(verb, path);
        Assert.Equal(2, run.Code);
        Assert.Contains("bad.yaml:4:8: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean \"statement\"?", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Wrong_usage_ends_with_2()
    {
        Assert.Equal(2, (await Run("lint")).Code);
        Assert.Equal(2, (await Run("lint", Sample, "--as-of", "tomorrow")).Code);
        Assert.Equal(2, (await Run("validate", Path.Combine(_folder.FullName, "none"))).Code);
    }

    [Fact]
    public async Task Export_reads_back_the_same_and_never_writes_into_a_folder_in_use()
    {
        var to = Path.Combine(_folder.FullName, "out");
        Assert.Equal(0, (await Run("export", Sample, "--to", to)).Code);
        var diff = await Run("diff", Sample, to, "--json");
        Assert.Equal((0, 0), (diff.Code, diff.Json[0].GetProperty("changes").GetArrayLength()));
        Assert.Equal(1, (await Run("export", Sample, "--to", to)).Code);
        var changed = await Run("diff", Sample, Sample + "-corrected");
        Assert.Contains("Target/team-2026: quantity ≥ 15 people by 2026 → ≥ 8 people by 2026 (-46.7 %).", changed.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_keeps_versions_in_the_account_and_nothing_of_a_plan_with_an_error()
    {
        await using var penguin = await Penguin.Start(Ct);
        using var api = new Api(penguin.Web, TimeProvider.System);
        api.Bearer = await TwoAccounts.SignUp(api, "olga@fjord.example", "Fjord Ltd", Ct);
        var tenant = (await api.Get("/api/v1/me", Ct)).GetProperty("tenant_id").GetString() ?? "";
        Assert.Equal(0, await penguin.Stop());
        Task<(int Code, string Output, string Error)> Import(string path, string account) => Penguin.Verb(penguin.Settings, Ct, "plan", "import", path, "--tenant", account, "--json");
        var first = await Import(Sample, tenant);
        Assert.Equal(0, first.Code);
        Assert.Contains("\"number\":1", first.Output, StringComparison.Ordinal);
        Assert.Contains("\"created\":false", (await Import(Sample, tenant)).Output, StringComparison.Ordinal);
        Assert.Contains("\"number\":2", (await Import(Sample + "-corrected", tenant)).Output, StringComparison.Ordinal);
        var bad = await Import(Write("bad.yaml", Head + "spec: {statment: Be loved}\n"), tenant);
        Assert.Equal(2, bad.Code);
        Assert.Contains("bad.yaml:4:8: ", bad.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await Import(Sample, "ten_00000000000000000000000000")).Code);
        await penguin.Launch(Ct);
        var kept = (await api.Get("/api/v1/plan-versions?plan=penguinmails", Ct)).GetProperty("items").EnumerateArray().Select(one => one.GetProperty("errors").GetInt32() > 0);
        Assert.Equal([false, true], kept);
    }

    [Fact]
    public async Task Status_is_told_as_of_the_day_that_is_named()
    {
        var run = await Run("status", Sample, "--as-of", "2026-02-01", "--json");
        var roadmap = run.Json[0].GetProperty("roadmap").EnumerateArray().ToDictionary(line => line.GetProperty("ref").GetString() ?? "", line => line.GetProperty("state").GetString());
        Assert.Equal(("overdue", "late_start", "ahead"), (roadmap["RoadmapItem/rm-2025q4"], roadmap["RoadmapItem/ent-1"], roadmap["RoadmapItem/rm-2026q3"]));
    }
}
