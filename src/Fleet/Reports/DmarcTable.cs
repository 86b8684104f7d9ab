namespace PenguinMails.Fleet.Reports;

/// <summary>What came from one address, where its messages are of one class.</summary>
/// <param name="Host">Its reverse name where that leads back to it; empty otherwise.</param>
/// <param name="Rule">Which rule decided the class; see <see cref="ClassifySource"/>.</param>
/// <param name="Passed">Messages that passed DMARC: by DKIM, SPF or both.</param>
/// <param name="Stopped">Messages that the receiver filed as spam or refused because of the policy.</param>
/// <param name="Cause">Where what failed comes from; empty when nothing did.</param>
/// <param name="Fix">What to do; empty when nothing.</param>
public sealed record DmarcSource(
    string Address, string Host, SourceClass Class, string Rule, string Why, long Messages, long Passed, long Dkim, long Spf, long Stopped, DateOnly First, DateOnly Last, string Cause, string Fix);

/// <summary>One day of UTC, as the receivers counted it.</summary>
public sealed record DmarcDay(DateOnly Day, long YoursPassed, long YoursFailed, long Forwarded, long Strangers)
{
    public long Messages => YoursPassed + YoursFailed + Forwarded + Strangers;
}

/// <summary>Rows of reports as sources and days. Pure.</summary>
sealed record DmarcTable(IReadOnlyList<DmarcSource> Sources, IReadOnlyList<DmarcDay> Days)
{
    public sealed record Counted(DateOnly Day, DmarcEntry Entry);

    sealed record Judged(DateOnly Day, DmarcEntry Entry, SourceVerdict Verdict);

    /// <param name="stage">none, quarantine or reject.</param>
    /// <returns>Strangers first, then yours that fail, most messages first.</returns>
    public static DmarcTable Of(IReadOnlyList<Counted> rows, OwnSenders own, string stage)
    {
        var judged = rows.GroupBy(row => row.Entry.Source).SelectMany(source => Judge([.. source], own)).ToList();
        var sources = judged.GroupBy(row => (row.Entry.Source, row.Verdict.Class)).Select(group => Source([.. group], own.Domain, stage))
            .OrderBy(source => source.Class switch { SourceClass.Stranger => 0, SourceClass.Yours => source.Passed < source.Messages ? 1 : 2, SourceClass.Forwarder => 3 })
            .ThenByDescending(source => source.Messages).ThenBy(source => source.Address, StringComparer.Ordinal);
        return new([.. sources], [.. judged.GroupBy(row => row.Day).OrderBy(day => day.Key).Select(Day)]);
    }

    // What DNS said once of an address holds for all its rows of the window.
    static IEnumerable<Judged> Judge(List<Counted> rows, OwnSenders own)
    {
        var host = rows.Select(row => row.Entry.Host).FirstOrDefault(name => name.Length > 0) ?? "";
        bool? isInSpf = rows.Exists(row => row.Entry.IsInSpf == true) ? true : null;
        var judged = rows.Select(row => new Judged(row.Day, row.Entry with { Host = host, IsInSpf = isInSpf }, ClassifySource.Judge(row.Entry with { Host = host, IsInSpf = isInSpf }, own))).ToList();
        var passedOn = judged.Where(row => row.Verdict.Class == SourceClass.Forwarder && row.Entry.IsDkimAligned).Sum(row => row.Entry.Messages);
        var strange = judged.Where(row => row.Verdict.Class == SourceClass.Stranger).Sum(row => row.Entry.Messages);
        return strange == 0 || passedOn < strange ? judged
            : judged.Select(row => row.Verdict.Class != SourceClass.Stranger ? row
                : row with { Verdict = new(SourceClass.Forwarder, "passes_on_too", "The same address passes on mail of yours with its signature whole.") });
    }

    static DmarcSource Source(List<Judged> rows, string domain, string stage)
    {
        var most = rows.OrderByDescending(row => row.Entry.Messages).First();
        long Sum(Func<DmarcEntry, bool> which) => rows.Where(row => which(row.Entry)).Sum(row => row.Entry.Messages);
        var source = new DmarcSource(most.Entry.Source, most.Entry.Host, most.Verdict.Class, most.Verdict.Rule, most.Verdict.Why, Sum(_ => true), Sum(IsPassing), Sum(entry => entry.IsDkimAligned),
            Sum(entry => entry.IsSpfAligned), Sum(entry => entry.Disposition is "quarantine" or "reject"), rows.Min(row => row.Day), rows.Max(row => row.Day), "", "");
        var (cause, fix) = SourceAdvice.Of(source, domain, stage);
        return source with { Cause = cause, Fix = fix };
    }

    static bool IsPassing(DmarcEntry entry) => entry.IsDkimAligned || entry.IsSpfAligned;

    static DmarcDay Day(IGrouping<DateOnly, Judged> day)
    {
        long Sum(Func<Judged, bool> which) => day.Where(which).Sum(row => row.Entry.Messages);
        return new(day.Key, Sum(row => row.Verdict.Class == SourceClass.Yours && IsPassing(row.Entry)), Sum(row => row.Verdict.Class == SourceClass.Yours && !IsPassing(row.Entry)),
            Sum(row => row.Verdict.Class == SourceClass.Forwarder), Sum(row => row.Verdict.Class == SourceClass.Stranger));
    }
}
