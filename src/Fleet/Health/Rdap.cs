using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;

namespace PenguinMails.Fleet.Health;

/// <summary>What the registry says of a domain.</summary>
/// <param name="Name">The registered name: the domain or one above it.</param>
/// <param name="Until">Null when it cannot be told.</param>
/// <param name="Source">Host that answered; empty when none did.</param>
/// <param name="Problem">Why it cannot be told; empty when it can.</param>
public sealed record Registration(string Name, DateTimeOffset? Until, string Source, string Problem, DateTimeOffset AskedAt);

/// <summary>Asks registries when domains expire, by RDAP (RFC 9082, RFC 9083). Which one answers for a top-level domain is read from IANA's bootstrap file (RFC 9224) once a day.</summary>
public sealed class Rdap : IDisposable
{
    const int OctetsMax = 4 * 1024 * 1024;
    const int NamesMax = 4;
    static readonly TimeSpan Fresh = TimeSpan.FromDays(1);
    static readonly string[] Reserved = ["test", "example", "invalid", "localhost", "local", "internal", "onion"]; // RFC 6761 and the like: nobody registers there.

    readonly HttpClient _client;
    readonly Uri _bootstrap;
    readonly TimeProvider _clock;
    readonly SemaphoreSlim _reading = new(1);
    (DateTimeOffset At, Dictionary<string, Uri> Registries)? _known;

    public Rdap(HealthSettings settings, Outbound outbound, TimeProvider clock)
    {
        (_bootstrap, _clock) = (settings.Bootstrap, clock);
        var handler = new SocketsHttpHandler
        {
            MaxAutomaticRedirections = 3, // RFC 7480 5.2: a registry may send on to another. Each is connected to through the guard.
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = async (context, ct) => new NetworkStream(await outbound.Connect(context.DnsEndPoint, ct), ownsSocket: true),
        };
        _client = new HttpClient(handler) { Timeout = settings.Timeout, MaxResponseContentBufferSize = OctetsMax };
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/rdap+json"));
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json", 0.9));
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("PenguinMails", null));
    }

    /// <param name="domain">A-label form; may lie below the registered name.</param>
    /// <returns>Never throws for what a registry does; only for the caller's cancellation.</returns>
    public async Task<Registration> Ask(string domain, CancellationToken ct)
    {
        var labels = domain.Split('.');
        if (_bootstrap == HealthSettings.Iana && Reserved.Contains(labels[^1])) return Untold(domain, $"No registry has names below .{labels[^1]}: it is reserved.");
        var (registries, problem) = await Registries(ct);
        if (registries is null) return Untold(domain, problem);
        // RFC 9224 4: the entry with the most labels that matches.
        var suffixes = Enumerable.Range(1, labels.Length - 1).Select(skipped => string.Join('.', labels[skipped..])).ToList();
        if (suffixes.Find(registries.ContainsKey) is not { } zone) return Untold(domain, $"The registry of .{labels[^1]} offers no RDAP.");

        // Without a list of public suffixes the registered name is the longest one that the registry knows.
        var names = new[] { domain }.Concat(suffixes).TakeWhile(name => name != zone).ToList();
        foreach (var name in names.TakeLast(NamesMax))
        {
            var address = new Uri(registries[zone], $"domain/{name}");
            var (answer, status, failed) = await Get(address, ct);
            if (status == HttpStatusCode.NotFound) continue;
            if (answer is not { } found) return Untold(domain, failed);
            return Expiry(found) is { } until ? new Registration(name, until, address.Host, "", _clock.GetUtcNow()) : Untold(name, $"{address.Host} knows {name} and does not say when it expires.") with { Source = address.Host };
        }

        return Untold(domain, $"{registries[zone].Host} does not know {domain}. It may have expired, or its registry keeps it apart.");
    }

    async Task<(Dictionary<string, Uri>? Registries, string Problem)> Registries(CancellationToken ct)
    {
        await _reading.WaitAsync(ct);
        try
        {
            if (_known is { } known && _clock.GetUtcNow() - known.At < Fresh) return (known.Registries, "");
            var (answer, _, failed) = await Get(_bootstrap, ct);
            if (answer is not { } file) return (null, failed);
            var registries = Bootstrap(file);
            if (registries.Count == 0) return (null, $"{_bootstrap.Host} gave no list of registries.");
            _known = (_clock.GetUtcNow(), registries);
            return (registries, "");
        }
        finally
        {
            _reading.Release();
        }
    }

    // RFC 9224 3: services are pairs of top-level domains and addresses, https before http.
    static Dictionary<string, Uri> Bootstrap(JsonElement file)
    {
        var registries = new Dictionary<string, Uri>(StringComparer.OrdinalIgnoreCase);
        foreach (var service in ApiJson.List(file, "services").Where(service => service.ValueKind == JsonValueKind.Array && service.GetArrayLength() >= 2))
        {
            var addresses = Texts(service[1]).Select(text => Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" ? uri : null).OfType<Uri>();
            if (addresses.OrderBy(uri => uri.Scheme == "https" ? 0 : 1).FirstOrDefault() is not { } address) continue;
            foreach (var zone in Texts(service[0])) registries[zone] = address;
        }

        return registries;
    }

    static IEnumerable<string> Texts(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.String).Select(part => part.GetString() ?? "") : [];

    // RFC 9083 4.5; the word is that of RFC 9083 10.2.3.
    static DateTimeOffset? Expiry(JsonElement domain) => ApiJson.List(domain, "events")
        .Where(one => ApiJson.Text(one, "eventAction") == "expiration")
        .Select(one => DateTimeOffset.TryParse(ApiJson.Text(one, "eventDate"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : (DateTimeOffset?)null)
        .FirstOrDefault(at => at is not null);

    async Task<(JsonElement? Answer, HttpStatusCode Status, string Problem)> Get(Uri address, CancellationToken ct)
    {
        try
        {
            using var answer = await _client.GetAsync(address, ct);
            if (!answer.IsSuccessStatusCode) return (null, answer.StatusCode, $"{address.Host} refused with {(int)answer.StatusCode}.");
            using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(ct), new JsonDocumentOptions { MaxDepth = 32 });
            return (document.RootElement.Clone(), answer.StatusCode, "");
        }
        catch (JsonException)
        {
            return (null, default, $"{address.Host} answered with something that is no RDAP.");
        }
        catch (OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return (null, default, $"{address.Host} did not answer in time.");
        }
        catch (HttpRequestException failed)
        {
            return (null, default, failed.InnerException is OutboundRefused refused ? refused.Message : $"{address.Host} cannot be reached: {failed.HttpRequestError}.");
        }
    }

    Registration Untold(string name, string problem) => new(name, null, "", problem, _clock.GetUtcNow());

    public void Dispose()
    {
        _client.Dispose();
        _reading.Dispose();
    }
}
