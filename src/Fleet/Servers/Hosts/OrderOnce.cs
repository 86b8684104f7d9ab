using PenguinMails.Core;

namespace PenguinMails.Fleet.Servers.Hosts;

/// <summary>Buys one server for a wish, whatever happens to the answers: looks before, looks after every doubt, and gives back what is too many.</summary>
static class OrderOnce
{
    /// <summary>The server of the wish, or why there is none yet. May be called again and again.</summary>
    public static async Task<Result<HostedServer>> Run(IServerHost host, ServerWish wish, CancellationToken ct)
    {
        var before = await Kept(host, wish.Id, ct);
        if (before is not { IsOk: true, Value.State: HostedState.Gone }) return before;
        var made = await host.Create(wish, ct);
        if (made.Problem is not { } problem || !IsDoubtful(problem)) return made;
        var after = await Kept(host, wish.Id, ct);
        return after is { IsOk: true, Value.State: not HostedState.Gone } ? after : problem;
    }

    /// <summary>The oldest server of the wish; those after it are given back. Gone when there is none.</summary>
    public static async Task<Result<HostedServer>> Kept(IServerHost host, Guid wish, CancellationToken ct)
    {
        var found = await host.Wished(wish, ct);
        if (found.Problem is { } problem) return problem;
        if (found.Value.Count == 0) return HostedServer.Gone;
        // Two orders can both have been taken when the answer to the first came too late: the wish is for one.
        foreach (var surplus in found.Value.Skip(1))
        {
            if ((await host.Destroy(surplus.Ref, ct)).Problem is { } refused) return refused;
        }

        return found.Value[0];
    }

    // Of these nobody knows whether the order was taken. A name that is taken already is a refusal of this sort, too.
    static bool IsDoubtful(Problem problem) => problem.Code is "server.host_silent" or "server.host_unreachable" or "server.host_failed" or "server.host_unclear" or "server.host_refused";
}
