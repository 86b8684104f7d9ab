namespace PenguinMails.Oversight.Plans;

/// <summary>What a number counts. Only units of one dimension are compared.</summary>
public enum Dimension { Count, Money, Share, Factor, Time, Effort, Score, Octets, Weight, Length, Area, Volume, Energy }

/// <summary>A unit with what it is measured per.</summary>
/// <param name="Scale">Into the basic unit of the dimension: money in its currency, shares in percent, time and effort in days (effort: working days), octets, kilograms, metres, square metres, litres, kilowatt-hours.</param>
/// <param name="Currency">ISO 4217 code; null unless the dimension is money.</param>
/// <param name="PerDays">Days of the period it is measured per, such as 365.25/12 for a month; null when it is per nothing or per a thing.</param>
/// <param name="PerThing">What it is measured per when that is no time: customer, user, GB …</param>
public sealed record Unit(Dimension Dimension, decimal Scale, string? Currency, decimal? PerDays, string? PerThing, string Text)
{
    const decimal MonthDays = 365.25m / 12;

    // Working days: a week has five, a month a twelfth of 260.
    const decimal WorkMonthDays = 260m / 12;

    public static readonly Unit None = new(Dimension.Count, 1, null, null, null, "");

    static readonly Dictionary<string, (Dimension Dimension, decimal Scale)> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["percent"] = (Dimension.Share, 1), ["%"] = (Dimension.Share, 1), ["pct"] = (Dimension.Share, 1), ["permille"] = (Dimension.Share, 0.1m), ["share"] = (Dimension.Share, 100),
        ["ratio"] = (Dimension.Factor, 1), ["x"] = (Dimension.Factor, 1), ["times"] = (Dimension.Factor, 1), ["factor"] = (Dimension.Factor, 1),
        ["milliseconds"] = (Dimension.Time, 1m / 86_400_000), ["ms"] = (Dimension.Time, 1m / 86_400_000), ["seconds"] = (Dimension.Time, 1m / 86_400), ["s"] = (Dimension.Time, 1m / 86_400), ["sec"] = (Dimension.Time, 1m / 86_400),
        ["minutes"] = (Dimension.Time, 1m / 1440), ["min"] = (Dimension.Time, 1m / 1440), ["mins"] = (Dimension.Time, 1m / 1440),
        ["hours"] = (Dimension.Time, 1m / 24), ["h"] = (Dimension.Time, 1m / 24), ["hrs"] = (Dimension.Time, 1m / 24),
        ["days"] = (Dimension.Time, 1), ["d"] = (Dimension.Time, 1), ["weeks"] = (Dimension.Time, 7), ["wk"] = (Dimension.Time, 7), ["w"] = (Dimension.Time, 7), ["wks"] = (Dimension.Time, 7),
        ["months"] = (Dimension.Time, MonthDays), ["mo"] = (Dimension.Time, MonthDays), ["quarters"] = (Dimension.Time, 3 * MonthDays), ["years"] = (Dimension.Time, 365.25m), ["yr"] = (Dimension.Time, 365.25m),
        ["person-hours"] = (Dimension.Effort, 0.125m), ["person-days"] = (Dimension.Effort, 1), ["person-weeks"] = (Dimension.Effort, 5), ["person-months"] = (Dimension.Effort, WorkMonthDays), ["person-years"] = (Dimension.Effort, 260),
        ["points"] = (Dimension.Score, 1), ["score"] = (Dimension.Score, 1), ["stars"] = (Dimension.Score, 1),
        ["bytes"] = (Dimension.Octets, 1), ["KB"] = (Dimension.Octets, 1_000), ["MB"] = (Dimension.Octets, 1_000_000), ["GB"] = (Dimension.Octets, 1_000_000_000), ["TB"] = (Dimension.Octets, 1_000_000_000_000),
        ["grams"] = (Dimension.Weight, 0.001m), ["kg"] = (Dimension.Weight, 1), ["kilograms"] = (Dimension.Weight, 1), ["tonnes"] = (Dimension.Weight, 1_000), ["metres"] = (Dimension.Length, 1), ["meters"] = (Dimension.Length, 1),
        ["km"] = (Dimension.Length, 1_000), ["kilometres"] = (Dimension.Length, 1_000), ["kilometers"] = (Dimension.Length, 1_000), ["miles"] = (Dimension.Length, 1_609.344m),
        ["m2"] = (Dimension.Area, 1), ["m²"] = (Dimension.Area, 1), ["hectares"] = (Dimension.Area, 10_000), ["ha"] = (Dimension.Area, 10_000), ["km2"] = (Dimension.Area, 1_000_000), ["acres"] = (Dimension.Area, 4_046.8564224m),
        ["ml"] = (Dimension.Volume, 0.001m), ["litres"] = (Dimension.Volume, 1), ["liters"] = (Dimension.Volume, 1), ["m3"] = (Dimension.Volume, 1_000), ["m³"] = (Dimension.Volume, 1_000),
        ["Wh"] = (Dimension.Energy, 0.001m), ["kWh"] = (Dimension.Energy, 1), ["MWh"] = (Dimension.Energy, 1_000), ["GWh"] = (Dimension.Energy, 1_000_000),
    };

    static readonly HashSet<string> Things = new(StringComparer.OrdinalIgnoreCase)
    {
        "count", "customer", "client", "user", "seat", "person", "people", "engineer", "developer", "employee", "account", "tenant", "workspace", "domain", "mailbox", "mailboxes", "email", "message", "contact",
        "lead", "meeting", "reply", "replies", "secret", "ticket", "feature", "bug", "item", "request", "order", "subscription", "server", "campaign", "event", "call", "installation", "site", "unit", "partner", "country", "countries", "region",
        "incident", "release", "deal", "visit", "download", "transaction", "head", "member", "subscriber", "reader", "student", "patient", "guest", "passenger", "visitor", "volunteer", "donor", "contributor", "bed", "room",
        "van", "truck", "car", "bus", "buses", "bike", "boat", "plane", "driver", "rider", "tour", "trip", "ride", "stop", "crate", "box", "boxes", "bag", "bottle", "meal", "level", "sprint", "story", "stories", "session", "lesson", "class", "classes", "test", "sample",
        "batch", "batches", "pump", "well", "tank", "household", "flat", "building", "licence", "license", "device", "sensor", "tree", "plant", "animal", "cow", "hen", "egg", "garment", "piece", "sheet", "page", "film", "song", "player", "game", "fan", "nurse", "doctor", "teacher", "operation", "appointment", "delivery", "deliveries", "return", "complaint", "defect", "outage", "crash", "crashes", "job", "task",
        "place", "copy", "copies", "parcel", "package", "pallet", "shipment", "vehicle", "machine", "store", "project", "case", "course", "paper", "book", "match", "matches",
    };

    static readonly HashSet<string> Currencies = new(StringComparer.Ordinal)
    {
        "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "MAD", "MXN", "MYR", "NGN", "NOK",
        "NZD", "PEN", "PHP", "PKR", "PLN", "RON", "RSD", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "UYU", "VND", "ZAR",
    };

    static readonly (string Word, decimal Scale)[] Prefixes = [("thousand ", 1_000), ("million ", 1_000_000), ("billion ", 1_000_000_000), ("k", 1_000), ("K", 1_000), ("M", 1_000_000), ("bn", 1_000_000_000), ("B", 1_000_000_000)];

    /// <summary>The nearest word of the list, for the sentence about an unknown unit.</summary>
    public static IEnumerable<string> Known => [.. Words.Keys, .. Things, .. Currencies];

    public static bool IsCurrency(string code) => Currencies.Contains(code);

    public static bool TryParse(string text, out Unit unit)
    {
        unit = None;
        var (main, per) = text.Trim().Split('/', 2) is [var left, var right] ? (left.Trim(), right.Trim()) : (text.Trim(), "");
        if (text.Trim().Split(" per ", 2) is [var before, var after]) (main, per) = (before.Trim(), after.Trim());
        if (Main(main) is not { } found) return false;
        decimal? days = null;
        string? thing = null;
        // At most one time and one thing, in any order: USD/customer/month.
        foreach (var one in per.Split(per.Contains(" per ", StringComparison.Ordinal) ? " per " : "/", StringSplitOptions.TrimEntries).Where(_ => per.Length > 0))
            if (days is null && Days(one) is { } length) days = length;
            else if (thing is null && (Things.Contains(one) || Things.Contains(Singular(one)) || Words.ContainsKey(one))) thing = Singular(one.ToLowerInvariant());
            else return false;
        unit = found with { PerDays = days, PerThing = thing, Text = text.Trim() };
        return true;
    }

    static Unit? Main(string word)
    {
        if (Words.TryGetValue(word, out var known) || Words.TryGetValue(word + "s", out known) || Words.TryGetValue(word.Replace('_', '-').Replace(' ', '-'), out known) || Words.TryGetValue(word.Replace('_', '-').Replace(' ', '-') + "s", out known))
            return new Unit(known.Dimension, known.Scale, null, null, null, word);
        if (Things.Contains(word) || Things.Contains(Singular(word))) return new Unit(Dimension.Count, 1, null, null, null, word);
        if (Currencies.Contains(word)) return new Unit(Dimension.Money, 1, word, null, null, word);
        if (word is "$" or "US$") return new Unit(Dimension.Money, 1, "USD", null, null, word);
        if (word is "€") return new Unit(Dimension.Money, 1, "EUR", null, null, word);
        if (word is "£") return new Unit(Dimension.Money, 1, "GBP", null, null, word);
        foreach (var (prefix, scale) in Prefixes)
            if (word.StartsWith(prefix, StringComparison.Ordinal) && word.Length > prefix.Length && Main(word[prefix.Length..].Trim()) is { Dimension: Dimension.Money or Dimension.Count or >= Dimension.Weight } rest)
                return rest with { Scale = rest.Scale * scale };
        return null;
    }

    static string Singular(string word) => word.Length > 2 && word.EndsWith('s') ? word[..^1] : word;

    static decimal? Days(string word) => Singular(word.ToLowerInvariant()) switch
    {
        "second" or "sec" or "s" => 1m / 86_400,
        "minute" or "min" => 1m / 1440,
        "hour" or "h" => 1m / 24,
        "day" or "d" => 1,
        "week" or "wk" => 7,
        "month" or "mo" => MonthDays,
        "quarter" or "q" => 3 * MonthDays,
        "year" or "yr" or "y" or "annum" => 365.25m,
        _ => null,
    };
}
