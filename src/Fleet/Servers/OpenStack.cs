using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers.Ssh;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Fleet.Stacks.Connected;
using PenguinMails.Fleet.Stacks.Native;

namespace PenguinMails.Fleet.Servers;

/// <summary>The mail stack of a server, open: over SSH on a machine, or through the API of a mail server that somebody runs already.</summary>
sealed class OpenStack : IAsyncDisposable
{
    readonly SshSession? _session;
    readonly IStackApi? _api;

    OpenStack(IMailStack stack, SshSession? session, IStackApi? api) => (Stack, _session, _api) = (stack, session, api);

    public IMailStack Stack { get; }

    /// <param name="reason">3 to 300 characters; stands in the access log of the key or token.</param>
    /// <remarks>Refuses as <see cref="ServerReach"/> does, and for a connected server with <c>server.not_ready</c> or <c>stack.*</c>.</remarks>
    public static async Task<Result<OpenStack>> Of(ServerReach reach, Actor actor, HostedMail wanted, string reason, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (wanted.Server.IsConnected)
        {
            var opened = await StackApiReach.Open(reach, actor, wanted.Server, reason, ct);
            return opened.Match<Result<OpenStack>>(found => new OpenStack(new ConnectedStack(found.Api, found.Marks, clock), null, found.Api), refused => refused);
        }

        var session = await reach.Open(actor, wanted.Server, reason, db, clock, ct);
        return session.Match<Result<OpenStack>>(open => new OpenStack(new NativeStack(open, wanted.Way), open, null), refused => refused);
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        if (_session is not null) await _session.DisposeAsync();
    }
}
