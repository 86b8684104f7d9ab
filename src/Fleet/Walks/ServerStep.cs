using PenguinMails.Fleet.Servers;

namespace PenguinMails.Fleet.Walks;

/// <summary>The machine is there, shows the pinned key and is fit for a mail stack.</summary>
static class ServerStep
{
    static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);
    static readonly TimeSpan Ordered = TimeSpan.FromSeconds(5);

    public static async Task<StepOutcome> Run(WalkDesk desk, CancellationToken ct)
    {
        var found = await ListServers.One(desk.Actor, desk.Server, desk.Db, ct);
        if (found.Problem is { } missing) return StepOutcome.Of(missing);
        var server = found.Value;
        if (server.State is ServerState.Destroying or ServerState.Destroyed) return StepOutcome.Stopped("server.not_there", $"{server.HostName} is {Server.Word(server.State)}. Start anew with another server.");
        if (server.State == ServerState.Ordered) return StepOutcome.Waiting(server.Problem.Length > 0 ? server.Problem : $"{server.HostName} is ordered and not there yet.", Ordered);
        if (server.State != ServerState.Ready || server.CheckedAt is null || server.CheckedAt < desk.Now - Fresh)
        {
            await desk.Seen($"Logging in to {server.HostName}");
            var looked = await CheckServer.Handle(desk.Actor, server.Id, desk.Db, desk.Tools.Servers, desk.Clock, ct);
            if (looked.Problem is { } refused) return StepOutcome.Of(refused);
            server = looked.Value;
        }

        return server.State switch
        {
            ServerState.Ready => StepOutcome.Done(server.IsConnected ? $"The API of {server.HostName} answers." : $"{server.HostName} answers and shows the key {server.Fingerprint}."),
            ServerState.Booting when server.HostKind == "own" => StepOutcome.Customer($"{server.Problem} On the machine, run: {AddServer.Command(server.SshPublicKey)}", desk.Patience),
            ServerState.Booting or ServerState.Unreachable => StepOutcome.Waiting(server.Problem, desk.Patience),
            _ => StepOutcome.Stopped($"server.{Server.Word(server.State)}", server.Problem),
        };
    }
}
