using System.Diagnostics;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Store;
using PenguinMails.Secrets.Vault;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>The contract, held by the store in PostgreSQL.</summary>
public sealed class SealedStoreTests(TestDatabase database) : StoreContract(database)
{
    protected override Task<ISecretStore> Store() => Task.FromResult(Database.Services.GetRequiredService<ISecretStore>());

    protected override async Task Nothing_is_left()
    {
        await using var tx = await Database.Db.Begin(Tenant, Ct);
        Assert.Equal(0, await tx.One("select count(*) from secrets.tenant_key where tenant_id = $1 and wrapped is not null", row => row.GetInt64(0), Ct, Tenant));
        Assert.Equal(0, await tx.One("select count(*) from secrets.secret_version where tenant_id = $1 and box is not null", row => row.GetInt64(0), Ct, Tenant));
    }
}

/// <summary>The contract, held over HTTP against a listener that speaks as Vault does.</summary>
public sealed class VaultStoreTests(TestDatabase database) : StoreContract(database), IAsyncLifetime
{
    VaultServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await VaultServer.Start();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    protected override Task<ISecretStore> Store() => Task.FromResult<ISecretStore>(Of(_server, Database.Db, TimeProvider.System));

    protected override Task Nothing_is_left()
    {
        Assert.Equal("{}", _server.Kv.Dump());
        return Task.CompletedTask;
    }

    internal static VaultStore Of(VaultServer server, TenantDb db, TimeProvider clock, VaultOptions? options = null)
    {
        var settings = options ?? new VaultOptions(server.Address, VaultAuth.Token) { Token = VaultServer.Root, AuthMount = "token", TimeoutSeconds = 2 };
        var wire = new VaultWire(settings, TimeProvider.System);
        return new VaultStore(new VaultClient(wire, new VaultSession(wire, settings, clock), clock), settings, db, clock);
    }
}

/// <summary>The contract, held against a real Vault or OpenBao in development mode, where one is on the PATH.</summary>
public sealed class RealVaultTests(TestDatabase database) : StoreContract(database), IAsyncLifetime
{
    const string Token = "dev-root-token-of-the-test";
    Process? _server;
    Uri? _address;

    static string? Program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').SelectMany(folder => new[] { "vault", "bao" }.Select(name => System.IO.Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Program is not { } program) return;
        using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        _address = new Uri($"http://127.0.0.1:{((System.Net.IPEndPoint)probe.LocalEndpoint).Port}");
        probe.Stop();
        _server = Process.Start(new ProcessStartInfo(program, ["server", "-dev", $"-dev-root-token-id={Token}", $"-dev-listen-address={_address.Authority}"]) { RedirectStandardOutput = true, RedirectStandardError = true });
        using var http = new HttpClient();
        for (var n = 0; n < 100; n++)
        {
            try
            {
                if (await http.GetFromJsonAsync<System.Text.Json.JsonElement>(new Uri(_address, "v1/sys/health"), Ct) is { ValueKind: System.Text.Json.JsonValueKind.Object }) return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _server?.Kill(entireProcessTree: true);
        _server?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Task<ISecretStore> Store()
    {
        Assert.SkipWhen(_address is null, "Neither vault nor bao is on the PATH; the contract ran against the listener only.");
        var settings = new VaultOptions(_address!, VaultAuth.Token) { Token = Token, AuthMount = "token" };
        var wire = new VaultWire(settings, TimeProvider.System);
        return Task.FromResult<ISecretStore>(new VaultStore(new VaultClient(wire, new VaultSession(wire, settings, TimeProvider.System), TimeProvider.System), settings, Database.Db, TimeProvider.System));
    }

    protected override async Task Nothing_is_left() => Assert.Equal("secret.shredded", (await (await Store()).List(Access, null, Ct)).Problem?.Code);
}
