namespace PenguinMails.Mail.Replies;

/// <summary>The words around quotes and under answers, by kind.</summary>
static class ReplyWords
{
    static readonly Dictionary<string, string[]> Kinds = EmbeddedTable.Rows("reply-words.tsv").ToDictionary(row => row[0], row => row[1].Split('|'), StringComparer.Ordinal);

    public static readonly string[] Wrote = Kinds["wrote"], Said = Kinds["said"], Openers = Kinds["opener"], Starts = Kinds["starts"], Original = Kinds["original"], SentFrom = Kinds["sent-from"], Disclaimers = Kinds["disclaimer"];

    public static readonly HashSet<string> Closings = new(Kinds["closing"], StringComparer.OrdinalIgnoreCase);

    public static readonly HashSet<string> From = Set("label-from"), Sent = Set("label-sent"), To = Set("label-to"), Subject = Set("label-subject");

    static HashSet<string> Set(string kind) => new(Kinds[kind], StringComparer.OrdinalIgnoreCase);
}
