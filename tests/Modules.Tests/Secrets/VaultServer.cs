using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>What a Vault server does wrong, once or always, before it does it right.</summary>
public enum VaultFault { None, Sealed, Throttled, Broken, Busy, Slow, Denied, Malformed, CutOff, Redirects }

/// <summary>A listener on loopback that speaks Vault's HTTP API (KV version 2, tokens, AppRole, Kubernetes, wrapping, health), built from its public description.</summary>
public sealed class VaultServer : IAsyncDisposable
{
    public const string Root = "hvs.root-token-of-the-test";
    readonly WebApplication _app;
    readonly ConcurrentQueue<VaultFault> _faults = new();

    VaultServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;
    public VaultKv Kv { get; } = new();
    public VaultTokens Tokens { get; } = new();
    public ConcurrentQueue<string> Requests { get; } = new();
    public ConcurrentQueue<string> Namespaces { get; } = new();
    public VaultFault Always { get; set; }

    /// <summary>The folder the tokens' policy covers; "" for all.</summary>
    public string Allowed { get; set; } = "";

    public static async Task<VaultServer> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new VaultServer(app);
        app.Run(server.Answer);
        await app.StartAsync();
        server.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    /// <summary>The next requests below secret/ go wrong in this way.</summary>
    public void Fail(params VaultFault[] faults)
    {
        foreach (var fault in faults) _faults.Enqueue(fault);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    async Task Answer(HttpContext http)
    {
        var path = http.Request.Path.Value!["/v1/".Length..];
        Requests.Enqueue($"{http.Request.Method} {path}{http.Request.QueryString}");
        Namespaces.Enqueue(http.Request.Headers["X-Vault-Namespace"].ToString());
        var fault = Always != VaultFault.None ? Always : path.StartsWith("secret/", StringComparison.Ordinal) && _faults.TryDequeue(out var next) ? next : VaultFault.None;
        if (fault != VaultFault.None && await Misbehave(http, path, fault)) return;
        var body = await Body(http);
        if (path == "sys/health") await Send(http, 200, new { initialized = true, @sealed = false, standby = false, version = "1.99.0-test" });
        else if (path.StartsWith("auth/", StringComparison.Ordinal) && path.EndsWith("/login", StringComparison.Ordinal)) await LogIn(http, path, body);
        else if (path == "sys/wrapping/unwrap" && body.ValueKind == JsonValueKind.Undefined) await Send(http, Tokens.Unwrap(http.Request.Headers["X-Vault-Token"].ToString()));
        else if (!Tokens.IsAlive(http.Request.Headers["X-Vault-Token"].ToString())) await Send(http, 403, new { errors = new[] { "permission denied" } });
        else if (path.StartsWith("secret/", StringComparison.Ordinal)) await Kv2(http, path, body);
        else await Send(http, Tokens.Own(http.Request.Headers["X-Vault-Token"].ToString(), path, body));
    }

    async Task Kv2(HttpContext http, string path, JsonElement body)
    {
        if (Allowed.Length > 0 && !path.Contains($"/{Allowed}/", StringComparison.Ordinal))
        {
            await Send(http, 403, new { errors = new[] { "1 error occurred:\n\t* permission denied\n\n" } });
            return;
        }

        var (status, answer) = Kv.Answer(http.Request.Method, path["secret/".Length..], http.Request.Query["version"].ToString(), http.Request.Query["list"] == "true", body);
        var wrap = http.Request.Headers["X-Vault-Wrap-TTL"].ToString();
        if (wrap.Length > 0 && status == 200) answer = new { wrap_info = new { token = Tokens.Wrap(answer!, path), ttl = int.Parse(wrap.TrimEnd('s')), creation_path = path } };
        await Send(http, status, answer);
    }

    async Task LogIn(HttpContext http, string path, JsonElement body)
    {
        var words = body.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString() ?? "");
        await Send(http, Tokens.LogIn(path, words));
    }

    async Task<bool> Misbehave(HttpContext http, string path, VaultFault fault)
    {
        switch (fault)
        {
            case VaultFault.Sealed:
                await Send(http, 503, path == "sys/health" ? new { initialized = true, @sealed = true, version = "1.99.0-test" } : new { errors = new[] { "Vault is sealed" } });
                return true;
            case VaultFault.Throttled:
                http.Response.Headers.RetryAfter = "0";
                await Send(http, 429, new { errors = new[] { "request path \"secret/\": rate limit quota exceeded" } });
                return true;
            case VaultFault.Broken: await Send(http, 500, new { errors = new[] { "internal error: the value was s3cr3t-in-an-error" } }); return true;
            case VaultFault.Busy: await Send(http, 503, new { errors = new[] { "no leader" } }); return true;
            case VaultFault.Denied: await Send(http, 403, new { errors = new[] { "permission denied" } }); return true;
            case VaultFault.Redirects:
                http.Response.Headers.Location = "http://169.254.169.254/latest/meta-data/";
                await Send(http, 307, null);
                return true;
            case VaultFault.Malformed:
                http.Response.ContentType = "text/html";
                await http.Response.WriteAsync("<html>Bad gateway</html>");
                return true;
            case VaultFault.CutOff: http.Abort(); return true;
            case VaultFault.Slow: await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, http.RequestAborted); return true;
            default: return false;
        }
    }

    static async Task<JsonElement> Body(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var text = await reader.ReadToEndAsync();
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone();
    }

    static Task Send(HttpContext http, (int Status, object? Body) answer) => Send(http, answer.Status, answer.Body);

    static async Task Send(HttpContext http, int status, object? body)
    {
        http.Response.StatusCode = status;
        if (body is not null) await http.Response.WriteAsJsonAsync(body, new JsonSerializerOptions());
    }
}
