using System.Text;

namespace PenguinMails.Mail.Imap;

/// <summary>The decisions of <see cref="ImapSync"/>, without a server: pure functions from state to state.</summary>
static class ImapSyncPlan
{
    /// <summary>What a folder's UIDVALIDITY means for the state; null when the server keeps no identifiers to resume by.</summary>
    public static ImapSyncState? Enter(ImapSyncState state, ImapFolderState folder)
    {
        if (folder.UidValidity == 0) return null;
        if (folder.UidValidity == state.UidValidity) return state;
        var entered = state with { UidValidity = folder.UidValidity, LastUid = 0, StockEnd = 0, HighestModSeq = null };
        // RFC 9051 2.3.1.1: all identifiers are void. Whoever never ran has nothing to recognise.
        return state.UidValidity == 0 ? entered : entered with { IsRecovering = true, LeavesStock = false };
    }

    /// <summary>Draws the line between stock and what comes later, once.</summary>
    /// <param name="uids">All above <see cref="ImapSyncState.LastUid"/>.</param>
    public static ImapSyncState Found(ImapSyncState state, ImapUidSet uids)
    {
        if (state.StockEnd > 0) return state;
        var end = uids.Max == uint.MaxValue ? uint.MaxValue : uids.Max + 1;
        var found = state with { StockEnd = end };
        return state.LeavesStock ? Passed(found with { LeavesStock = false }, uids.Max) : found;
    }

    public static bool IsStock(ImapSyncState state, uint uid) => uid < state.StockEnd;

    /// <summary>True when the policy leaves this message of the stock out.</summary>
    public static bool IsTooOld(ImapSyncState state, uint uid, DateTimeOffset? received) =>
        IsStock(state, uid) && state.Since is { } since && received is { } at && at < since;

    public static bool NeedsRecognition(ImapSyncState state, uint uid) => state.IsRecovering && IsStock(state, uid);

    /// <summary>Everything up to and with <paramref name="uid"/> is dealt with.</summary>
    public static ImapSyncState Passed(ImapSyncState state, uint uid)
    {
        var last = Math.Max(state.LastUid, uid);
        return state with { LastUid = last, IsRecovering = state.IsRecovering && (ulong)last + 1 < state.StockEnd };
    }

    /// <summary>The value of a lone Message-ID field, unfolded; null when there is none.</summary>
    public static string? MessageId(ReadOnlySpan<byte> field)
    {
        var colon = field.IndexOf((byte)':');
        if (colon < 0 || field.Length > 16 * 1024) return null;
        var text = Encoding.UTF8.GetString(field[(colon + 1)..]);
        var (open, close) = (text.IndexOf('<', StringComparison.Ordinal), text.IndexOf('>', StringComparison.Ordinal));
        var id = (open >= 0 && close > open ? text[open..(close + 1)] : text).Trim();
        return id.Length == 0 ? null : id;
    }
}
