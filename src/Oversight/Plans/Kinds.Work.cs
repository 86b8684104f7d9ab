using static PenguinMails.Oversight.Plans.Shape;

namespace PenguinMails.Oversight.Plans;

static partial class Kinds
{
    static IEnumerable<Kind> Measures()
    {
        yield return Of("Metric", "A number that is followed, with its definition.",
            new Field("type", Word("simple", "ratio", "balance", "duration", "survey", "derived"), "How it is made. Default simple."),
            new Field("is", Word([.. Roles]), "What the number is by its usual name, so that rules know how numbers hang together."),
            new Field("kpi", Text, "The KPI of this installation that measures it, by its key; its targets are then judged with that."),
            new Field("definition", Text, "The definition in words."), new Field("numerator", Text, "What is counted above the line."), new Field("denominator", Text, "What it is divided by."), new Field("exclusions", Texts, "What is left out."),
            new Field("unit", Text, "Unit of its values."), new Field("grain", Word("day", "week", "month", "quarter", "year"), "Period it is closed for."), new Field("better", Word("up", "down", "band"), "Which way is good."),
            new Field("cumulative", Flag, "Its targets may only rise over time. Default: what is says."), new Field("derivedFrom", Object(new Field("metric", Reference("Metric"), "The other number.", Required: true), new Field("factor", Number, "This is the other times the factor.", Required: true)), "An identity with another metric."),
            new Field("counted", Object(new Field("of", Text, "Kind that is counted."), new Field("where", Map(Text), "Fields an object must have.")), "The number counts objects of this plan."),
            new Field("clock", Text, "Event a duration starts at, and the one it ends at."), new Field("term", Text, "The word of the plan that the duration speaks of, such as basic setup."),
            new Field("materiality", Anything, "What change matters."), new Field("minPoints", Whole(1, 10_000), "Periods needed for a verdict."), new Field("minDenominator", Whole(1, 1_000_000_000), "Smallest denominator that is judged."), new Field("season", Anything, "Periods of a season."),
            new Field("policy", Anything, "Choices of the definition, by name."), new Field("drivers", References("Metric"), "Numbers that move it."), new Field("public", Flag, "Whether it is shown outside."), new Field("sli", Anything, "An OpenSLO objective."), new Field("track", Flag, "Followed without a target."));
        yield return Of("Target", "A value that a metric is to reach.",
            new Field("metric", Reference("Metric"), "Which number.", Required: true), new Field("segment", Text, "Customers it is limited to."), new Field("quantity", Shape.Quantity, "Value and time.", Required: true),
            new Field("basis", Word("aspiration", "commitment", "gate", "sla", "forecast"), "How firm it is."), new Field("confidence", Share, "0 to 1."), new Field("path", Either(Word("linear", "scurve"), List(Anything)), "How it is approached."));
        yield return Of("Objective", "What is to be achieved.",
            new Field("class", Word("primary", "secondary", "annual", "quarterly"), "Its weight or horizon."), new Field("statement", Text, "In one sentence."), new Field("period", Shape.Period, "When it holds."),
            new Field("parent", Reference("Objective", "RoadmapItem", "Phase"), "What it belongs to."), new Field("measuredBy", List(Reference("Target", "Gate", "Metric")), "Targets or gates that decide whether it is reached."));
    }

    /// <summary>Numbers whose relations rules know.</summary>
    public static readonly string[] Roles = ["mrr", "arr", "customers", "arpa", "cac", "ltv", "ltv_cac", "gross_margin", "churn", "retention", "headcount", "revenue", "volume", "cost", "other"];

    static readonly string[] Priorities = ["P0", "P1", "P2", "P3", "none"];

    static IEnumerable<Kind> Work()
    {
        yield return Of("RoadmapItem", "Work that is planned: an item, or one that others are parts of.",
            new Field("period", Shape.Period, "When it is done."), new Field("parent", Reference("RoadmapItem", "Phase", "Objective"), "What it is a part of."),
            new Field("status", Word("idea", "planned", "in_progress", "done", "dropped"), "How it stands. Default planned."), new Field("priority", Word(Priorities), "P0 blocks the launch; P0-P1 is written as the stricter one. Default none."),
            new Field("effort", Shape.Quantity, "Time or person-days it takes."), new Field("feature", Texts, "Features it brings: the same word elsewhere means the same feature."), new Field("dependsOn", References("RoadmapItem", "Phase", "Gate", "Decision"), "What must be there first."), new Field("blocks", References("RoadmapItem", "Phase", "Gate", "Objective"), "What cannot be without it."),
            new Field("tier", Text, "mvp, post-mvp, enterprise or another stage."), new Field("scope", Texts, "What it contains."), new Field("impact", Either(Shape.Quantity, Text), "What it brings."), new Field("baseline", Shape.Quantity, "Where it stood before."),
            new Field("acceptance", References("Gate"), "Gates that decide whether it is done."), new Field("evidence", Texts, "What shows that it is done."), new Field("condition", Text, "Only if this holds."),
            new Field("start", Day, "Day it may begin."), new Field("team", Shape.Quantity, "People at work on it at once."), new Field("finishedOn", Day, "Day it was done."));
        yield return Of("Phase", "A stretch of work in order.",
            new Field("order", Whole(1, 1000), "Place in the order; phases of one parent exclude each other in time."), new Field("window", Either(Word("truncated"), Shape.Period, Object(new Field("start", Text, "First period, or a week such as week 1."), new Field("end", Text, "Last period or week."))), "When; truncated when the source lost it."),
            new Field("items", References("RoadmapItem"), "Its work."), new Field("total", Shape.Quantity, "What its items take together."), new Field("tier", Text, "mvp, post-mvp or another stage."), new Field("parent", Reference("RoadmapItem", "Phase", "Budget", "Objective"), "What it is a part of."), new Field("parallel", Flag, "May run beside the others."), new Field("track", Text, "Phases of different tracks do not exclude each other."));
        yield return Of("Gate", "Conditions that must all hold before an event.",
            new Field("event", Text, "What it lets through; an epoch of the plan where it is one."), new Field("at", Shape.Period, "When."), new Field("blockers", References("RoadmapItem"), "Work that it waits for."), new Field("parent", Reference("RoadmapItem", "Phase", "Objective"), "What it belongs to."),
            new Field("all", List(Object(
                new Field("metric", Text, "Number that is looked at; a Metric of the plan, or a word of its own."), new Field("check", Text, "Something that is done or not."), new Field("quantity", Shape.Quantity, "Value it must have."),
                new Field("window", Shape.Span, "Stretch it must hold for."), new Field("evidence", Texts, "What shows it."), new Field("met", Flag, "Whether it holds."), new Field("line", Whole(1, 10_000_000), "Line of the source."))), "The conditions.", Required: true));
        yield return Of("Team", "Who is there in a period.",
            new Field("period", Shape.Period, "When.", Required: true), new Field("roles", Map(Number), "People by role.", Required: true), new Field("headcount", Number, "People in all, where the plan states it."), new Field("builders", Texts, "Roles that do the planned work. Default: engineers, developers and leads of them; everyone where there are none."), new Field("availability", Share, "Share of the time that planned work gets. Default 1."));
    }
}
