using static PenguinMails.Oversight.Plans.Shape;

namespace PenguinMails.Oversight.Plans;

static partial class Kinds
{
    static IEnumerable<Kind> MoneyKinds()
    {
        yield return Of("Vendor", "Who is depended upon.",
            new Field("purpose", Text, "What for."), new Field("constraints", Texts, "What limits it."), new Field("stance", Word("accept", "migrate", "watch"), "Whether it stays."), new Field("migrateTo", Text, "What replaces it."),
            new Field("window", Shape.Period, "When it is left."), new Field("trigger", Text, "What starts the move."), new Field("exitCost", Shape.Quantity, "What leaving costs."), new Field("rotation", Map(Either(Shape.Span, Text)), "How often its secrets change."), new Field("saves", Shape.Quantity, "Work it saves."), new Field("benefits", Texts, "What speaks for it."));
        yield return Of("CostLine", "What something costs.",
            new Field("vendor", Reference("Vendor"), "Who is paid."), new Field("model", Word("fixed", "perUnit", "percentOf", "step"), "How it grows."), new Field("amount", Shape.Quantity, "How much."), new Field("driver", Reference("Metric"), "Number it grows with."),
            new Field("rate", Number, "Share of the driver, 0.032 for 3.2 percent."), new Field("driverValue", Shape.Quantity, "Value of the driver at which the amount was computed."), new Field("cogs", Flag, "Part of the cost of revenue."), new Field("period", Shape.Period, "When."),
            new Field("savings", Shape.Quantity, "What is saved."), new Field("includes", References("CostLine"), "Lines whose amounts this one sums up."), new Field("focus", Anything, "Columns of FOCUS."));
        yield return Of("Budget", "Money or effort set aside.",
            new Field("scope", Text, "What for."), new Field("lines", References("CostLine"), "Its costs."), new Field("total", MoneyOrQuantity, "Money in all."), new Field("period", Shape.Period, "When."), new Field("costCentre", Text, "Who pays."), new Field("domains", Texts, "Domains it is for."),
            new Field("items", List(Reference("RoadmapItem", "Phase")), "Work it pays for."), new Field("effort", Shape.Quantity, "Time or person-days in all."), new Field("effortAlso", Shape.Quantity, "The same in another unit, as the source has it."), new Field("people", Shape.Quantity, "People at work at once."), new Field("start", Day, "Day the work begins."), new Field("event", Text, "Event or gate it leads to."), new Field("sequential", Flag, "Its work is done one after the other."));
        yield return Of("Scenario", "The plan with some values changed.",
            new Field("parent", Reference("Scenario"), "Scenario it changes."), new Field("overrides", List(Object(new Field("path", Text, "Kind/name and field.", Required: true), new Field("value", Anything, "Its value here.", Required: true))), "What is different."), new Field("probability", Share, "0 to 1."));
    }

    static IEnumerable<Kind> Registers()
    {
        yield return Of("Risk", "What may go wrong.",
            new Field("cause", Text, "Why."), new Field("event", Text, "What."), new Field("consequence", Text, "And then."), new Field("likelihood", Whole(1, 5), "1 to 5."), new Field("impact", Either(Whole(1, 5), Object(new Field("p", Share, "Probability."), new Field("loss", Shape.Quantity, "Loss."))), "1 to 5, or probability and loss."),
            new Field("indicators", List(Object(new Field("metric", Text, "Number that warns.", Required: true), new Field("trigger", Text, "Value or direction that does."))), "What warns of it."), new Field("treatment", Word("mitigate", "transfer", "avoid", "accept"), "What is done."), new Field("mitigations", Texts, "How; names of items or words."), new Field("residual", Either(Whole(1, 25), Text), "What remains."), new Field("reviewBy", Day, "When it is looked at again."));
        yield return Of("Contingency", "What is done when something happens.", new Field("when", Text, "What happens.", Required: true), new Field("then", Texts, "What is done.", Required: true), new Field("authority", Text, "Who decides it."));
        yield return Of("Decision", "What was decided, and what it should bring.",
            new Field("status", Word("proposed", "accepted", "rejected", "superseded"), "How it stands. Default accepted."), new Field("date", Shape.Period, "When."), new Field("deciders", Texts, "Who."), new Field("consulted", Texts, "Who was asked."), new Field("informed", Texts, "Who was told."), new Field("context", Text, "Why it was open."),
            new Field("options", List(Anything), "What could be chosen."), new Field("chosen", Text, "What was."), new Field("because", Texts, "Why."), new Field("expectedEffect", Object(new Field("metric", Text, "Number it moves."), new Field("quantity", Shape.Quantity, "How far."), new Field("by", Shape.Period, "By when."), new Field("baseline", Shape.Quantity, "Where it stood.")), "What it should bring."), new Field("reviewOn", Day, "When that is checked."), new Field("outcome", Text, "What came of it."),
            new Field("feature", Texts, "Feature it is about."), new Field("effort", Shape.Quantity, "What it now takes."), new Field("was", Shape.Quantity, "What it was thought to take."), new Field("priority", Word(Priorities), "Priority it gives."), new Field("blocks", References("RoadmapItem", "Gate", "Phase"), "What waits for it."), new Field("areas", Texts, "Parts of the product it concerns."), new Field("rules", List(PolicyShape), "What follows for the work."));
        yield return Of("Recommendation", "What somebody advises.",
            new Field("text", Text, "The advice.", Required: true), new Field("order", Whole(1, 1000), "Rank."), new Field("decision", Reference("Decision"), "Decision it led to."), new Field("feature", Texts, "Feature it is about."), new Field("effort", Shape.Quantity, "What it takes."), new Field("was", Shape.Quantity, "What it was thought to take."), new Field("window", Shape.Period, "When."), new Field("start", Text, "When it begins."));
        yield return Of("Review", "A look at the plan.",
            new Field("cadence", Text, "How often."), new Field("agenda", Texts, "What is looked at."), new Field("due", Day, "When."), new Field("heldOn", Shape.Period, "When it was held."), new Field("inputs", Texts, "What it looked at."), new Field("attendees", Texts, "Who was there."), new Field("findings", Texts, "What it found."));
        yield return Of("Claim", "A sentence that asserts something about a number.", new Field("text", Text, "The sentence.", Required: true), new Field("metric", Reference("Metric"), "Number it speaks of."), new Field("direction", Word("up", "down", "flat"), "What it asserts."), new Field("window", Shape.Period, "When."), new Field("verdictRef", Text, "Stored verdict."), new Field("status", Word("supported", "unsupported", "contradicted"), "Whether it holds."));
        yield return Of("Waiver", "A finding that is accepted for a time.", new Field("finding", Text, "Rule, or rule and names: R17 mrr-2026q1.", Required: true), new Field("reason", Text, "Why it may stand.", Required: true), new Field("by", Text, "Who accepts it.", Required: true), new Field("until", Day, "Last day it holds.", Required: true));
        yield return Of("Link", "Another document.", new Field("target", Text, "Address, or a path.", Required: true), new Field("text", Text, "What is found there."), new Field("group", Text, "Heading it stands under."));
    }
}
