using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PenguinMails.Accounts;
using PenguinMails.Accounts.Http;
using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Accounts;

/// <summary>The module's routes and middleware behind a real Kestrel on loopback.</summary>
sealed class ApiHost : IAsyncDisposable
{
    readonly WebApplication _app;

    ApiHost(WebApplication app, HttpClient client) => (_app, Client) = (app, client);

    public HttpClient Client { get; }

    public static async Task<ApiHost> Start(AccountsWorld world, AccountsOptions? options = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.ConfigureHttpJsonOptions(json => Json.Configure(json.SerializerOptions));
        builder.Services.AddSingleton<TimeProvider>(world.Clock);
        builder.Services.AddSingleton(world.Db);
        builder.Services.AddSingleton(new MasterKey(new byte[32]));
        builder.Services.AddSingleton(world.Web);
        builder.Services.AddSingleton(options ?? new AccountsOptions { PasswordIterations = 1000 });
        AccountsModule.Module.Services(builder.Services);
        var app = builder.Build();
        app.UseRouting();
        app.UseActors();
        app.UseRateLimits();
        app.UseIdempotency();
        AccountsModule.Module.Routes(app.MapGroup("/api/v1"));
        app.MapGet("/page", (CurrentActor current) => current.Person?.DisplayName ?? "stranger");
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new ApiHost(app, new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(address) });
    }

    public async Task<Answer> Send(HttpMethod method, string path, string? json = null, string? bearer = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        var found = response.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), found);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    public sealed record Answer(int Status, string? Type, string Body, Dictionary<string, string> Headers)
    {
        /// <summary>The problem's code; null for another answer.</summary>
        public string? Code => Type == "application/problem+json" ? Member("code") : null;

        public string? Member(string name) => JsonDocument.Parse(Body).RootElement.GetProperty(name).GetString();
    }
}
