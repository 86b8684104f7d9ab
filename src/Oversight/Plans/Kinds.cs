using static PenguinMails.Oversight.Plans.Shape;

namespace PenguinMails.Oversight.Plans;

/// <summary>The kinds of <c>oversight.penguinmails/v1</c>, in the order in which canonical files have them.</summary>
static partial class Kinds
{
    public const string ApiVersion = "oversight.penguinmails/v1";

    public static readonly ObjectShape QuantityFields = Object(
        new Field("op", Word([.. Plans.Quantity.Words.Keys]), "ge, gt, le, lt or eq with value; between with low and high. Default: eq, or between for a range."),
        new Field("value", Number, "One number; 25k, 1.2M and 80% are read."),
        new Field("low", Number, "Lower end of a range."),
        new Field("high", Number, "Upper end of a range."),
        new Field("unit", Text, "USD/month, percent, ratio, minutes, hours, days, weeks, months, person-days, count, customers and so on; none means a bare count."),
        new Field("at", Shape.Period, "The period at whose end it holds; two periods with a slash between: throughout from the end of the first to the end of the second."),
        new Field("epoch", Name, "An event of the plan's epochs that the offset is counted from."),
        new Field("offset", Shape.Span, "Time after the epoch, such as P12M."));

    static readonly Shape EpochShape = Object(
        new Field("date", Day, "The day it happened or will happen."),
        new Field("at", Shape.Period, "The period in which it is meant to happen, when no day is fixed."),
        new Field("status", Word("unknown", "planned", "reached"), "Whether it has happened."),
        new Field("meaning", Text, "What event this is."));

    public static readonly Shape Counts = List(Object(
        new Field("text", Text, "The sentence that claims the number."),
        new Field("count", Shape.Quantity, "The claimed number.", Required: true),
        new Field("of", Text, "Kind that is counted, such as RoadmapItem."),
        new Field("where", Map(Text), "Fields an object must have to be counted: priority, status, tier, period, parent, class or a label."),
        new Field("names", Texts, "What is counted, when it is enumerated here instead."),
        new Field("parts", List(Shape.Quantity), "Numbers that the count is the sum of.")));

    static readonly Field CountsField = new("counts", Counts, "Numbers of things that this object claims; rule R12 compares them with what the plan enumerates.");
    static readonly Field Notes = new("notes", Texts, "Anything else worth keeping.");

    static readonly Shape WindowShape = Either(Shape.Period, Object(new Field("start", Shape.Period, "First period."), new Field("end", Shape.Period, "Last period.")));

    public static readonly ObjectShape Metadata = Object(
        new Field("name", Name, "Unique among the objects of its kind; others refer to it.", Required: true),
        new Field("title", Text, "What people call it."),
        new Field("owner", Text, "Who answers for it, such as role:cfo."),
        new Field("labels", Map(Either(Text, Texts)), "Words to find it by."),
        new Field("source", Object(
            new Field("file", Text, "Document this was taken from."),
            new Field("lines", List(Whole(1, 10_000_000)), "Lines of that document."),
            new Field("quote", Text, "Its words.")), "Where it comes from."),
        new Field("version", Whole(1, 1_000_000), "Counts the changes of its meaning."),
        new Field("supersedes", Either(Text, Texts), "Names of objects this one replaces; a name of another kind as Kind/name."));

    static readonly Shape MoneyOrQuantity = Shape.Quantity;

    // Made on first use: the parts of this class initialize in no fixed order.
    static readonly Lazy<IReadOnlyList<Kind>> Made = new(() => [.. Purpose(), .. Measures(), .. Work(), .. MoneyKinds(), .. Registers()]);

    public static IReadOnlyList<Kind> All => Made.Value;

    public static Kind? Find(string word) => All.FirstOrDefault(kind => kind.Word == word);

    static Kind Of(string word, string about, params Field[] fields) => new(word, about, Object([.. fields, CountsField, Notes]));

    static IEnumerable<Kind> Purpose()
    {
        yield return Of("Plan", "What the whole is for, and what holds for all of it.",
            new Field("mission", Text, "Why the company exists."), new Field("vision", Text, "What it wants to become."),
            new Field("horizon", Either(Shape.Quantity, Text), "How far the plan looks, such as 3-5 years."),
            new Field("epochs", Map(EpochShape), "Events that times are counted from, by name."),
            new Field("fiscalYearStart", Text, "Month and day, MM-DD. Default 01-01."), new Field("currency", Text, "ISO 4217 code that all money is in."),
            new Field("rates", Map(Number), "What one unit of another currency is worth in the plan's; only currencies named here may be mixed in."),
            new Field("calendar", Text, "Working days, such as 5 days a week."), new Field("defaultOwner", Text, "Who answers for what names nobody else."),
            new Field("maturity", Text, "Where the work stands in one sentence."), new Field("gaps", Texts, "What is known to be missing."));
        yield return Of("Principle", "A value, priority, position or policy that decisions are held against.",
            new Field("class", Word("value", "priority", "position", "advantage", "policy"), "What sort of principle. Default value."), new Field("statement", Text, "The principle in a sentence.", Required: true),
            new Field("order", Whole(1, 1000), "Rank among those of its class."), new Field("productRules", List(Either(Text, PolicyShape)), "What follows for the work; with effect and features, rule R08 holds items against it."));
        yield return Of("Segment", "A group of customers the plan aims at.",
            new Field("rank", Word("primary", "secondary", "tertiary", "entry"), "Weight among the segments."), new Field("focusShare", Shape.Quantity, "Share of the effort in percent; those of one plan sum to 100."),
            new Field("teamSize", Shape.Quantity, "People in a customer's team."), new Field("why", Texts, "Why this segment."), new Field("traits", Texts, "What its customers are like."), new Field("needs", Texts, "What they need."),
            new Field("valueProps", Texts, "What they get."), new Field("entryWindow", Shape.Period, "When it is entered."), new Field("auth", Text, "How its people log in."), new Field("revenue", Shape.Quantity, "Revenue expected of it."));
        yield return Of("Problem", "What customers suffer from, and what is done about it.",
            new Field("pains", Texts, "What hurts."), new Field("solutions", List(Either(Text, Object(new Field("text", Text, "The solution.", Required: true), new Field("window", Shape.Period, "When it comes."), new Field("feature", Texts, "Feature it is."), new Field("tier", Text, "mvp, post-mvp or another.")))), "What is offered against it."),
            new Field("impact", Shape.Quantity, "How much better it gets."), new Field("baseline", Shape.Quantity, "Where it stood before, measured."), new Field("impactText", Text, "The same in words."), new Field("note", Text, "What limits it."));
        yield return Of("Competitor", "Who else serves these customers.",
            new Field("strengths", Texts, "What they are good at."), new Field("weaknesses", Texts, "What they lack."), new Field("marketShare", Shape.Quantity, "Their part of the market."), new Field("statement", Text, "In one sentence."));
    }

    public static readonly ObjectShape PolicyShape = Object(
        new Field("text", Text, "The rule in a sentence."), new Field("effect", Word("defer", "forbid", "require"), "Not before until; never; must be there by until.", Required: true),
        new Field("features", Texts, "Features it speaks of.", Required: true), new Field("tier", Text, "Tier the rule is limited to, such as mvp."),
        new Field("until", Shape.Period, "defer: not before this period begins; require: not after it ends."));
}
