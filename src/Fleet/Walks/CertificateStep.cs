namespace PenguinMails.Fleet.Walks;

/// <summary>The server's certificate comes from an authority, now that its name leads to it.</summary>
static class CertificateStep
{
    const string Want = "update fleet.server set has_certificate = true where tenant_id = $1 and id = $2 and not has_certificate";

    public static async Task<StepOutcome> Run(WalkDesk desk, CancellationToken ct)
    {
        var found = await Servers.ListServers.One(desk.Actor, desk.Server, desk.Db, ct);
        if (found is { IsOk: true, Value: { IsConnected: true } connected }) return StepOutcome.Done($"{connected.HostName} keeps its certificate itself.");
        await using (var tx = await desk.Db.Begin(desk.Actor.Tenant, ct))
        {
            await tx.Execute(Want, ct, desk.Actor.Tenant, desk.Server);
            await tx.Commit(ct);
        }

        await desk.Seen($"Asking {desk.Tools.Acme.Directory.Host} for a certificate");
        return await StackStep.Run(desk, $"The server has a certificate from {desk.Tools.Acme.Directory.Host}, renewed by itself.", ct);
    }
}
