using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using PenguinMails.Core;

namespace PenguinMails.Cli.Demo;

/// <summary>The demo found that something is not as it must be.</summary>
public sealed class DemoFailed(string message) : Exception(message);

/// <summary>Speaks to the REST API as a customer's program does.</summary>
public sealed class Api(Uri web, TimeProvider clock) : IDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = web, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Session token or API key for all later calls.</summary>
    public string? Bearer
    {
        get;
        set => (field, Workspace) = (value, null);
    }

    /// <summary>The workspace that a key of the whole account acts in; a new <see cref="Bearer"/> has none.</summary>
    public string? Workspace { get; set; }

    public Task<JsonElement> Get(string path, CancellationToken ct) => Send(HttpMethod.Get, path, null, ct);

    public Task<JsonElement> Post<T>(string path, T body, CancellationToken ct) => Send(HttpMethod.Post, path, JsonContent.Create(body, options: Json.Web), ct);

    public Task<JsonElement> Put<T>(string path, T body, CancellationToken ct) => Send(HttpMethod.Put, path, JsonContent.Create(body, options: Json.Web), ct);

    public Task<JsonElement> Patch<T>(string path, T body, CancellationToken ct) => Send(HttpMethod.Patch, path, JsonContent.Create(body, options: Json.Web), ct);

    public Task<JsonElement> Upload(string path, string file, CancellationToken ct) =>
        Send(HttpMethod.Post, path, new StreamContent(File.OpenRead(file)) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } }, ct);

    /// <summary>All rows of a paged list.</summary>
    public async Task<List<JsonElement>> All(string path, CancellationToken ct)
    {
        var rows = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await Get($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=200{(cursor is null ? "" : "&cursor=" + cursor)}", ct);
            rows.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        return rows;
    }

    /// <summary>A page as a signed-in person sees it.</summary>
    public async Task<string> Page(string path, string sessionToken, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Cookie", $"penguin={sessionToken}" } } };
        using var answer = await _http.SendAsync(request, ct);
        var text = await answer.Content.ReadAsStringAsync(ct);
        return answer.IsSuccessStatusCode ? text : throw new DemoFailed($"GET {path} answered {(int)answer.StatusCode}.");
    }

    /// <summary>Asks again and again until the answer fits.</summary>
    /// <param name="why">What to say beside, when it did not.</param>
    /// <exception cref="DemoFailed">Not within the time.</exception>
    public async Task<T> Until<T>(string what, TimeSpan atMost, Func<Task<T?>> ask, CancellationToken ct, Func<string>? why = null) where T : class
    {
        var started = clock.GetTimestamp();
        while (clock.GetElapsedTime(started) < atMost)
        {
            if (await ask() is { } answer) return answer;
            await Task.Delay(Pause, clock, ct);
        }

        throw new DemoFailed($"{what}: not within {atMost.TotalSeconds:F0} s.{why?.Invoke()}");
    }

    public void Dispose() => _http.Dispose();

    async Task<JsonElement> Send(HttpMethod method, string path, HttpContent? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (Bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Bearer);
        if (Workspace is not null) request.Headers.Add("X-Workspace", Workspace);
        using var answer = await _http.SendAsync(request, ct);
        var text = await answer.Content.ReadAsStringAsync(ct);
        if (!answer.IsSuccessStatusCode) throw new DemoFailed($"{method} {path} answered {(int)answer.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}
