using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R01 and R04 in one sentence: parts that do not make their sum, a year that is not twelve months, a percentage that does not follow from its two numbers.</summary>
static class SentenceSums
{
    const decimal Rounding = 0.015m;

    // "About a third more", "doubles".
    const decimal Roughly = 0.15m;

    static readonly string[] Joins = ["that", "is", "which", "i.e", "ie", "or", "so", "makes", "equals", "about", "roughly", "some", "=", "mrr", "arr"];

    // A bound is no sum.
    static readonly string[] Compares = ["exceed", "exceeds", "than", "least", "most", "under", "over", "below", "above", "nearly", "almost"];

    /// <summary>R01: sums and products.</summary>
    public static IEnumerable<Finding> Sums(PlanObject one) => Each(one, "R01", "A sum differs from its numbers", sentence => Sum(sentence) ?? Product(sentence));

    /// <summary>R04: numbers of one sentence that a formula ties.</summary>
    public static IEnumerable<Finding> Ties(PlanObject one) => Each(one, "R04", "Numbers of one sentence do not belong together", sentence => Years(sentence) ?? Change(sentence) ?? Multiple(sentence));

    static IEnumerable<Finding> Each(PlanObject one, string rule, string title, Func<Sentence, string?> wrong) =>
        from text in Texts(one)
        let why = Sentence.Of(text.Text).Select(wrong).FirstOrDefault(found => found is not null)
        where why is not null
        select Found(rule, Severity.Error, title, $"\"{(text.Text.Length <= 120 ? text.Text : text.Text[..117] + "...")}\": {why}. Correct one of the numbers.", new Cited(one, text, text.Text));

    static string Show(decimal number) => NumberText.Show(decimal.Round(number, 2));

    static bool Near(decimal left, decimal right, decimal tolerance) => Math.Abs(left - right) <= tolerance * Math.Max(Math.Abs(left), Math.Abs(right));

    // "640,000 EUR and 60,000 EUR, together 700,000 EUR"; "8 plus 12 is 20".
    static string? Sum(Sentence said)
    {
        var at = Enumerable.Range(1, Math.Max(0, said.Words.Count - 1)).FirstOrDefault(i => said.Words[i] is "together" or "altogether" or "make" or "makes" or "total" or "totalling" || (said.Words[i] is "all" && said.Words[i - 1] is "in") || (said.Words[i] is "is" or "are" or "=" && said.Words.Take(i).Any(word => word is "plus" or "+")));
        if (at == 0 || said.Words.Any(word => word is "each" or "apiece" or "per" or "times" or "×" || Compares.Contains(word)) || said.Numbers.Zip(said.Numbers.Skip(1)).Any(pair => said.Word(pair.First.Next) is "of" && pair.Second.At == pair.First.Next + 1)) return null;
        var total = said.Numbers.FirstOrDefault(number => number.At > at && number.At - at <= 3) ?? said.Numbers.LastOrDefault(number => number.Next <= at && at - number.Next <= 2);
        var parts = said.Numbers.Where(number => number != total && number.Next <= at).ToList();
        if (total is null || parts.Count < 2 || parts.Exists(part => part.Sort != total.Sort) || said.Numbers.Count != parts.Count + 1) return null;
        // "3 wards and 2 labs together use 500 litres" adds nothing up.
        if (total.Sort.Length == 0 && parts.Append(total).Select(number => said.Word(number.Next)).Where(noun => noun is not ("and" or "plus" or "+" or "make" or "makes" or "is" or "=" or "in" or "")).Distinct().Count() > 1) return null;
        var sum = parts.Sum(part => part.Value);
        return Near(sum, total.Value, Rounding) ? null : $"{string.Join(" + ", parts.Select(part => Show(part.Value)))} = {Show(sum)}, not {Show(total.Value)}";
    }

    // "21,000 meters at CHF 60 each cost CHF 1.26 million".
    static string? Product(Sentence said)
    {
        foreach (var price in said.Numbers.Where(number => said.Word(number.At - 1) is "at" && said.Word(number.Next) is "each" or "apiece"))
        {
            var (count, total) = (said.Numbers.LastOrDefault(number => number.Next < price.At), said.Numbers.FirstOrDefault(number => number.At > price.Next));
            if (count is { Sort: "" } && total is not null && total.Sort == price.Sort && said.Words.Skip(price.Next).Take(total.At - price.Next).Any(word => word is "cost" or "costs" or "make" or "makes" or "is" or "are" or "come" or "comes" or "total" or "=") && !Near(count.Value * price.Value, total.Value, Rounding))
                return $"{Show(count.Value)} × {Show(price.Value)} = {Show(count.Value * price.Value)}, not {Show(total.Value)}";
        }

        return null;
    }

    // "EUR 4,200 a month, EUR 42,000 a year"; "MRR £2k (ARR £20k)".
    static string? Years(Sentence said)
    {
        foreach (var (first, second) in said.Numbers.Zip(said.Numbers.Skip(1)))
        {
            var (one, other) = (Per(said, first), Per(said, second));
            if (first.Sort != second.Sort || first.Sort is "" or "%" || (one, other) is not ((12, 1) or (1, 12)) || said.Words.Skip(first.Next).Take(second.At - first.Next).Any(word => !Joins.Contains(word) && word is not ("a" or "per" or "each" or "every" or "month" or "monthly" or "year" or "yearly" or "annually"))) continue;
            var (month, year) = one == 12 ? (first, second) : (second, first);
            if (!Near(month.Value * 12, year.Value, 2 * Rounding)) return $"12 × {Show(month.Value)} = {Show(month.Value * 12)}, not {Show(year.Value)}";
        }

        return null;
    }

    // Times a year; 0 when nothing tells.
    static int Per(Sentence said, SpokenNumber number)
    {
        var word = said.Word(number.Next) is "a" or "per" or "each" or "every" ? said.Word(number.Next + 1) : said.Word(number.Next);
        if (word is "month" or "monthly" || said.Word(number.At - 1) is "mrr") return 12;
        return word is "year" or "yearly" or "annually" || said.Word(number.At - 1) is "arr" ? 1 : 0;
    }

    // "From 25,000 to 40,000, by 60 %".
    static string? Change(Sentence said)
    {
        if (FromTo(said) is not var (from, to) || from.Value == 0 || from.Sort != to.Sort) return null;
        var ratio = to.Value / from.Value;
        var shares = said.Numbers.Where(number => number != from && number != to && number.Sort == "%" && (said.Word(number.At - 1) is "by" or "up" or "down" or "plus" or "minus" || said.Word(number.Next) is "growth" or "increase" or "rise" or "decrease" or "drop" or "up" or "down")).ToList();
        if (from.Sort != "%" && shares is [var share])
            return Near(Math.Abs(ratio - 1) * 100, share.Value, 0.04m) || Math.Abs((Math.Abs(ratio - 1) * 100) - share.Value) <= 1 ? null : $"from {Show(from.Value)} to {Show(to.Value)} is {Show(Math.Abs(ratio - 1) * 100)} %, not {Show(share.Value)} %";
        var factor = said.Words.Select(Factor).FirstOrDefault(found => found is not null);
        return factor is not { } times || Near(ratio, times, Roughly) || (said.Words.Contains("than") && ratio > times) ? null : $"from {Show(from.Value)} to {Show(to.Value)} is {Show(ratio)} times as many, not {Show(times)}";
    }

    public static (SpokenNumber From, SpokenNumber To)? FromTo(Sentence said)
    {
        var from = said.Numbers.FirstOrDefault(number => said.Word(number.At - 1) is "from");
        var to = from is null ? null : said.Numbers.FirstOrDefault(number => number.At > from.Next - 1 && said.Word(number.At - 1) is "to");
        return from is null || to is null || said.Numbers.Count(number => said.Word(number.At - 1) is "from") > 1 ? null : (from, to);
    }

    static decimal? Factor(string word) => word switch
    {
        "double" or "doubles" or "doubled" or "doubling" or "twice" => 2,
        "triple" or "triples" or "tripled" or "tripling" or "thrice" => 3,
        "halve" or "halves" or "halved" or "halving" => 0.5m,
        _ => null,
    };

    // "3,600 parcels, double the 2,400 in Q2".
    static string? Multiple(Sentence said)
    {
        for (var i = 0; i < said.Words.Count; i++)
            if (Factor(said.Words[i]) is { } times && said.Numbers.FirstOrDefault(number => number.At == i + 2 && said.Word(i + 1) is "the" or "of" or "today's") is { } basis && said.Numbers.Where(number => number.Next <= i && number.Sort == basis.Sort).ToList() is [var result] && basis.Value != 0 && !Near(result.Value / basis.Value, times, Roughly))
                return $"{Show(result.Value)} is {Show(result.Value / basis.Value)} times {Show(basis.Value)}, not {Show(times)}";
        return null;
    }
}
