using System.Globalization;

namespace PenguinMails.Mail.Imap;

/// <summary>What an earlier session knew of a folder, to hear only of what changed since (QRESYNC, RFC 7162 3.2.5).</summary>
/// <param name="ModSeq">At least 1.</param>
public sealed record ImapKnown(uint UidValidity, ulong ModSeq);

/// <summary>A folder that was just selected (RFC 9051 6.3.2).</summary>
/// <param name="UidValidity">Identifiers mean the same messages as long as this stays; 0 when the server keeps no lasting identifiers.</param>
/// <param name="UidNext">What the next message will be given at least; null where not told. A hint only.</param>
/// <param name="Exists">Messages in it.</param>
/// <param name="HighestModSeq">Null without CONDSTORE (RFC 7162 3.1.2.1).</param>
/// <param name="IsReadOnly">The server lets nothing be changed, or EXAMINE was asked for.</param>
/// <param name="Vanished">Gone since <see cref="ImapKnown"/>; may name ones never known.</param>
/// <param name="Changed">Messages whose flags changed since, or that are new.</param>
public sealed record ImapFolderState(
    string Name, uint UidValidity, uint? UidNext, uint Exists, ulong? HighestModSeq, bool IsReadOnly, ImapUidSet Vanished, IReadOnlyList<ImapFetched> Changed)
{
    const int ChangedMax = 100_000;

    /// <summary>Takes one response to SELECT in.</summary>
    internal ImapFolderState With(ImapResponse response, List<ImapFetched> changed)
    {
        // RFC 7162 3.2.11: what came before CLOSED was about the folder selected before.
        if (response.Code == "CLOSED")
        {
            changed.Clear();
            return new ImapFolderState(Name, 0, null, 0, null, IsReadOnly, ImapUidSet.Empty, Changed);
        }
        if (response is { Word: "EXISTS", Number: { } count }) return this with { Exists = count };
        if (response is { Word: "EXPUNGE" }) return this with { Exists = Exists > 0 ? Exists - 1 : 0 };
        if (response.Word == "VANISHED") return this with { Vanished = ImapConnection.Vanished(response) };
        if (response.Word == "FETCH" && changed.Count < ChangedMax && ImapFetched.Read(response) is { Uid: > 0 } fetched) changed.Add(fetched);
        return response.Code switch
        {
            "UIDVALIDITY" => this with { UidValidity = (uint)(Number(response) is <= uint.MaxValue and var number ? number : 0) },
            "UIDNEXT" => this with { UidNext = Number(response) is > 0 and <= uint.MaxValue and var number ? (uint)number : null },
            "HIGHESTMODSEQ" => this with { HighestModSeq = Number(response) is > 0 and var number ? number : null },
            "NOMODSEQ" => this with { HighestModSeq = null },
            "UIDNOTSTICKY" => this with { UidValidity = 0 }, // RFC 4315 2.
            "READ-ONLY" => this with { IsReadOnly = true },
            _ => this,
        };
    }

    static ulong Number(ImapResponse response) => ulong.TryParse(response.CodeText, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <summary>What a server tells unasked about the selected folder.</summary>
public enum ImapChangeKind
{
    /// <summary>The number of messages; more than before when some are new.</summary>
    Exists,

    /// <summary>A message went away.</summary>
    Expunged,

    /// <summary>Flags changed.</summary>
    Flags,
}

/// <param name="Number">The count, or the message's position, counted from 1; 0 where several went away at once.</param>
public sealed record ImapChange(ImapChangeKind Kind, uint Number);

/// <summary>A folder as LIST has it.</summary>
/// <param name="Name">Decoded from modified UTF-7 where the server speaks that.</param>
/// <param name="Delimiter">Between levels of the name; null for a flat one.</param>
/// <param name="Flags">With their backslashes, as the server writes them.</param>
public sealed record ImapListed(string Name, char? Delimiter, IReadOnlyList<string> Flags)
{
    static readonly string[] Uses = ["\\Sent", "\\Junk", "\\Trash", "\\Drafts", "\\Archive", "\\All", "\\Flagged"];

    /// <summary>Special use without backslash (RFC 6154), Junk also where a server says Spam; null for none.</summary>
    public string? Use => Array.Find(Uses, known => Flags.Contains(known, StringComparer.OrdinalIgnoreCase))?[1..] ?? (Flags.Contains("\\Spam", StringComparer.OrdinalIgnoreCase) ? "Junk" : null);

    /// <summary>False for a mere level of names.</summary>
    public bool IsSelectable => !Flags.Contains("\\Noselect", StringComparer.OrdinalIgnoreCase) && !Flags.Contains("\\NonExistent", StringComparer.OrdinalIgnoreCase);
}
