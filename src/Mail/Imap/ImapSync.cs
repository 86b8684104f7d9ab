namespace PenguinMails.Mail.Imap;

/// <summary>Hands over the new messages of a folder, each exactly once, across lost connections, crashes and identifiers given anew.</summary>
/// <remarks>It looks at what is there, never at UIDNEXT. A changed UIDVALIDITY makes it look at the whole folder again and ask for each message of the stock whether the owner has it.
/// A message that goes away before it was fetched is not handed over. Nothing on the server is changed (EXAMINE, BODY.PEEK).</remarks>
public static class ImapSync
{
    /// <summary>One pass over the folder.</summary>
    /// <param name="deliver">Called in ascending order of identifiers.</param>
    /// <exception cref="OperationCanceledException">By the caller; the state last handed to <paramref name="deliver"/> stands.</exception>
    public static async ValueTask<ImapSyncResult> Run(
        ImapConnection connection, ImapSyncState state, ImapSyncOptions options, ImapAlreadyHas alreadyHas, ImapDeliver deliver, CancellationToken ct)
    {
        var selected = await connection.Select(state.Folder, readOnly: true, null, ct).ConfigureAwait(false);
        if (selected.Value is not { } folder) return new ImapSyncResult(state, selected.Outcome, 0, false);
        if (ImapSyncPlan.Enter(state, folder) is not { } entered)
            return new ImapSyncResult(state, new ImapOutcome(ImapStage.Command, ImapKind.Unsupported, null, "The server keeps no lasting identifiers in this folder."), 0, false);
        var run = new ImapSyncRun(connection, entered, options, alreadyHas, deliver);
        var outcome = await run.Go(ct).ConfigureAwait(false);
        var isDone = outcome is null && !run.IsMore;
        var last = isDone ? run.State with { HighestModSeq = folder.HighestModSeq } : run.State;
        return new ImapSyncResult(last, outcome ?? new ImapOutcome(ImapStage.Command, ImapKind.Works, null, ""), run.Delivered, run.IsMore);
    }
}
