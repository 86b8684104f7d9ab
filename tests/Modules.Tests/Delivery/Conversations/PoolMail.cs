using System.Collections.Concurrent;
using System.Text;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery.Conversations;

/// <content>What lies in the mailboxes, straight at the server.</content>
sealed partial class PoolWorld
{
    readonly ConcurrentDictionary<string, bool> _isJunk = new();
    readonly ConcurrentDictionary<string, int> _numbers = new();

    async ValueTask<SmtpAnswer> Deliver(SmtpDelivery delivery, CancellationToken ct)
    {
        var raw = Encoding.UTF8.GetString(delivery.Message.Span);
        var user = delivery.Recipients[0].Local;
        await Put(user, IsJunk(_numbers.AddOrUpdate(user, 1, (_, number) => number + 1)) ? "Junk" : "INBOX", raw, ct);
        Delivered.Add(raw);
        return SmtpAnswer.Ok;
    }

    public async Task Put(string user, string folder, string raw, CancellationToken ct)
    {
        await using var mailbox = await Open(user);
        await mailbox.Append(folder, Encoding.UTF8.GetBytes(raw.ReplaceLineEndings("\r\n")), [], null, ct);
        if (folder == "Junk") _isJunk[IdOf(raw)] = true;
        await mailbox.LogOut(ct);
    }

    /// <summary>Whether the filter put it into Junk.</summary>
    public bool WasJunk(string id) => _isJunk.ContainsKey(id);

    /// <summary>The first identifier of a field, which may be folded.</summary>
    public static string IdOf(string raw, string field = "Message-ID") => raw.Split($"\n{field}:")[1].Split('<')[1].Split('>')[0];

    /// <summary>Message-IDs and flags of all that lies in a folder; empty when there is no such folder.</summary>
    public async Task<List<(string Id, IReadOnlyList<string> Flags)>> Folder(string user, string folder)
    {
        await using var mailbox = await Open(user);
        var all = new List<(string, IReadOnlyList<string>)>();
        if ((await mailbox.Select(folder, readOnly: true, null, Ct)).Value is null) return all;
        await mailbox.Fetch(ImapUidSet.From(1), new ImapFetch { Flags = true, Sections = [ImapSection.Fields("Message-ID")] }, (one, _) =>
        {
            all.Add(((ImapFingerprint.Of(one).MessageId ?? "").Trim('<', '>'), one.Flags ?? []));
            return ValueTask.CompletedTask;
        }, Ct);
        return all;
    }

    async Task<ImapConnection> Open(string user) => (await ImapConnection.Open(Dovecot.Options(TlsPolicy.None, user), SmtpConnectors.Direct, TimeProvider.System, Ct)).Connection ?? throw new InvalidOperationException(Dovecot.Process.Logs());
}
