using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Imap;

namespace PenguinMails.Delivery.Evidence;

/// <summary>Looks for the copy that a provider keeps by itself of what is sent through it (Google and Microsoft do), by Message-ID.</summary>
/// <remarks>A copy proves that the message was taken. That there is none proves nothing: copies come late, people delete them, and many providers keep none.</remarks>
static class SentFolder
{
    const int SectionBytesMax = 64 << 10;
    const int FoldersMax = 3;
    static readonly TimeSpan Whole = TimeSpan.FromSeconds(60);
    static readonly string[] Names = ["Sent", "Sent Items", "Sent Mail", "Sent Messages"];

    /// <returns>Null when the mailbox has no IMAP side.</returns>
    public static async Task<Finding?> Ask(TenantId tenant, MailboxId mailbox, string token, TenantDb db, MailboxSecrets secrets, Outbound outbound, TimeProvider clock, CancellationToken ct)
    {
        using var whole = new CancellationTokenSource(Whole, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(whole.Token, ct);
        try
        {
            var opened = await OpenCollection.Handle(tenant, mailbox, SectionBytesMax, db, secrets, outbound, clock, either.Token);
            if (opened.Problem is { Code: "mailbox.no_imap" }) return null;
            if (opened.Problem is { } closed) return NotReadable($"The Sent folder could not be opened: {closed.Code}.");
            if (opened.Value.Connection is not { } connection) return NotReadable("The IMAP server did not let us in.");
            await using var _ = connection;
            return await Look(connection, token, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return NotReadable($"The IMAP server took longer than {Whole.TotalSeconds:0} s.");
        }
        catch (OutboundRefused)
        {
            return NotReadable("The IMAP server may not be reached from here.");
        }
    }

    static async Task<Finding> Look(ImapConnection connection, string token, CancellationToken ct)
    {
        var listed = await connection.List(ct);
        if (listed.Value is not { } all) return NotReadable("The IMAP server did not list its folders.");
        var open = all.Where(folder => folder.IsSelectable).ToList();
        var sent = open.FindAll(folder => folder.Use == "Sent");
        if (sent.Count == 0) sent = open.FindAll(folder => Names.Contains(folder.Name, StringComparer.OrdinalIgnoreCase));
        if (sent.Count == 0) return new(EvidenceBook.SentFolder, FindingVerdict.Nothing, "The mailbox has no Sent folder.");
        foreach (var folder in sent.Take(FoldersMax))
        {
            if ((await connection.Select(folder.Name, readOnly: true, null, ct)).Value is null) return NotReadable($"The folder {folder.Name} could not be opened.");
            var found = await connection.Search(ImapCriteria.Header("Message-ID", token), ct);
            if (found.Value is not { } uids) return NotReadable($"The folder {folder.Name} could not be searched.");
            if (!uids.IsEmpty) return new(EvidenceBook.SentFolder, FindingVerdict.Accepted, $"The provider keeps a copy of it in {folder.Name}.");
        }

        await connection.LogOut(ct);
        return new(EvidenceBook.SentFolder, FindingVerdict.Nothing, $"No copy of it in {string.Join(", ", sent.Take(FoldersMax).Select(folder => folder.Name))}, which proves nothing.");
    }

    static Finding NotReadable(string detail) => new(EvidenceBook.SentFolder, FindingVerdict.NotReadable, detail);
}
