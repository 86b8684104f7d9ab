using System.Net;
using PenguinMails.Core;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Fleet.Stacks.Connected;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>A plan, and a run of it against one of the listeners.</summary>
static class ConnectedRun
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static StackPeer Peer(string kind) => kind switch { "mailu" => new MailuPeer(), "registry" => new StalwartRegistryPeer(), _ => new StalwartRestPeer() };

    public static Task<IStackApi> Open(string kind, StackPeer peer) => kind == "mailu" ? peer.Open("mailu", "1") : peer.Open("stalwart", kind == "registry" ? StackApis.Registry : StackApis.Rest);

    public static StackPlan Plan => new("mail.example.com", [new(IPAddress.Parse("203.0.113.10"), "mail.example.com")],
        [new("example.com", [new("s1", StackExample.Key)]), new("example.org", [new("s1", StackExample.Key)])],
        [new("alice@example.com", ["correct horse"], 1_000_000_000, 40, null), new("bob@example.com", ["tr0ub4dor"], 0, 20, null), new("carol@example.org", ["zebra: 'crossing' \"$x\""], 5_000_000, 10, null)],
        [new("info@example.com", ["alice@example.com", "bob@example.com"])], new StackCertificate.SelfSigned());

    public static async Task<Result<StackChanges>> Apply(string kind, StackPeer peer, StackPlan plan)
    {
        using var api = await Open(kind, peer);
        return await new ConnectedStack(api, StackPeer.Marks, TimeProvider.System).Apply(plan, _ => ValueTask.CompletedTask, Ct);
    }

    public static async Task<Result<StackChanges>> Compare(string kind, StackPeer peer, StackPlan plan)
    {
        using var api = await Open(kind, peer);
        return await new ConnectedStack(api, StackPeer.Marks, TimeProvider.System).Compare(plan, Ct);
    }
}
