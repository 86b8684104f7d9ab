using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Lint;

/// <summary>A range of working days.</summary>
readonly record struct WorkDays(decimal Low, decimal High)
{
    /// <summary>Calendar days at five working days a week.</summary>
    public decimal CalendarLow => Low * 7 / 5;

    public static WorkDays operator +(WorkDays left, WorkDays right) => new(left.Low + right.Low, left.High + right.High);

    public override string ToString() => Low == High ? $"{NumberText.Show(decimal.Round(Low, 1))} working days" : $"{NumberText.Show(decimal.Round(Low, 1))} to {NumberText.Show(decimal.Round(High, 1))} working days";
}

/// <summary>Effort as plans write it, in working days: a week has 5, a month 21.7, a day is a working day.</summary>
static class Efforts
{
    const decimal MonthWorkDays = 260m / 12;

    /// <returns>Null when the quantity is neither time nor effort.</returns>
    public static WorkDays? Of(Quantity? quantity)
    {
        if (quantity is null) return null;
        var scale = quantity.Unit.Dimension switch
        {
            Dimension.Effort => quantity.Unit.Scale,
            Dimension.Time => Scale(quantity.Unit),
            _ => 0,
        };
        return scale == 0 ? null : new WorkDays(quantity.Low * scale, quantity.High * scale);
    }

    /// <summary>How long it takes when the people an item names are at work on it at once; person-days are shared by those of the period.</summary>
    public static decimal? CalendarDays(LintedPlan plan, PlanObject item)
    {
        if (item.Quantity("effort") is not { } effort || Of(effort) is not { } days) return null;
        if (effort.Unit.Dimension == Dimension.Time) return days.CalendarLow;
        var people = item.Quantity("team")?.High ?? Crew.BuildersAt(plan, plan.Times.WindowOf(item));
        return people is > 0 ? days.CalendarLow / people : null;
    }

    static decimal Scale(Unit unit) => unit.Scale switch
    {
        < 1 => unit.Scale * 3,
        1 => 1,
        < 30 => unit.Scale * 5 / 7,
        _ => unit.Scale / (365.25m / 12) * MonthWorkDays,
    };
}

/// <summary>Who is there to do the work.</summary>
static class Crew
{
    static readonly string[] BuilderWords = ["engineer", "developer", "dev", "programmer", "tech", "backend", "frontend", "fullstack", "sre", "devops", "architect"];

    public static decimal Heads(PlanObject team) => (team.Spec.Map("roles")?.Entries ?? []).Sum(role => Number(role.Value));

    /// <summary>People who do the planned work, times the share of their time it gets.</summary>
    public static decimal Builders(PlanObject team)
    {
        var named = team.Names("builders").ToList();
        var roles = team.Spec.Map("roles")?.Entries ?? [];
        var builders = roles.Where(role => named.Count > 0 ? named.Contains(role.Key.Text) : MetricRole.Words(role.Key.Text.Replace('_', ' ')).Any(word => BuilderWords.Any(known => word == known || word == known + "s"))).ToList();
        // In a bakery or a clinic everybody does the work.
        if (named.Count == 0 && builders.Count == 0) builders = [.. roles];
        return builders.Sum(role => Number(role.Value)) * (team.Number("availability") ?? 1);
    }

    public static decimal? BuildersAt(LintedPlan plan, Period? period)
    {
        if (period is not { } when) return null;
        var teams = plan.Plan.Of("Team").Where(team => team.Period("period") is { } of && of.Start <= when.Start && when.Start <= of.End).ToList();
        return teams.Count == 0 ? null : teams.Sum(Builders);
    }

    static decimal Number(Node node) => node is ScalarNode scalar && NumberText.TryParse(scalar.Text, out var number, out _) ? number : 0;
}
