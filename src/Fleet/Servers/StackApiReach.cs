using System.Security.Cryptography;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Stacks.Connected;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Servers;

/// <summary>The way to the API of a connected mail server. Its token lies in the secret store with the key of our marks, and goes nowhere but into a header.</summary>
static class StackApiReach
{
    const string TokenField = "token", MarkField = "mark_key";
    const int MarkKeyOctets = 32, TokenLengthMax = 500, UrlLengthMax = 300;

    /// <summary>Null when it can be a token.</summary>
    public static Problem? TokenFault(string token) => token.Length is 0 or > TokenLengthMax || token.AsSpan().ContainsAnyExceptInRange('!', '~')
        ? Problem.Invalid("server.token_invalid", new FieldProblem("token", $"Give the API token: printable characters without spaces, at most {TokenLengthMax}.")) : null;

    /// <summary>An address whose API may be asked: https, or http to a host of the networks that are allowed, where nobody listens in between.</summary>
    public static async Task<Result<Uri>> Address(string text, Outbound outbound, CancellationToken ct)
    {
        if (text.Length > UrlLengthMax || !Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            return ServerInput.Wrong("url", "Give the address of its web interface, such as https://mail.example.com, without a name, a password or a question mark in it.");
        if (url.Scheme == "https") return url;
        try
        {
            return Outbound.IsReserved(await outbound.Find(url.IdnHost.Trim('[', ']'), ct)) ? url
                : ServerInput.Wrong("url", "Use https: over http the token could be read on its way.");
        }
        catch (OutboundRefused refused)
        {
            return new Problem(ProblemKind.Conflict, "stack.host_unreachable", refused.Message);
        }
    }

    /// <summary>A key of marks for a server that is connected for the first time.</summary>
    public static string NewMarkKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(MarkKeyOctets));

    public static Task<Result<int>> Keep(ServerReach reach, Actor actor, ServerId id, string token, string markKey, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        KeepSecret.Handle(new SecretAccess(actor, "mail server connected", "servers"), Server.TokenPath(id), SecretFields.Of((TokenField, token), (MarkField, markKey)), null, RotationKinds.ApiKey, reach.Store, db, clock, ct);

    /// <summary>What answers there now, asked with the token that is kept. Refuses with <c>stack.changed</c> when it is another mail server.</summary>
    public static async Task<Result<StackSeen>> See(ServerReach reach, Actor actor, Server server, string reason, CancellationToken ct)
    {
        var access = await Access(reach, actor, server, reason, ct);
        return access.Problem is { } closed ? closed : await See(reach, server, access.Value.Token, ct);
    }

    /// <summary>The same with a given token.</summary>
    public static async Task<Result<StackSeen>> See(ServerReach reach, Server server, string token, CancellationToken ct)
    {
        var address = await Address(server.StackUrl ?? "", reach.Outbound, ct);
        if (address.Problem is { } unsafely) return unsafely;
        var seen = await StackApis.Detect(address.Value, token, reach.Outbound, reach.Hosts.Timeout, ct);
        if (seen.Problem is { } silent) return silent;
        return seen.Value.Kind == server.StackKind ? seen
            : new Problem(ProblemKind.Conflict, "stack.changed", $"{StackApis.NameOf(seen.Value.Kind)} answers at {address.Value.Host} now, where {StackApis.NameOf(server.StackKind ?? "")} was connected. Nothing is done there. Let this server go and connect the new one.");
    }

    public static async Task<Result<(IStackApi Api, StackMarks Marks)>> Open(ServerReach reach, Actor actor, Server server, string reason, CancellationToken ct)
    {
        if (server is not { State: ServerState.Ready or ServerState.Unreachable, StackKind: { } kind })
            return new Problem(ProblemKind.Conflict, "server.not_ready", $"{server.HostName} is {Server.Word(server.State)}. {server.Problem} Check it again once that is put right.");
        var access = await Access(reach, actor, server, reason, ct);
        if (access.Problem is { } closed) return closed;
        var address = await Address(server.StackUrl ?? "", reach.Outbound, ct);
        if (address.Problem is { } unsafely) return unsafely;
        var opened = await StackApis.Open(kind, server.StackVersion, access.Value, reach.Outbound, reach.Hosts.Timeout, ct);
        return opened.Match<Result<(IStackApi, StackMarks)>>(api => (api, new StackMarks(access.Value.Owner, access.Value.MarkKey)), refused => refused);
    }

    /// <summary>The key of the marks as it is kept, to be kept again with another token.</summary>
    public static async Task<Result<string>> MarkKey(ServerReach reach, Actor actor, Server server, CancellationToken ct) =>
        (await Access(reach, actor, server, "new token of a mail server", ct)).Match<Result<string>>(access => Convert.ToBase64String(access.MarkKey), problem => problem);

    static async Task<Result<StackAccess>> Access(ServerReach reach, Actor actor, Server server, string reason, CancellationToken ct)
    {
        var read = await reach.Store.Get(new SecretAccess(actor, reason, "servers"), Server.TokenPath(server.Id), null, ct);
        if (read.Problem is { } closed) return closed;
        var root = new Uri(server.StackUrl ?? "");
        return new StackAccess(root, read.Value.Fields[TokenField] ?? "", Convert.FromBase64String(read.Value.Fields[MarkField] ?? ""), StackAccess.OwnerOf(actor.Tenant, server.WorkspaceId, root));
    }
}
