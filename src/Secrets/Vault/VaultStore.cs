using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Accesses;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Vault;

/// <summary>Secrets in a KV version 2 engine of HashiCorp Vault or OpenBao, each tenant in a folder of its own. Names and version numbers are mirrored, so that pages can list them.</summary>
/// <remarks>The audit line is committed before Vault is asked: no access without its line. A refusal gets a second line.</remarks>
sealed class VaultStore(VaultClient client, VaultOptions options, TenantDb db, TimeProvider clock) : ISecretStore
{
    internal const string StoreName = "vault";

    public Task<Result<int>> Put(SecretAccess access, SecretPath path, SecretFields fields, int? expected, CancellationToken ct) =>
        Logged<int>(access, AccessVerb.Written, path.Text, null, async () =>
        {
            var settings = expected is { } cas ? new Dictionary<string, int> { ["cas"] = cas } : [];
            var answered = await client.Call(new VaultCall(HttpMethod.Post, At("data", access.Tenant, path.Text), new Dictionary<string, object> { ["options"] = settings, ["data"] = fields.Reveal() }), ct);
            if (answered.Problem is { } problem) return problem;
            if (!answered.Value.IsOk) return answered.Value.Refusal(expected);
            if (answered.Value.Number("data", "version") is not { } version) return Unreadable;
            await VaultMirror.Written(db, access.Tenant, path, version, clock.GetUtcNow(), ct);
            return version;
        }, ct);

    public Task<Result<Secret>> Get(SecretAccess access, SecretPath path, int? version, CancellationToken ct) =>
        Logged<Secret>(access, AccessVerb.Read, path.Text, version, async () =>
        {
            var answered = await client.Call(Reading(access.Tenant, path, version), ct);
            return answered.Match(answer => VaultReading.Secret(answer, path), problem => problem);
        }, ct);

    public Task<Result<SecretDescription>> Describe(SecretAccess access, SecretPath path, CancellationToken ct) =>
        Logged<SecretDescription>(access, AccessVerb.Described, path.Text, null, async () =>
        {
            var answered = await client.Call(new VaultCall(HttpMethod.Get, At("metadata", access.Tenant, path.Text), IsRepeatable: true), ct);
            return answered.Match(answer => answer.IsOk ? VaultReading.Description(answer, path) : answer.Refusal(), problem => problem);
        }, ct);

    public Task<Result<IReadOnlyList<string>>> List(SecretAccess access, SecretPath? folder, CancellationToken ct) =>
        Logged<IReadOnlyList<string>>(access, AccessVerb.Listed, folder?.Text ?? "", null, async () =>
        {
            var names = await Names(access.Tenant, folder?.Text ?? "", ct);
            return names.Match<Result<IReadOnlyList<string>>>(found => Result<IReadOnlyList<string>>.Of(found), problem => problem);
        }, ct);

    public Task<Result<Done>> Delete(SecretAccess access, SecretPath path, int version, CancellationToken ct) => Mark(access, AccessVerb.Deleted, "delete", path, version, ct);

    public Task<Result<Done>> Undelete(SecretAccess access, SecretPath path, int version, CancellationToken ct) => Mark(access, AccessVerb.Undeleted, "undelete", path, version, ct);

    public Task<Result<Done>> Destroy(SecretAccess access, SecretPath path, int version, CancellationToken ct) => Mark(access, AccessVerb.Destroyed, "destroy", path, version, ct);

    public Task<Result<Done>> Remove(SecretAccess access, SecretPath path, CancellationToken ct) => Logged<Done>(access, AccessVerb.Removed, path.Text, null, async () =>
    {
        if (await Erase(access.Tenant, path.Text, ct) is { } problem) return problem;
        await VaultMirror.Removed(db, access.Tenant, path, ct);
        return default(Done);
    }, ct);

    public Task<Result<Done>> Shred(SecretAccess access, CancellationToken ct) => Logged<Done>(access, AccessVerb.Shredded, "", null, async () =>
    {
        await VaultMirror.Shredded(db, access, clock.GetUtcNow(), ct); // First, so that nothing new is written while the old is taken away.
        return await EraseBelow(access.Tenant, "", 0, ct) is { } problem ? problem : default(Done);
    }, ct);

    public Task<Result<WrappedSecret>> Wrap(SecretAccess access, SecretPath path, int? version, TimeSpan life, CancellationToken ct) =>
        Logged<WrappedSecret>(access, AccessVerb.Wrapped, path.Text, version, async () =>
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(life, TimeSpan.FromSeconds(1));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(life, TimeSpan.FromHours(24));
            // A wrapped answer hides whether there was a value: it is looked at first.
            var plain = (await client.Call(Reading(access.Tenant, path, version), ct)).Match(answer => VaultReading.Secret(answer, path), problem => problem);
            if (plain.Problem is { } refused) return refused;
            var answered = await client.Call(Reading(access.Tenant, path, plain.Value.Version) with { WrapSeconds = (int)life.TotalSeconds }, ct);
            if (answered.Problem is { } problem) return problem;
            if (!answered.Value.IsOk) return answered.Value.Refusal();
            return answered.Value.Text("wrap_info", "token") is { } token ? new WrappedSecret(token, clock.GetUtcNow() + life) : Unreadable;
        }, ct);

    public Task<Result<SecretFields>> Unwrap(SecretAccess access, string token, CancellationToken ct) => Logged<SecretFields>(access, AccessVerb.Unwrapped, "", null, async () =>
    {
        // One log-in serves every tenant, so what the token was made for is asked before it is spent.
        var about = await client.Call(new VaultCall(HttpMethod.Post, "sys/wrapping/lookup", new { token }, IsRepeatable: true), ct);
        if (about.Problem is { } failed) return failed;
        if (about.Value.Text("data", "creation_path")?.StartsWith(At("data", access.Tenant, "") + "/", StringComparison.Ordinal) != true)
            return about.Value.IsOk || about.Value.Status is 400 or 403 or 404 ? SecretProblems.WrapInvalid : about.Value.Refusal();
        var answered = await client.Call(new VaultCall(HttpMethod.Post, "sys/wrapping/unwrap", new { token }), ct);
        if (answered.Problem is { } problem) return problem;
        return answered.Value.IsOk ? VaultReading.Fields(answered.Value) : answered.Value.Status is 400 or 404 ? SecretProblems.WrapInvalid : answered.Value.Refusal();
    }, ct);

    public Task<StoreHealth> Health(CancellationToken ct) => VaultHealth.Ask(client, options, ct);

    internal static readonly Problem Unreadable = SecretProblems.Unavailable("Vault answered without what was asked for. Check that PENGUIN__SECRETS__VAULT__MOUNT is a KV engine of version 2.");

    // The mark is a fact: making it twice is the same as once.
    Task<Result<Done>> Mark(SecretAccess access, AccessVerb verb, string word, SecretPath path, int version, CancellationToken ct) => Logged<Done>(access, verb, path.Text, version, async () =>
    {
        // Vault takes marks for versions that do not exist; here they are refused as the sealed store does.
        var described = await client.Call(new VaultCall(HttpMethod.Get, At("metadata", access.Tenant, path.Text), IsRepeatable: true), ct);
        if (described.Problem is { } failed) return failed;
        if (!described.Value.IsOk) return described.Value.Refusal();
        if (VaultReading.Description(described.Value, path).Match(found => found.Versions.FirstOrDefault(one => one.Version == version), _ => null) is not { } state) return SecretProblems.NotFound;
        if (verb == AccessVerb.Undeleted && state.IsDestroyed) return SecretProblems.Destroyed;
        var answered = await client.Call(new VaultCall(HttpMethod.Post, At(word, access.Tenant, path.Text), new { versions = new[] { version } }, IsRepeatable: true), ct);
        if (answered.Problem is { } problem) return problem;
        if (!answered.Value.IsOk) return answered.Value.Refusal();
        await VaultMirror.Marked(db, access.Tenant, path, version, verb, clock.GetUtcNow(), ct);
        return default(Done);
    }, ct);

    VaultCall Reading(TenantId tenant, SecretPath path, int? version) => new(HttpMethod.Get,
        At("data", tenant, path.Text) + (version is { } number ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"?version={number}") : ""), IsRepeatable: true);

    async Task<Result<List<string>>> Names(TenantId tenant, string folder, CancellationToken ct)
    {
        var answered = await client.Call(new VaultCall(HttpMethod.Get, At("metadata", tenant, folder) + "?list=true", IsRepeatable: true), ct);
        if (answered.Problem is { } problem) return problem;
        if (answered.Value.Status == 404) return new List<string>();
        if (!answered.Value.IsOk) return answered.Value.Refusal();
        var keys = answered.Value.At("data", "keys");
        return keys.ValueKind == JsonValueKind.Array
            ? keys.EnumerateArray().Where(key => key.ValueKind == JsonValueKind.String).Select(key => key.GetString() ?? "").Order(StringComparer.Ordinal).Take(1000).ToList()
            : Unreadable;
    }

    async Task<Problem?> Erase(TenantId tenant, string path, CancellationToken ct)
    {
        var answered = await client.Call(new VaultCall(HttpMethod.Delete, At("metadata", tenant, path), IsRepeatable: true), ct);
        return answered.Problem ?? (answered.Value.IsOk || answered.Value.Status == 404 ? null : answered.Value.Refusal());
    }

    async Task<Problem?> EraseBelow(TenantId tenant, string folder, int depth, CancellationToken ct)
    {
        while (true)
        {
            var names = await Names(tenant, folder, ct);
            if (names.Problem is { } problem) return problem;
            foreach (var name in names.Value)
            {
                var path = folder.Length == 0 ? name : $"{folder}/{name}";
                var failed = name.EndsWith('/') ? depth < 8 ? await EraseBelow(tenant, path.TrimEnd('/'), depth + 1, ct) : Unreadable : await Erase(tenant, path, ct);
                if (failed is not null) return failed;
            }

            if (names.Value.Count < 1000) return null;
        }
    }

    string At(string verb, TenantId tenant, string path) => $"{options.Mount}/{verb}/{options.Prefix}/{tenant.Value:N}{(path.Length == 0 ? "" : "/" + path)}";

    async Task<Result<T>> Logged<T>(SecretAccess access, AccessVerb verb, string path, int? version, Func<Task<Result<T>>> ask, CancellationToken ct)
    {
        if (!access.HasReason) return SecretProblems.ReasonMissing;
        if (await VaultMirror.Begin(db, access, verb, path, version, clock.GetUtcNow(), ct) is { } shredded) return shredded;
        var result = await ask();
        if (result.Problem is { } problem) await VaultMirror.Refused(db, access, verb, path, version, problem, clock.GetUtcNow(), ct);
        return result;
    }
}
