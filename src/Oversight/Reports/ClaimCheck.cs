using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Oversight.Reports;

/// <summary>Holds a sentence that a person wrote against the stored verdicts: who asserts a direction must have one that says so.</summary>
/// <remarks>Errs towards "unsupported": a sentence it cannot follow is marked and stays printed.</remarks>
static class ClaimCheck
{
    const int PhraseMax = 6;
    const int NegationReach = 4; // Words between "not" and the direction: "did not really improve".

    static readonly HashSet<string> Breaks = new(StringComparer.Ordinal) { ";", "and", "but", "while", "whereas", "although", "though", "however", "because", "or", "yet", "as" };

    static readonly HashSet<string> Joins = new(StringComparer.Ordinal) { "and", "or", ";" };

    sealed record Direct(Sense Sense, string Word, bool IsDenied, bool IsWish, bool IsFuture);

    sealed record Clause(string Opens, List<string> Figures, List<Direct> Directs);

    public static ReportSentence Of(string text, IReadOnlyList<Kpi> shown, IReadOnlyDictionary<string, KpiVerdict> verdicts)
    {
        var claims = Claims(Clauses(ClaimWords.Words(text)));
        if (claims.Count == 0) return new("added", text, [], Support.NoClaim, null);
        var used = new List<string>();
        var faults = new List<string>();
        foreach (var (key, direct) in claims)
        {
            if (direct.IsFuture) faults.Add($"“{direct.Word}” speaks of what has not happened; no verdict stands on that");
            else if (key is null) faults.Add($"“{direct.Word}” names no figure");
            else if (shown.FirstOrDefault(kpi => kpi.Key == key) is not { } kpi || verdicts.GetValueOrDefault(key) is not { } verdict) faults.Add($"{KpiCatalog.Find(key)?.Name ?? key} has no verdict");
            else
            {
                used.Add(ReportRows.IdOf(verdict));
                if (Fault(kpi, verdict, direct) is { } fault) faults.Add(fault);
            }
        }

        return new("added", text, [.. used.Distinct(StringComparer.Ordinal)], faults.Count == 0 ? Support.Supported : Support.Unsupported, faults.Count == 0 ? null : string.Join("; ", faults.Distinct(StringComparer.Ordinal)) + ".");
    }

    static string? Fault(Kpi kpi, KpiVerdict verdict, Direct direct)
    {
        var said = Meant(kpi, direct.Sense);
        var isSo = verdict.Announced == said;
        if (verdict.Announced == Direction.NotEnoughData) return $"{kpi.Name} cannot be judged yet";
        if (direct.IsDenied ? !isSo : isSo) return null;
        return $"the verdict says {kpi.Name} is {ReportRows.Word(verdict.Announced).ToLowerInvariant()}";
    }

    static Direction Meant(Kpi kpi, Sense sense) => sense switch
    {
        Sense.Better => Direction.Improving,
        Sense.Worse => Direction.Worsening,
        Sense.Flat => Direction.Flat,
        Sense.Up => kpi.Better == Better.Up ? Direction.Improving : Direction.Worsening,
        Sense.Down => kpi.Better == Better.Up ? Direction.Worsening : Direction.Improving,
    };

    // A clause with figures and no direction lends them to the next one it is joined to: "bounces and complaints fell".
    static List<(string? Figure, Direct Direct)> Claims(List<Clause> clauses)
    {
        var claims = new List<(string?, Direct)>();
        var (lent, last) = (new List<string>(), new List<string>());
        foreach (var clause in clauses)
        {
            if (!Joins.Contains(clause.Opens)) lent.Clear();
            lent.AddRange(clause.Figures);
            if (lent.Count > 0) last = [.. lent];
            if (clause.Directs.Count == 0) continue;
            // "The reply rate rose and then fell": the figure of the clause before.
            var figures = lent.Count > 0 ? [.. lent] : last;
            foreach (var direct in clause.Directs.Where(direct => !direct.IsWish))
            {
                if (figures.Count == 0 && ClaimWords.Weak.Contains(direct.Word)) continue;
                claims.AddRange(figures.Count == 0 ? [(null, direct)] : figures.Select(figure => ((string?)figure, direct)));
            }

            lent.Clear();
        }

        return claims;
    }

    static List<Clause> Clauses(List<string> words)
    {
        var clauses = new List<Clause> { new(";", [], []) };
        var (wish, future, denied) = (false, false, -NegationReach - 1);
        for (var at = 0; at < words.Count;)
        {
            var (length, figure, sense, word) = Longest(words, at);
            if (figure is null && sense is null && Breaks.Contains(words[at]))
            {
                clauses.Add(new(words[at], [], []));
                if (words[at] is not ("and" or "or")) (wish, future) = (false, false);
                denied = -NegationReach - 1;
            }
            else if (figure is not null) clauses[^1].Figures.Add(figure);
            else if (sense is { } found) clauses[^1].Directs.Add(new(found, word, at - denied <= NegationReach, wish, future));
            else if (ClaimWords.Negations.Contains(word)) denied = at;
            else if (ClaimWords.Wishes.Contains(word)) wish = true;
            else if (ClaimWords.Futures.Contains(word)) future = true;
            at += length;
        }

        return clauses;
    }

    // The longest phrase that means something begins here; else one word that may not.
    static (int Length, string? Figure, Sense? Sense, string Word) Longest(List<string> words, int at)
    {
        for (var length = Math.Min(PhraseMax, words.Count - at); length > 0; length--)
        {
            var phrase = string.Join(' ', words.Skip(at).Take(length));
            if (ClaimWords.Figures.TryGetValue(phrase, out var figure)) return (length, figure, null, phrase);
            if (ClaimWords.Senses.TryGetValue(phrase, out var sense)) return (length, null, sense, phrase);
            if (ClaimWords.Negations.Contains(phrase) || ClaimWords.Wishes.Contains(phrase) || ClaimWords.Futures.Contains(phrase)) return (length, null, null, phrase);
        }

        return (1, null, null, words[at]);
    }
}
