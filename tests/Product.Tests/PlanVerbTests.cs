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
    [InlineData("scenario")]
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
    public async Task Scenario_needs_a_plan_alone_and_is_judged_against_a_file_of_past_values_where_one_is_named()
    {
        string[] asOf = ["--as-of", "2026-02-01", "--json"];
        var alone = await Run(["scenario", Sample, "--set", "customers=100", "--set", "arpa=200", "--set", "churn=5%", "--set", "new_customers=10", "--target", "mrr-2026q4", .. asOf]);
        Assert.Equal(0, alone.Code);
        var reach = alone.Json[0].GetProperty("reaches").EnumerateArray().Single();
        Assert.Equal(("Target/mrr-2026q4", "not known", 10), (reach.GetProperty("target_ref").GetString(), reach.GetProperty("likelihood").GetString(), reach.GetProperty("periods").GetInt32()));
        Assert.Equal(Math.Pow(12.5, 0.1) - 1, reach.GetProperty("needed_rate").GetDouble(), 9); // From 20,000 to 250,000 in ten months.
        Assert.Equal(21_000, alone.Json[0].GetProperty("months")[0].GetProperty("revenue").GetDouble(), 6);
        var values = Write("mrr.csv", "start,value\n" + string.Concat(Enumerable.Range(0, 24).Select(i => $"{new DateOnly(2024, 2, 1).AddMonths(i):yyyy-MM-dd},{10_000 + 400 * i + 150 * (i % 3)}\n")));
        var judged = await Run(["scenario", Sample, "--values", $"mrr={values}", "--target", "Target/mrr-2026q4", .. asOf]);
        Assert.Equal("exceptionally unlikely", judged.Json[0].GetProperty("reaches")[0].GetProperty("likelihood").GetString());
        Assert.Contains("(80 %): exceptionally unlikely", (await Run("scenario", Sample, "--values", $"mrr={values}", "--as-of", "2026-02-01")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scenario_names_each_wrong_driver_figure_file_and_target_with_the_right_ones_and_ends_with_2()
    {
        var ahead = Write("ahead.csv", "start,value\n2026-03-01,1\n");
        var run = await Run("scenario", Sample, "--as-of", "2026-02-01", "--set", "costumers=1", "--set", "arpa", "--values", "mr=x.csv", "--values", "arr=none.csv", "--values", $"mrr={ahead}", "--target", "mrr-m12");
        Assert.Equal((2, ""), (run.Code, run.Out));
        foreach (var part in new[] { "--set costumers: ", "new_customers, vendor_cost", "--set arpa: Write a number", "--values mr: no such figure", "there is no file \"none.csv\"", "ahead.csv: line 2: 2026-03-01 has not begun yet", "--target mrr-m12: it has no date", "Target/mrr-2026q4" })
            Assert.Contains(part, run.Error, StringComparison.Ordinal);
        Assert.Contains("the plan has no such target", (await Run("scenario", Sample, "--target", "nonsense")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_is_told_as_of_the_day_that_is_named()
    {
        var run = await Run("status", Sample, "--as-of", "2026-02-01", "--json");
        var roadmap = run.Json[0].GetProperty("roadmap").EnumerateArray().ToDictionary(line => line.GetProperty("ref").GetString() ?? "", line => line.GetProperty("state").GetString());
        Assert.Equal(("overdue", "late_start", "ahead"), (roadmap["RoadmapItem/rm-2025q4"], roadmap["RoadmapItem/ent-1"], roadmap["RoadmapItem/rm-2026q3"]));
    }
}
