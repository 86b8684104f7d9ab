using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using PenguinMails.Sandbox;

namespace PenguinMails.Cli.Demo;

/// <summary>What the demo counted and what did not agree.</summary>
/// <param name="Faults">Empty when everything agrees.</param>
public sealed record DemoReport(
    long Recipients, long Sent, long Bounced, long Failed, long Dropped, long InDoubt, long Replied, long AutoReplied, long Complained, long Unsubscribed, long Clicked,
    long Excluded, IReadOnlyList<string> Faults)
{
    public bool IsWhole => Faults.Count == 0;
}

/// <summary>Compares three books: the program's ledger, the sandbox's own journal, and the counts on the page.</summary>
public sealed class DemoVerdict(Api api, string campaign, string journalPath)
{
    sealed record Row(string Address, string State, string Reason, bool WasSent, bool Replied, bool AutoReplied, bool Complained, bool Unsubscribed, bool Clicked);

    const int LooksMax = 100;
    readonly List<string> _faults = [];
    HashSet<string>? _read;

    /// <summary>Waits until nothing is left to send and everything the sandbox sent back has been read.</summary>
    /// <param name="wasKilled">As in <see cref="Judge"/>.</param>
    /// <exception cref="DemoFailed">Not within the time; says what is still open.</exception>
    public async Task Settle(TimeSpan atMost, bool wasKilled, CancellationToken ct)
    {
        string? open = null;
        await api.Until<object>("Everything sent and everything back", atMost, async () => (open = await Open(wasKilled, ct)) is null ? this : null, ct, () => $" Still open: {open}.");
    }

    async Task<string?> Open(bool wasKilled, CancellationToken ct)
    {
        var state = (await api.Get($"/api/v1/campaigns/{campaign}", ct)).GetProperty("state").GetString();
        var counts = await api.Get($"/api/v1/campaigns/{campaign}/counts", ct);
        var (queued, sending, deferred) = (counts.GetProperty("queued").GetInt64(), counts.GetProperty("sending").GetInt64(), counts.GetProperty("deferred").GetInt64());
        if (state is "launching" or "draft" || queued + sending + deferred > 0) return $"the campaign is {state}, {queued} queued, {sending} sending, {deferred} deferred{await Waits(ct)}";
        var (book, rows) = (Journal(wasKilled), await Rows(ct));
        // By name, not by number: what the sandbox could not note before a kill must not stand in for what is still to be read.
        List<string> Unread(string tag, Func<Row, bool> has) => [.. book.Back(tag).Except(rows.Where(has).Select(r => r.Address))];
        List<string> unread =
        [
            .. Unread("ooo", r => r.AutoReplied), .. Unread("reply", r => r.Replied), .. Unread("complain", r => r.Complained), .. Unread("unsub", r => r.Unsubscribed),
            .. Unread("click", r => r.Clicked), .. Unread("dsn", r => r.Reason == "reported"),
        ];
        _read = book.CameBack;
        return unread is [] ? null : $"what {unread.Count} recipients answered is not on the ledger, of {string.Join(", ", unread.Take(5))}";
    }

    async Task<string> Waits(CancellationToken ct) => string.Concat((await api.Get($"/api/v1/campaigns/{campaign}/unsent", ct)).GetProperty("items").EnumerateArray()
        .Where(reason => reason.GetProperty("is_waiting").GetBoolean()).Select(reason => $", {reason.GetProperty("messages")} for {reason.GetProperty("code")}"));

    /// <param name="page">HTML of the campaign's page, or null when it is not to be compared.</param>
    /// <param name="wasKilled">True after the program, and the sandbox within it, were killed: what was under way may be in doubt, and what the
    /// sandbox had not sent back yet never comes.</param>
    public async Task<DemoReport> Judge(string? page, bool wasKilled, CancellationToken ct)
    {
        var (rows, counts) = await AtRest(ct);
        var book = Journal(wasKilled);
        // After a kill the sandbox may still be answering; what it sent since the ledger was seen to have everything need not be there yet.
        if (_read is not null) book = book with { CameBack = _read };
        foreach (var twice in book.Accepted.GroupBy(a => a).Where(g => g.Count() > 1)) Fault($"{twice.Key} was mailed {twice.Count()} times");
        foreach (var forbidden in book.Touched.Where(IsSuppressed)) Fault($"{forbidden} is suppressed and was mailed");

        var doubt = rows.Where(r => r.State == "in_doubt").Select(r => r.Address).ToHashSet();
        var sent = book.Accepted.Where(a => !doubt.Contains(a)).ToHashSet();
        Between("sent", rows.Where(r => r.WasSent), sent, sent);
        Between("refused", rows.Where(r => r is { State: "bounced", Reason: "refused" }), [.. book.Refused.Where(a => !doubt.Contains(a))], book.Refused);
        Between("bounced afterwards", rows.Where(r => r.Reason == "reported"), book.Back("dsn"), book.Took("dsn"));
        Between("replied", rows.Where(r => r.Replied), book.Back("reply"), book.Took("reply"));
        Between("auto-replied", rows.Where(r => r.AutoReplied), book.Back("ooo"), book.Took("ooo"));
        Between("complained", rows.Where(r => r.Complained), book.Back("complain"), book.Took("complain"));
        Between("unsubscribed", rows.Where(r => r.Unsubscribed), book.Back("unsub"), book.Took("unsub"));
        // A scanner that follows every link is told apart from a person who clicks; that it never unsubscribes anyone is checked above.
        Between("clicked", rows.Where(r => r.Clicked), book.Back("click"), book.Took("click"));
        foreach (var left in rows.Where(r => r.State is "queued" or "sending" or "deferred")) Fault($"{left.Address} is still {left.State}");
        if (!wasKilled) foreach (var address in doubt) Fault($"{address} is in doubt");
        await Suppressions(rows, ct);
        return await Report(rows, counts, page, ct);
    }

    // Answers may still come in, so both are of one moment only when the counts before and after the rows are the same.
    async Task<(List<Row> Rows, JsonElement Counts)> AtRest(CancellationToken ct)
    {
        var before = await api.Get($"/api/v1/campaigns/{campaign}/counts", ct);
        for (var look = 1; ; look++)
        {
            var rows = await Rows(ct);
            var after = await api.Get($"/api/v1/campaigns/{campaign}/counts", ct);
            if (look == LooksMax || before.GetRawText() == after.GetRawText()) return (rows, after);
            before = after;
        }
    }

    async Task<DemoReport> Report(List<Row> rows, JsonElement counts, string? page, CancellationToken ct)
    {
        var sums = await api.Get($"/api/v1/campaigns/{campaign}", ct);
        long Count(string name) => counts.GetProperty(name).GetInt64();
        long Sum(string name) => sums.GetProperty(name).GetInt64();
        foreach (var (name, inLedger) in new[] { ("sent", "sent"), ("bounced", "bounced"), ("failed", "failed"), ("dropped", "dropped"), ("in_doubt", "in_doubt") })
            if (Count(name) != rows.Count(r => r.State == inLedger)) Fault($"The counts say {Count(name)} {name}, the ledger {rows.Count(r => r.State == inLedger)}");
        if (Sum("enqueued") != rows.Count) Fault($"{Sum("enqueued")} recipients were enqueued, {rows.Count} are in the ledger");
        foreach (var name in page is null ? [] : new[] { "sent", "bounced", "replied", "unsubscribed" })
            if (Shown(page ?? "", name) is var shown && shown != Count(name).ToString("N0", CultureInfo.InvariantCulture)) Fault($"The page shows {shown ?? "nothing"} where {Count(name)} are {name}");
        return new DemoReport(rows.Count, Count("sent"), Count("bounced"), Count("failed"), Count("dropped"), Count("in_doubt"), Count("replied"), Count("auto_replied"), Count("complained"),
            Count("unsubscribed"), Count("clicked"), Sum("excluded_suppressed") + Sum("excluded_consumer") + Sum("excluded_role"), _faults);
    }

    async Task Suppressions(List<Row> rows, CancellationToken ct)
    {
        var listed = (await api.All("/api/v1/suppressions", ct)).ToDictionary(s => s.GetProperty("value").GetString() ?? "", s => s.GetProperty("reason").GetString());
        foreach (var row in rows.Where(r => r.Complained && listed.GetValueOrDefault(r.Address) != "complaint")) Fault($"{row.Address} complained and is not suppressed for it");
        foreach (var row in rows.Where(r => r.Unsubscribed && listed.GetValueOrDefault(r.Address) != "unsubscribe")) Fault($"{row.Address} unsubscribed and is not suppressed for it");
        foreach (var row in rows.Where(r => r.State == "bounced" && !Has(r.Address, "full") && listed.GetValueOrDefault(r.Address) != "bounce")) Fault($"{row.Address} bounced hard and is not suppressed for it");
    }

    // The ledger must have at least what certainly came back, and nothing that was never provoked.
    void Between(string what, IEnumerable<Row> ledger, HashSet<string> atLeast, HashSet<string> atMost)
    {
        var ours = ledger.Select(r => r.Address).ToHashSet();
        foreach (var address in ours.Except(atMost)) Fault($"{address}: {what} in the ledger, not in the sandbox");
        foreach (var address in atLeast.Except(ours)) Fault($"{address}: {what} in the sandbox, not in the ledger");
    }

    /// <summary>The sandbox's side of the story.</summary>
    sealed record Book(List<string> Accepted, HashSet<string> Refused, HashSet<string> Touched, HashSet<string> CameBack)
    {
        public HashSet<string> Took(string tag) => [.. Accepted.Where(a => Has(a, tag))];

        public HashSet<string> Back(string tag) => [.. CameBack.Where(a => Has(a, tag))];
    }

    Book Journal(bool wasKilled)
    {
        var lines = SandboxJournal.Read(journalPath).Where(l => l.Sender.StartsWith("b-", StringComparison.Ordinal)).ToList(); // Campaign mail has a return path of ours.
        HashSet<string> Of(params JournalKind[] kinds) => [.. lines.Where(l => kinds.Contains(l.Kind)).Select(l => Normal(l.Recipient))];
        var accepted = lines.Where(l => l.Kind is JournalKind.Accepted or JournalKind.Dropped).Select(l => Normal(l.Recipient)).ToList();
        return new Book(accepted, Of(JournalKind.Refused), Of(JournalKind.Accepted, JournalKind.Dropped, JournalKind.Deferred, JournalKind.Refused),
            wasKilled ? Of(JournalKind.CameBack) : [.. accepted]);
    }

    async Task<List<Row>> Rows(CancellationToken ct) => [.. (await api.All($"/api/v1/campaigns/{campaign}/messages", ct)).Select(m => new Row(
        Text(m, "address"), Text(m, "state"), Text(m, "reason"), Is(m, "sent_at"), Is(m, "replied_at"), Is(m, "auto_replied_at"), Is(m, "complained_at"), Is(m, "unsubscribed_at"), Is(m, "clicked_at")))];

    static string Text(JsonElement row, string name) => row.GetProperty(name).GetString() ?? "";

    static bool Is(JsonElement row, string name) => row.GetProperty(name).ValueKind != JsonValueKind.Null;

    static string Normal(string address) => address.ToLowerInvariant();

    static bool Has(string address, string tag) => address.Contains($"+{tag}@", StringComparison.Ordinal);

    static bool IsSuppressed(string address) => DemoRun.SuppressedAddresses.Contains(address, StringComparer.Ordinal) || address.EndsWith("@" + DemoRun.SuppressedDomain, StringComparison.Ordinal);

    // What a person reads: the figure under its label.
    static string? Shown(string page, string label) =>
        Regex.Match(page, label + @"(?:</a>)?\s*</dt>\s*<dd class=""figure-value""><b>([\d,]+)</b>", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)) is { Success: true } found ? found.Groups[1].Value : null;

    void Fault(string text)
    {
        if (_faults.Count < 100) _faults.Add(text);
    }
}
