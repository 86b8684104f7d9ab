using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;
using PenguinMails.Fleet.Stacks.Mailu;
using PenguinMails.Fleet.Stacks.Stalwart;

namespace PenguinMails.Fleet.Stacks.Connected;

/// <summary>How the API of a mail server is reached.</summary>
/// <param name="Root">Every path is below it; ends with a slash.</param>
/// <param name="MarkKey">Keys the digests of passwords in our marks; at least 16 octets.</param>
/// <param name="Owner">See <see cref="StackMarks"/>.</param>
sealed record StackAccess(Uri Root, string Token, byte[] MarkKey, string Owner)
{
    const int OwnerLength = 12;

    public override string ToString() => Root.Host;

    /// <summary>The same for the same server in the same workspace, also when it was let go and connected again.</summary>
    public static string OwnerOf(TenantId tenant, WorkspaceId workspace, Uri root) =>
        "pm-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant.Value:N}/{workspace.Value:N}/{root.AbsoluteUri}")))[..OwnerLength];
}

/// <summary>What answers at an address.</summary>
/// <param name="Kind">mailu or stalwart.</param>
/// <param name="Version">Of the API: 1 for Mailu; "0.16 or later" or "up to 0.15" for Stalwart.</param>
/// <param name="Root">Where its API begins.</param>
sealed record StackSeen(string Kind, string Version, Uri Root);

/// <summary>Finds out which mail server answers, and opens it.</summary>
static class StackApis
{
    public const string Mailu = "mailu", Stalwart = "stalwart", Registry = "0.16 or later", Rest = "up to 0.15";

    static readonly string[] Asides = ["api/v1/", "v1/", "api/"];

    /// <summary>Asks in turn for what only one of them has. Refuses with <c>stack.unknown</c>, <c>stack.credential_refused</c>, or as the connection does.</summary>
    public static async Task<Result<StackSeen>> Detect(Uri given, string token, Outbound outbound, TimeSpan timeout, CancellationToken ct)
    {
        var root = Base(given);
        using var api = Call(root, token, outbound, timeout);
        var session = await api.Send(HttpMethod.Get, "jmap/session", null, ct);
        if (IsSession(session)) return HasRegistry(session.Value) ? new StackSeen(Stalwart, Registry, root) : await OfRest(api, root, ct);
        if (session.Problem is { } silent && Stops(silent)) return silent;
        var mailu = given.AbsolutePath.TrimEnd('/').EndsWith("/v1", StringComparison.Ordinal) ? new Uri(given.AbsoluteUri.TrimEnd('/') + "/") : new Uri(root, "api/v1/");
        using var other = Call(mailu, token, outbound, timeout);
        var domains = await other.Send(HttpMethod.Get, "domain", null, ct);
        if (domains is { IsOk: true, Value.ValueKind: JsonValueKind.Array }) return new StackSeen(Mailu, "1", mailu);
        if (domains.Problem is { } lost && (Stops(lost) || lost.Code == "stack.credential_refused")) return lost;
        return session.Problem is { Code: "stack.credential_refused" } ? session.Problem : new Problem(ProblemKind.Conflict, "stack.unknown", $"Neither Mailu nor Stalwart answers at {root.Host} with its API. Mailu needs API=true and an API_TOKEN; give the address of the web interface, such as https://mail.example.com.");
    }

    public static StackAbilities AbilitiesOf(string kind, string? version) => kind == Mailu ? StackAbilities.Mailu : version == Rest ? StackAbilities.StalwartRest : StackAbilities.StalwartRegistry;

    public static string NameOf(string kind) => kind == Mailu ? "Mailu" : "Stalwart";

    /// <summary>Refuses when it does not answer as what it was. Dispose it.</summary>
    public static async Task<Result<IStackApi>> Open(string kind, string? version, StackAccess access, Outbound outbound, TimeSpan timeout, CancellationToken ct)
    {
        var (api, marks) = (Call(access.Root, access.Token, outbound, timeout), new StackMarks(access.Owner, access.MarkKey));
        if (kind == Mailu) return Result<IStackApi>.Of(new MailuApi(api));
        if (version == Rest) return Result<IStackApi>.Of(new StalwartRestApi(new StalwartRest(api), marks));
        var session = await api.Send(HttpMethod.Get, "jmap/session", null, ct);
        if (IsSession(session) && HasRegistry(session.Value) && Account(session.Value) is { } account) return Result<IStackApi>.Of(new StalwartRegistryApi(new StalwartRegistry(api, account), marks));
        var problem = session.Problem ?? api.Unclear;
        api.Dispose();
        return problem;
    }

    static async Task<Result<StackSeen>> OfRest(ApiCall api, Uri root, CancellationToken ct)
    {
        var answer = await api.Send(HttpMethod.Get, "api/principal?types=domain&page=1&limit=1", null, ct);
        if (answer.Problem is { } problem) return problem.Code == "stack.host_missing" ? api.Unclear : problem;
        if (ApiJson.Part(answer.Value, "data") is { ValueKind: JsonValueKind.Object }) return new StackSeen(Stalwart, Rest, root);
        return ApiJson.Text(answer.Value, "error") is { } error ? api.Refusal(error) : api.Unclear;
    }

    static ApiCall Call(Uri root, string token, Outbound outbound, TimeSpan timeout) => new(root, root.Host, ("Authorization", "Bearer " + token), token, ApiWords.Stacks, outbound, timeout);

    static bool IsSession(Result<JsonElement> answer) => answer.IsOk && ApiJson.Part(answer.Value, "capabilities") is { ValueKind: JsonValueKind.Object } && ApiJson.Part(answer.Value, "accounts") is { ValueKind: JsonValueKind.Object };

    // A failure of the connection or of the server is no answer about what it is.
    static bool Stops(Problem problem) => problem is { Code: "stack.host_unreachable" or "stack.host_silent" or "stack.host_busy" or "stack.host_failed" };

    // Some servers announce it for the account only.
    static bool HasRegistry(JsonElement session) => ApiJson.Part(session, "capabilities") is { } all && (ApiJson.Part(all, "urn:stalwart:jmap") is not null
        || (ApiJson.Part(session, "accounts") is { } accounts && accounts.EnumerateObject().Any(one => ApiJson.Part(one.Value, "accountCapabilities") is { } own && ApiJson.Part(own, "urn:stalwart:jmap") is not null)));

    static string? Account(JsonElement session) =>
        (ApiJson.Part(session, "primaryAccounts") is { } first ? ApiJson.Text(first, "urn:stalwart:jmap") ?? ApiJson.Text(first, "urn:ietf:params:jmap:core") ?? ApiJson.Text(first, "urn:ietf:params:jmap:mail") : null)
        ?? (ApiJson.Part(session, "accounts") is { ValueKind: JsonValueKind.Object } accounts ? accounts.EnumerateObject().Select(one => one.Name).FirstOrDefault() : null);

    static Uri Base(Uri given)
    {
        var path = given.AbsolutePath.TrimEnd('/') + "/";
        foreach (var aside in Asides)
            if (path.EndsWith("/" + aside, StringComparison.Ordinal)) path = path[..^aside.Length];
        return new Uri(new Uri(given.GetLeftPart(UriPartial.Authority)), path);
    }
}
