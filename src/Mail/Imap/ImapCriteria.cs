using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Imap;

/// <summary>What a search asks for (RFC 9051 6.4.4), built from values: nothing a caller passes can become syntax.</summary>
public sealed class ImapCriteria
{
    readonly Action<ImapCommand> write;

    ImapCriteria(Action<ImapCommand> write, bool isAscii = true)
    {
        this.write = write;
        IsAscii = isAscii;
    }

    public static ImapCriteria All { get; } = Key("ALL");
    public static ImapCriteria Seen { get; } = Key("SEEN");
    public static ImapCriteria Unseen { get; } = Key("UNSEEN");
    public static ImapCriteria Answered { get; } = Key("ANSWERED");
    public static ImapCriteria Flagged { get; } = Key("FLAGGED");
    public static ImapCriteria Deleted { get; } = Key("DELETED");

    /// <summary>False when the search needs CHARSET UTF-8.</summary>
    internal bool IsAscii { get; }

    /// <summary>Received on this day or later, as the server's day goes, whatever its zone.</summary>
    public static ImapCriteria Since(DateOnly day) => Key("SINCE " + Day(day));

    /// <summary>Received before this day.</summary>
    public static ImapCriteria Before(DateOnly day) => Key("BEFORE " + Day(day));

    /// <summary>More octets than this.</summary>
    public static ImapCriteria Larger(uint octets) => Key(string.Create(CultureInfo.InvariantCulture, $"LARGER {octets}"));

    public static ImapCriteria Smaller(uint octets) => Key(string.Create(CultureInfo.InvariantCulture, $"SMALLER {octets}"));

    /// <summary>At most about 8000 octets of ranges: servers bound the line.</summary>
    public static ImapCriteria Uids(ImapUidSet uids) => uids.IsEmpty ? Not(All) : Key("UID " + uids);

    /// <summary>Changed after this modification sequence (RFC 7162 3.1.5).</summary>
    public static ImapCriteria ChangedSince(ulong modSeq) => Key(string.Create(CultureInfo.InvariantCulture, $"MODSEQ {(modSeq == ulong.MaxValue ? modSeq : modSeq + 1)}"));

    public static ImapCriteria From(string text) => Key("FROM ", text);

    public static ImapCriteria Subject(string text) => Key("SUBJECT ", text);

    /// <summary>Anywhere in header or body.</summary>
    public static ImapCriteria Text(string text) => Key("TEXT ", text);

    /// <summary>A header field that contains <paramref name="text"/>; empty for one that is there at all.</summary>
    public static ImapCriteria Header(string name, string text) => new(command =>
    {
        command.Add("HEADER ").String(name).Add(" ").String(text);
    }, Ascii.IsValid(name + text));

    public static ImapCriteria Not(ImapCriteria one) => new(command => one.Write(command.Add("NOT ")), one.IsAscii);

    public static ImapCriteria Or(ImapCriteria one, ImapCriteria other) => new(command =>
    {
        one.Write(command.Add("OR "));
        other.Write(command.Add(" "));
    }, one.IsAscii && other.IsAscii);

    public static ImapCriteria And(ImapCriteria one, ImapCriteria other) => new(command =>
    {
        one.Write(command.Add("("));
        other.Write(command.Add(" "));
        command.Add(")");
    }, one.IsAscii && other.IsAscii);

    internal void Write(ImapCommand command) => write(command);

    static ImapCriteria Key(string key) => new(command => command.Add(key));

    static ImapCriteria Key(string key, string text) => new(command => command.Add(key).String(text), Ascii.IsValid(text));

    static string Day(DateOnly day) => day.ToString("d-MMM-yyyy", CultureInfo.InvariantCulture);
}
