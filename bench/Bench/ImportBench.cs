using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Npgsql;
using NpgsqlTypes;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Cli;

namespace PenguinMails.Bench;

/// <summary>Import of many contacts against COPY of the same rows into a table with the same indexes; then list pages and the API over these rows.</summary>
static class ImportBench
{
    const int PageReads = 300;
    const int Clients = 50;
    const int ReadsPerClient = 40;

    public static async Task Run(int rows, CancellationToken ct)
    {
        var file = Path.GetTempFileName();
        await Write(file, rows, ct);
        try
        {
            await using var stage = await Stage.Open(Roles.Web | Roles.Worker, ct);
            var copy = await Copy(stage, rows, ct);
            using var http = new HttpClient { BaseAddress = stage.Settings.WebUrl, Timeout = TimeSpan.FromMinutes(20) };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", stage.Key);
            var list = (await CreateList.Handle(stage.Actor, new CreateList.Input("bench"), stage.Db, TimeProvider.System, ct)).Value.Id;
            var import = await Import(http, file, list.ToString(), ct);
            Stage.Row($"Import of {rows:N0} contacts, upload included", $"{import.TotalSeconds:F1} s", $"COPY {copy.TotalSeconds:F1} s", $"{copy / import:P0} of COPY", "at least 25 %");
            Stage.Row("Peak memory of the whole program during the import", $"{Stage.PeakMegabytes()} MB", "", "", "under 300 MB");
            await Pages(http, rows, ct);
            await Concurrent(http, ct);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Contacts in a list, by the API.</summary>
    public static async Task Fill(HttpClient http, ListId list, int rows, CancellationToken ct)
    {
        var file = Path.GetTempFileName();
        try
        {
            await Write(file, rows, ct);
            await Import(http, file, list.ToString(), ct);
        }
        finally
        {
            File.Delete(file);
        }
    }

    static async Task Write(string file, int rows, CancellationToken ct)
    {
        await using var text = new StreamWriter(file);
        await text.WriteLineAsync("email,first_name,last_name,company,city");
        for (var i = 0; i < rows; i++)
            await text.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"person{i}@company{i % 50000}.example,First{i % 1000},Last{i % 3000},Company {i % 50000},City {i % 500}").AsMemory(), ct);
    }

    static async Task<TimeSpan> Copy(Stage stage, int rows, CancellationToken ct)
    {
        await using var source = stage.Database.OpenAsOwner();
        await using var connection = await source.OpenConnectionAsync(ct);
        await using (var create = new NpgsqlCommand("create table core.bench_contact (like campaigns.contact including all)", connection)) await create.ExecuteNonQueryAsync(ct);
        var (tenant, workspace, now) = (Guid.CreateVersion7(), Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
        var started = Stopwatch.GetTimestamp();
        await using (var copy = await connection.BeginBinaryImportAsync(
            "copy core.bench_contact (tenant_id, id, workspace_id, email, first_name, last_name, company, attributes, is_role, is_consumer, source, created_at, updated_at) from stdin (format binary)", ct))
        {
            for (var i = 0; i < rows; i++)
            {
                await copy.StartRowAsync(ct);
                await copy.WriteAsync(tenant, ct);
                await copy.WriteAsync(Guid.CreateVersion7(now), ct);
                await copy.WriteAsync(workspace, ct);
                await copy.WriteAsync($"person{i}@company{i % 50000}.example", ct);
                await copy.WriteAsync($"First{i % 1000}", ct);
                await copy.WriteAsync($"Last{i % 3000}", ct);
                await copy.WriteAsync($"Company {i % 50000}", ct);
                await copy.WriteAsync($$"""{"city":"City {{i % 500}}"}""", NpgsqlDbType.Jsonb, ct);
                await copy.WriteAsync(false, ct);
                await copy.WriteAsync(false, ct);
                await copy.WriteAsync("bench", ct);
                await copy.WriteAsync(now, NpgsqlDbType.TimestampTz, ct);
                await copy.WriteAsync(now, NpgsqlDbType.TimestampTz, ct);
            }

            await copy.CompleteAsync(ct);
        }

        var time = Stopwatch.GetElapsedTime(started);
        await using var drop = new NpgsqlCommand("drop table core.bench_contact", connection);
        await drop.ExecuteNonQueryAsync(ct);
        return time;
    }

    static async Task<TimeSpan> Import(HttpClient http, string file, string list, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        using var body = new StreamContent(File.OpenRead(file)) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };
        var uploaded = await http.PostAsync($"/api/v1/imports?list={list}&file_name=bench.csv", body, ct);
        uploaded.EnsureSuccessStatusCode();
        var id = System.Text.Json.JsonDocument.Parse(await uploaded.Content.ReadAsStringAsync(ct)).RootElement.GetProperty("id").GetString();
        using var start = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
        (await http.PostAsync($"/api/v1/imports/{id}/start", start, ct)).EnsureSuccessStatusCode();
        while (true)
        {
            var now = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync($"/api/v1/imports/{id}", ct)).RootElement;
            if (now.GetProperty("state").GetString() == "done") return Stopwatch.GetElapsedTime(started);
            if (now.GetProperty("state").GetString() != "running") throw new InvalidOperationException(now.GetRawText());
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, ct);
        }
    }

    static async Task Pages(HttpClient http, int rows, CancellationToken ct)
    {
        var times = new List<double>();
        string? cursor = null;
        for (var i = 0; i < PageReads; i++)
        {
            var path = i % 3 == 2 ? $"/api/v1/contacts?search=person{i * 3331 % rows}&limit=50" : $"/api/v1/contacts?limit=50{(cursor is null ? "" : "&cursor=" + cursor)}";
            var started = Stopwatch.GetTimestamp();
            var page = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync(path, ct)).RootElement;
            if (i >= 20) times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds); // The first 20 warm up.
            if (i % 3 != 2) cursor = page.GetProperty("next_cursor").GetString();
        }

        Stage.Row($"List page of {rows:N0} contacts, {times.Count} reads (newest first and by address)", $"p95 {Percentile(times, 95):F1} ms", "", "", "under 50 ms");
    }

    static async Task Concurrent(HttpClient http, CancellationToken ct)
    {
        string[] paths = ["/api/v1/contacts?limit=50", "/api/v1/campaigns", "/api/v1/lists", "/api/v1/templates", "/api/v1/suppressions", "/api/v1/contacts?search=person12&limit=20"];
        var times = new System.Collections.Concurrent.ConcurrentBag<(string Path, double Ms)>();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            for (var i = 0; i < ReadsPerClient; i++)
            {
                var one = Stopwatch.GetTimestamp();
                var path = paths[(client + i) % paths.Length];
                using var answer = await http.GetAsync(path, ct);
                answer.EnsureSuccessStatusCode();
                await answer.Content.ReadAsByteArrayAsync(ct);
                times.Add((path, Stopwatch.GetElapsedTime(one).TotalMilliseconds));
            }
        }));
        var rate = times.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        Stage.Row($"API, {Clients} clients at once, {times.Count:N0} requests", $"p95 {Percentile([.. times.Select(time => time.Ms)], 95):F0} ms, {rate:F0}/s", "", "", "p95 under 200 ms");
        var slowest = times.GroupBy(time => time.Path).Select(route => (route.Key, P95: Percentile([.. route.Select(time => time.Ms)], 95))).MaxBy(route => route.P95);
        Stage.Row("The slowest of its routes", $"{slowest.Key}: p95 {slowest.P95:F0} ms", "", "", "");
    }

    static double Percentile(List<double> times, int percent)
    {
        times.Sort();
        return times[Math.Min(times.Count - 1, times.Count * percent / 100)];
    }
}
