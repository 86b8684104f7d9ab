using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R20: what went wrong with the writing.</summary>
static class TextDefects
{
    static readonly string[] Placeholders = ["tbd", "tba", "todo", "fixme", "xxx", "lorem", "tbc"];

    public static IEnumerable<Finding> Check(LintedPlan plan) =>
        [.. plan.Plan.Objects.SelectMany(Damaged), .. plan.Plan.Objects.SelectMany(one => Doubles(one, one.Spec)), .. Twins(plan), .. Links(plan)];

    static IEnumerable<Finding> Damaged(PlanObject one)
    {
        if (one.Kind == "Phase" && one.Text("window") == "truncated")
            yield return Found("R20", Severity.Warning, $"The window of {one.Title} is cut off", $"{one.Title}: its source lost when it is. Find out, and write it down.", Cited.Field(one, "window"));
        foreach (var text in Texts(one))
            if (Defect(text.Text) is { } defect)
                yield return Found("R20", Severity.Warning, $"A text of {one.Title} is damaged", $"\"{(text.Text.Length <= 100 ? text.Text : text.Text[..97] + "...")}\" {defect}. Mend it.", new Cited(one, text, text.Text));
    }

    static string? Defect(string text)
    {
        var trimmed = text.TrimEnd();
        if (trimmed.EndsWith("...", StringComparison.Ordinal) || trimmed.EndsWith('…')) return "is cut off";
        if (trimmed.Count(c => c == '(') != trimmed.Count(c => c == ')') && !trimmed.Contains(":)", StringComparison.Ordinal) && !Numbered(trimmed)) return "opens or closes a parenthesis without the other";
        if (trimmed.Count(c => c == '[') != trimmed.Count(c => c == ']')) return "opens or closes a bracket without the other";
        if (trimmed.EndsWith(',') || trimmed.EndsWith(" -", StringComparison.Ordinal) || trimmed.EndsWith(" –", StringComparison.Ordinal)) return "stops in the middle";
        if (Quotes(trimmed) % 2 == 1) return "opens or closes a quotation without the other";
        if (trimmed.Contains("{{", StringComparison.Ordinal) || trimmed.Contains("}}", StringComparison.Ordinal)) return "holds a placeholder in braces";
        if (Misread.Any(sign => trimmed.Contains(sign, StringComparison.Ordinal))) return "was read in a wrong encoding";
        var words = trimmed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words[^1] is "and" or "or" or "the" or "a" or "an" or "every" or "our" or "your" or "their" or "because" or "than") return $"stops after \"{words[^1]}\"";
        if (Enumerable.Range(1, Math.Max(0, words.Length - 1)).FirstOrDefault(i => (words[i].Length > 1 || words[i] is "a") && words[i].All(char.IsLetter) && words[i].Equals(words[i - 1], StringComparison.OrdinalIgnoreCase) && words[i].ToLowerInvariant() is not ("that" or "had")) is > 0 and var at) return $"says \"{words[at]}\" twice";
        return MetricRole.Words(trimmed).FirstOrDefault(Placeholders.Contains) is { } placeholder ? $"holds the placeholder {placeholder.ToUpperInvariant()}" : null;
    }

    // UTF-8 read as Windows-1252, and what stands for bytes that are no text.
    static readonly string[] Misread = ["\uFFFD", "â€", "Ã¤", "Ã¶", "Ã¼", "ÃŸ", "Ã©", "Ã¨", "Ã±", "Ã¡", "Ã³", "Â£", "Â°", "Â "];

    // A 19" rack has none.
    static int Quotes(string text) => Enumerable.Range(0, text.Length).Count(i => text[i] == '"' && (i == 0 || !char.IsAsciiDigit(text[i - 1])));

    // "1) first, 2) second" closes what nobody opened.
    static bool Numbered(string text) => text.Length > 1 && char.IsAsciiLetterOrDigit(text[0]) && text[1] == ')';

    // The same text twice in one list.
    static IEnumerable<Finding> Doubles(PlanObject one, Node node)
    {
        if (node is MapNode map)
            foreach (var (_, value) in map.Entries)
                foreach (var finding in Doubles(one, value)) yield return finding;
        if (node is not ListNode list) yield break;
        var texts = list.Items.Select(item => item as ScalarNode ?? (item as MapNode)?["text"] as ScalarNode).OfType<ScalarNode>();
        foreach (var twice in texts.GroupBy(text => FeatureWindows.Slug(text.Text)).Where(group => group.Key.Length > 0 && group.Count() > 1))
            yield return Found("R20", Severity.Warning, $"{one.Title} says something twice", $"\"{twice.First().Text}\" stands {twice.Count()} times in one list. Keep one.", twice.Select(text => new Cited(one, text, text.Text)));
        foreach (var item in list.Items.OfType<MapNode>())
            foreach (var finding in Doubles(one, item)) yield return finding;
    }

    // Two objects of one kind with the same title, or the same sentence under two titles.
    static IEnumerable<Finding> Twins(LintedPlan plan)
    {
        foreach (var twins in plan.Plan.Objects.Where(one => one.Metadata["title"] is not null && one.Kind != "Link" && !plan.IsSuperseded(one)).GroupBy(one => (one.Kind, FeatureWindows.Slug(one.Title), Segment: one.Text("segment"), Period: plan.Times.DueOf(one)?.Text)).Where(group => group.Count() > 1))
            yield return Found("R20", Severity.Warning, $"{twins.Count()} of kind {twins.Key.Kind} have one title", $"\"{twins.First().Title}\" is the title of {string.Join(", ", twins.Select(one => one.Name))}. Merge them, or tell them apart.", twins.Select(one => new Cited(one, one.Metadata["title"], one.Title)));
        foreach (var twins in plan.Plan.Objects.Where(one => !plan.IsSuperseded(one)).Select(one => (Object: one, Said: Sentence(one))).Where(one => one.Said is not null).GroupBy(one => (one.Object.Kind, Slug: FeatureWindows.Slug(one.Said?.Text ?? ""), Period: plan.Times.DueOf(one.Object)?.Text)))
            if (twins.Key.Slug.Contains('-', StringComparison.Ordinal) && twins.Select(one => FeatureWindows.Slug(one.Object.Title)).Distinct().Count() > 1)
                yield return Found("R20", Severity.Warning, $"{twins.Count()} of kind {twins.Key.Kind} say one thing", $"\"{twins.First().Said?.Text}\" is what {string.Join(" and ", twins.Select(one => one.Object.Name))} say. Merge them, or tell them apart.", twins.Select(one => new Cited(one.Object, one.Said, one.Said?.Text)));
    }

    static ScalarNode? Sentence(PlanObject one) => one.Kind switch
    {
        "Principle" or "Objective" => one.Spec["statement"] as ScalarNode,
        "Recommendation" or "Claim" => one.Spec["text"] as ScalarNode,
        _ => null,
    };

    static IEnumerable<Finding> Links(LintedPlan plan)
    {
        foreach (var twins in plan.Plan.Of("Link").GroupBy(link => link.Text("target")).Where(group => group.Count() > 1))
            yield return Found("R20", Severity.Warning, $"{twins.Count()} links lead to one place", $"{string.Join(", ", twins.Select(link => $"\"{link.Title}\""))} all lead to {twins.Key}. Keep one, or correct the others.", twins.Select(link => Cited.Field(link, "target")));
        foreach (var link in plan.Plan.Of("Link"))
            if (LinkTargets.Dead(link, plan.Folder) is { } why)
                yield return Found("R20", Severity.Warning, $"The link {link.Title} leads nowhere", $"\"{link.Text("target")}\" {why}. Correct it, or take it out.", Cited.Field(link, "target"));
    }
}
