using PenguinMails.Accounts.Members;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Servers;

namespace PenguinMails.Web.Pages;

/// <summary>Names for ids on a page: people, API keys, mailboxes. Read once for a request, and only where a page asks.</summary>
sealed class Names(TenantDb db)
{
    Task<IReadOnlyDictionary<string, string>>? _actors;
    Task<IReadOnlyDictionary<string, string>>? _mailboxes;
    Task<IReadOnlyDictionary<string, string>>? _servers;

    /// <summary>Null for who has left, and where the reader may not see members.</summary>
    public async Task<string?> Actor(Actor reader, string id, CancellationToken ct) =>
        (await (_actors ??= Read(NameActors.Handle(reader, db, ct)))).GetValueOrDefault(id);

    /// <summary>The mailbox or server that a path such as <c>mailboxes/mbx_…/smtp</c> or <c>servers/srv_…/ssh</c> belongs to, and what the path says of it. Null for other paths.</summary>
    public async Task<string?> Path(Actor reader, string path, CancellationToken ct)
    {
        var parts = path.Split('/');
        if (parts is ["servers", var server, "ssh"]) return (await (_servers ??= Read(ListServers.Names(reader, db, ct)))).GetValueOrDefault(server) is { } host ? $"{host}, SSH" : null;
        if (parts is ["mailboxes", var owner, "app", _]) return (await (_mailboxes ??= Read(NameMailboxes.Handle(reader, db, ct)))).GetValueOrDefault(owner) is { } user ? $"{user}, app password" : null;
        if (parts is not ["mailboxes", var mailbox, var what]) return null;
        return (await (_mailboxes ??= Read(NameMailboxes.Handle(reader, db, ct)))).GetValueOrDefault(mailbox) is { } address ? $"{address}, {what.ToUpperInvariant()}" : null;
    }

    static async Task<IReadOnlyDictionary<string, string>> Read(Task<Result<IReadOnlyDictionary<string, string>>> names) =>
        (await names).Match(found => found, _ => new Dictionary<string, string>());
}
