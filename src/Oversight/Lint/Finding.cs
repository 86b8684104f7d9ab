using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Lint;

/// <summary>Error: the plan contradicts itself. Warning: it cannot be held to what it says. Note: worth a look.</summary>
public enum Severity { Error, Warning, Note }

/// <summary>A place a finding speaks of.</summary>
/// <param name="Ref">Kind/name of the object.</param>
/// <param name="Source">Document and line the object was taken from; null when it names none.</param>
/// <param name="Value">What stands there, quoted.</param>
public sealed record FindingPlace(string File, int Line, int Column, string Ref, string? Source, string? Value);

/// <summary>A contradiction or gap of a plan.</summary>
/// <param name="Values">The values that are at odds, as quoted in the places.</param>
/// <param name="Message">What is wrong, with the arithmetic, and what to do.</param>
public sealed record Finding(string Rule, Severity Severity, string Title, IReadOnlyList<FindingPlace> Places, IReadOnlyList<string> Values, string Message)
{
    /// <summary>Rule and names, as waivers name it: stays the same while the same objects are at odds. At most 8 names.</summary>
    public string Id => $"{Rule} {string.Join(' ', Places.Select(place => place.Ref[(place.Ref.IndexOf('/', StringComparison.Ordinal) + 1)..]).Distinct().Order(StringComparer.Ordinal).Take(8))}";
}

/// <summary>An object, the value in it that is spoken of, and how that value is quoted.</summary>
public sealed record Cited(PlanObject Object, Node? Node, string? Value)
{
    public FindingPlace Place => new((Node?.At ?? Object.At).File, (Node?.At ?? Object.At).Line, (Node?.At ?? Object.At).Column, Object.Ref, Object.Source, Value);

    public static Cited Of(PlanObject one) => new(one, null, null);

    public static Cited Field(PlanObject one, string field) => new(one, one.Spec[field], one.Text(field));
}

/// <summary>A finding that stands accepted.</summary>
public sealed record Waived(Finding Finding, string Waiver, string Reason, string By, DateOnly Until);

/// <summary>A waiver that covers nothing.</summary>
/// <param name="IsExpired">It ran out, and what it covered counts again; otherwise there is no such finding.</param>
/// <param name="Sentence">Says which, with its place in the file.</param>
public sealed record UnusedWaiver(string Waiver, string Finding, string Reason, string By, DateOnly Until, bool IsExpired, string Sentence);

/// <param name="Waived">Findings that a waiver covers on that day.</param>
/// <param name="UnusedWaivers">Waivers that cover nothing, or no longer, each with the reason.</param>
public sealed record LintReport(DateOnly AsOf, IReadOnlyList<Finding> Findings, IReadOnlyList<Waived> Waived, IReadOnlyList<UnusedWaiver> UnusedWaivers);
