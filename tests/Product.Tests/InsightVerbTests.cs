using System.Text.Json;

namespace PenguinMails.Product.Tests;

/// <summary><c>penguin insight</c> as people start it: what it prints, and how it refuses.</summary>
public sealed class InsightVerbTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("penguin-insight-");

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_trend_test_prints_the_usual_names_and_leaves_missing_values_out()
    {
        var told = await Test("mk", "start,value\n2026-01-05,1\n2026-01-12,\n2026-01-19,3\n2026-01-26,NaN\n2026-02-02,5\n2026-02-09,6\n2026-02-16,7\n");
        Assert.Equal(["trend", "h", "p", "z", "tau", "s", "var_s", "slope", "intercept", "n"], told.EnumerateObject().Select(one => one.Name));
        Assert.Equal(("increasing", true, 10, 1, 5), (told.GetProperty("trend").GetString(), told.GetProperty("h").GetBoolean(), told.GetProperty("s").GetInt32(), told.GetProperty("slope").GetInt32(), told.GetProperty("n").GetInt32()));
        Assert.Equal(0.0275, told.GetProperty("p").GetDouble(), 5e-5);
    }

    [Fact]
    public async Task A_correction_that_leaves_no_variance_prints_null()
    {
        var saw = string.Concat(Enumerable.Range(0, 21).Select(i => $"{i},{(i % 2 == 0 ? 1 : -1)}\n")) + "21,-1.5\n";
        Assert.Equal(JsonValueKind.Null, (await Test("mk-yw", saw, "--lag", "1")).GetProperty("p").ValueKind);
    }

    [Theory]
    [InlineData("wilson", "start,num,den\na,19,38\n", "low", .348499284)]
    [InlineData("newcombe", "start,num,den\na,56,70\nb,48,80\n", "high", .3338727)]
    [InlineData("poisson", "start,value\na,3\n", "low", .618672)]
    [InlineData("km", "time,event\n1,1\n2,1\n3,0\n4,1\n", "median", 3)]
    [InlineData("pettitt", "1\n2\n1\n2\n1\n9\n8\n9\n8\n9\n", "break", 5)]
    public async Task Statistics_print_their_usual_fields(string name, string csv, string field, double value) =>
        Assert.Equal(value, (await Test(name, csv)).GetProperty(field).GetDouble(), 5e-7);

    // The plants of the documentation of mkTrend (modifiedmk): Z, p and slope to all digits.
    [Theory]
    [InlineData("start,value\n", false)]
    [InlineData("value,start\n", true)]
    public async Task Columns_go_by_their_names_and_a_published_trend_is_found(string header, bool turned)
    {
        double[] plants = [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69];
        var rows = plants.Select((value, i) => (Day: $"2026-01-{i + 1:00}", Value: value.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var told = await Test("mk", header + string.Concat(rows.Select(row => turned ? $"{row.Value},{row.Day}\n" : $"{row.Day},{row.Value}\n")));
        Assert.Equal((0.35777087639996635, 0.7205147871362552), (told.GetProperty("z").GetDouble(), told.GetProperty("p").GetDouble()));
        Assert.Equal(0.04, told.GetProperty("slope").GetDouble(), 1e-12);
    }

    [Fact]
    public async Task A_pipe_given_as_a_file_is_refused_and_nobody_waits()
    {
        var pipe = Path.Combine(_folder.FullName, "series.csv");
        using (var make = System.Diagnostics.Process.Start("mkfifo", [pipe])) await make.WaitForExitAsync(Ct);
        var run = await Run("test", "mk", pipe);
        Assert.Equal(2, run.Code);
        Assert.Contains("is a pipe or a device", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mail", "parse", "PIPE")]
    [InlineData("mail", "auth", "--psl", "PIPE", "-")]
    [InlineData("mail", "auth", "--zone", "PIPE", "-")]
    [InlineData("mail", "address", "--batch", "PIPE")]
    [InlineData("mail", "spf", "--batch", "PIPE")]
    [InlineData("plan", "scenario", "samples/plans/penguinmails", "--values", "mrr=PIPE")]
    public async Task No_verb_waits_for_a_pipe_that_nobody_writes_to(params string[] words)
    {
        var pipe = Path.Combine(_folder.FullName, "given");
        using (var make = System.Diagnostics.Process.Start("mkfifo", [pipe])) await make.WaitForExitAsync(Ct);
        using var process = MailCommand.StartVerb(words[0], [.. words.Skip(1).Select(word => word.Replace("PIPE", pipe, StringComparison.Ordinal).Replace("samples/", Path.Combine(Penguin.Root, "samples") + "/", StringComparison.Ordinal))]);
        process.StandardInput.Close();
        var run = await MailCommand.End(process, Ct);
        Assert.NotEqual(0, run.Code);
        Assert.Contains("is a pipe or a device", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-")]
    [InlineData("/dev/stdin")]
    [InlineData("/dev/fd/0")]
    public async Task What_another_program_writes_is_read(string given)
    {
        using var process = MailCommand.StartVerb("insight", ["test", "mk", given, "--json"]);
        await process.StandardInput.WriteAsync("start,value\n1,1\n2,2\n3,3\n4,4\n".AsMemory(), Ct);
        var run = await MailCommand.End(process, Ct);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(6, run.Json[0].GetProperty("s").GetInt32());
    }

    [Theory]
    [InlineData("wilson", "start,num,den\na,5,9\nb,11,10\n", ":3: num is 11, and den only 10")]
    [InlineData("mk", "start,num,den\na,5,9\nb,1,-10\n", ":3: den is -10")]
    [InlineData("mk", "start;value\n2026-01-01;1,5\n2026-01-02;2,5\n", ":2: value is '1,5', which is no number")]
    [InlineData("mk", "start,value\n2026-03-01,1\n2026-01-01,2\n2026-02-01,3\n", ":3: 2026-01-01 stands behind 2026-03-01; put the rows in order of time")]
    [InlineData("mk", "start,value\n2026-01,1\n2026-02,2\n2026-02,3\n", ":4: 2026-02 stands twice")]
    [InlineData("xmr", "start,value\n1,5\n2,1e300\n3,7\n", ":3: value is 1e300, too large")]
    [InlineData("ewma", "start,value\n1,NaN\n2,\n", "0 values, and a spread takes two")]
    [InlineData("cusum", "start,value\n1,5\n", "1 values, and a spread takes two")]
    [InlineData("mk-seasonal", "start,value\n1,5\n2,6\n3,7\n", "give two cycles or more, or a shorter period")]
    public async Task What_cannot_be_counted_is_refused_with_its_line(string name, string csv, string why)
    {
        var run = await Run("test", name, Write(csv, "series.csv"));
        Assert.Equal(2, run.Code);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ETS_prints_its_weights_and_a_spread_beyond_numbers_as_null()
    {
        var told = await Test("ets", string.Concat(Enumerable.Range(0, 48).Select(i => i == 30 ? "1e9\n" : "1\n")), "--period", "4", "--horizon", "40");
        Assert.Equal(["alpha", "beta", "gamma", "phi", "aicc", "level", "slope", "season", "forecast", "calibration"], told.EnumerateObject().Select(one => one.Name));
        var ahead = told.GetProperty("forecast").EnumerateArray().ToArray();
        Assert.Equal((40, 4), (ahead.Length, told.GetProperty("season").GetArrayLength()));
        Assert.Equal((JsonValueKind.Number, JsonValueKind.Null), (ahead[39].GetProperty("mean").ValueKind, ahead[39].GetProperty("high80").ValueKind));
    }

    [Fact]
    public async Task A_verdict_prints_its_sentence_and_as_JSON_the_numbers_behind_it()
    {
        var path = Write("start,num,den\n" + string.Concat(Enumerable.Range(0, 16).Select(i => $"{new DateOnly(2026, 1, 5).AddDays(7 * i):O},{80 + i},100\n")), "answers.csv");
        var words = await Run("verdict", path, "--target", "99%");
        Assert.Equal((0, ""), (words.Code, words.Error));
        Assert.StartsWith("Answers is improving: 80.0 % → 95.0 % over 16 weeks (+15.0 points, ", words.Out);
        Assert.Contains("Against the target of 99.0 %: ", words.Out);
        var json = (await Run("verdict", path, "--json")).Json[0];
        Assert.Equal(("improving", "trend", "no_target", "2026-01-05"), (Text("direction"), Text("shape"), Text("assurance"), Text("since")));
        Assert.Equal((16, 1600), (json.GetProperty("evidence").GetProperty("n").GetInt32(), json.GetProperty("evidence").GetProperty("den").GetInt32()));
        var worse = await Run("verdict", path, "--better", "down");
        Assert.StartsWith("Answers is worsening: ", worse.Out);
        string? Text(string name) => json.GetProperty(name).GetString();
    }

    [Theory]
    [InlineData("mk", "start,value\n1,2\n2,x\n", ":3: value is 'x', which is no number")]
    [InlineData("mk", "start,value\n1,2\n2\n", ":3: 1 columns where 2 are expected")]
    [InlineData("mk", "", ":1: the file is empty")]
    [InlineData("mk", "start,value\n1,2\n", "Needs 2 to 2000 numbers, has 1.")]
    [InlineData("wilson", "start,value\n1,2\n", ":1: this needs the columns start,num,den")]
    [InlineData("p", "start,num,den\n1,2.5,5\n", ":2: num is 2.5: counts are whole numbers")]
    [InlineData("theta", "start,value\n1,2\n2,\n3,4\n4,5\n5,6\n", ":3: a forecast needs a series without gaps")]
    [InlineData("ets", "1\n2\n3\n", "Needs 36 to 2000 values, has 3.")]
    public async Task Bad_input_is_refused_with_file_and_line(string name, string csv, string said)
    {
        var path = Write(csv, "bad.csv");
        var run = await Run("test", name, path);
        Assert.Equal((2, ""), (run.Code, run.Out));
        Assert.Contains(path, run.Error);
        Assert.Contains(said, run.Error);
    }

    [Theory]
    [InlineData("start,num,den\n2026-01-05,7,5\n", ":2: 7 of 5: num must lie between 0 and den.")]
    [InlineData("start,value\n2026-01-12,1\n2026-01-05,1\n", ":3: 2026-01-05 stands behind 2026-01-12")]
    [InlineData("start,value\nsoon,1\n", ":2: 'soon' is no start")]
    public async Task Bad_series_are_refused_by_the_verdict(string csv, string said)
    {
        var run = await Run("verdict", Write(csv, "bad.csv"));
        Assert.Equal(2, run.Code);
        Assert.Contains(said, run.Error);
    }

    [Fact]
    public async Task Unknown_statistic_names_the_known_ones()
    {
        var run = await Run("test", "magic", Write("1\n2\n", "a.csv"));
        Assert.Equal(2, run.Code);
        Assert.Contains("'magic' is no statistic; take one of mk, mk-pw,", run.Error);
    }

    async Task<JsonElement> Test(string name, string csv, params string[] options)
    {
        var run = await Run(["test", name, Write(csv, "series.csv"), "--json", .. options]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        return run.Json[0];
    }

    static async Task<MailCommand> Run(params string[] words)
    {
        using var process = MailCommand.StartVerb("insight", words);
        return await MailCommand.End(process, Ct);
    }

    string Write(string text, string name)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
