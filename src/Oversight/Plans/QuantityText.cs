namespace PenguinMails.Oversight.Plans;

/// <summary>Reads quantities in both forms, and says what is wrong with one that cannot be read.</summary>
static class QuantityText
{
    static readonly (string Sign, Bound Bound)[] Signs =
        [(">=", Bound.AtLeast), ("≥", Bound.AtLeast), (">", Bound.AtLeast), ("<=", Bound.AtMost), ("≤", Bound.AtMost), ("<", Bound.AtMost), ("=", Bound.Equal), ("at least ", Bound.AtLeast), ("at most ", Bound.AtMost), ("up to ", Bound.AtMost)];

    /// <param name="fault">What is wrong and where; null when it was read, or when there is nothing to read.</param>
    public static Quantity? Read(Node? node, out PlanFault? fault)
    {
        fault = null;
        var read = node switch
        {
            null or { IsNull: true } => null,
            ScalarNode scalar => Short(scalar, out fault),
            MapNode map => Long(map, out fault),
            _ => Refuse(node, "plan.quantity_invalid", $"A quantity is expected, and {node.Word} stands here.", out fault),
        };
        return read is null || (Sane(read.BasicLow) && Sane(read.BasicHigh)) ? read : Refuse(read.Node, "plan.number_invalid", $"{read} is smaller or larger than any plan needs. Check number and unit.", out fault);
    }

    // Within these a ratio of two quantities fits a decimal.
    static bool Sane(decimal number) => number == 0 || Math.Abs(number) is >= 0.000_000_001m and <= 100_000_000_000_000_000m;

    static Quantity? Long(MapNode map, out PlanFault? fault)
    {
        fault = null;
        if (Number(map, "value", out var value, out fault) is false || Number(map, "low", out var low, out fault) is false || Number(map, "high", out var high, out fault) is false) return null;
        if (value is null && low is null && high is null) return Refuse(map, "plan.quantity_invalid", "A quantity needs a value, or low and high.", out fault);
        if (value is not null && (low is not null || high is not null)) return Refuse(map, "plan.quantity_invalid", "Either value, or low and high; not both.", out fault);
        if (low is { } least && high is { } most && least.Number > most.Number) return Refuse(map["low"] ?? map, "plan.range_reversed", $"low is {NumberText.Show(least.Number)} and high {NumberText.Show(most.Number)}: low must not be above high.", out fault);
        if (Bounds(map, value is null, low is null, high is null) is not { } bound) return Refuse(map["op"] ?? map, "plan.quantity_invalid", $"op {map.Text("op")} does not fit: ge, gt, le, lt, eq go with value, between with low and high.", out fault);
        if (UnitOf(map, (value ?? low ?? high)?.Unit ?? "", out fault) is not { } unit) return null;
        Period? at = Period.TryParse(map.Text("at") ?? "", out var period, out _) ? period : null;
        Span? offset = Span.TryParse(map.Text("offset") ?? "", out var span) ? span : null;
        var (from, to) = (value ?? low ?? high, value ?? high ?? low);
        return from is null || to is null ? null : new Quantity(bound, from.Value.Number, to.Value.Number, unit, at, map.Text("epoch"), offset, map);
    }

    static Bound? Bounds(MapNode map, bool noValue, bool noLow, bool noHigh)
    {
        var named = map.Text("op") is { } word ? Quantity.Words.TryGetValue(word, out var known) ? known : (Bound?)null : noValue ? Bound.Between : Bound.Equal;
        if (noValue && named is Bound.Between && (noLow || noHigh)) return noLow ? Bound.AtMost : Bound.AtLeast;
        return named is { } bound && (bound == Bound.Between) == noValue ? bound : null;
    }

    static bool Number(MapNode map, string key, out (decimal Number, string Unit)? number, out PlanFault? fault)
    {
        (number, fault) = (null, null);
        if (map[key] is not { } node) return true;
        if (node is ScalarNode scalar && NumberText.TryParse(scalar.Text, out var read, out var unit))
        {
            number = (read, unit);
            return true;
        }

        fault = new PlanFault(node.At, "plan.number_invalid", $"{key}: {(node is ScalarNode text ? $"\"{text.Text}\"" : node.Word)} is no number. Write 25000, 25k, 1.2M or 80%.");
        return false;
    }

    static Unit? UnitOf(MapNode map, string sign, out PlanFault? fault)
    {
        fault = null;
        var word = map.Text("unit") ?? sign;
        if (sign.Length > 0 && map.Text("unit") is { } stated && sign != stated && !(sign == "%" && stated == "percent") && Unit.TryParse(sign, out var ofSign) && Unit.TryParse(stated, out var ofUnit) && (ofSign.Dimension, ofSign.Currency) != (ofUnit.Dimension, ofUnit.Currency))
            Refuse(map["unit"] ?? map, "plan.unit_mixed", $"The number says {sign} and the unit {stated}. Keep one.", out fault);
        if (fault is not null) return null;
        if (word.Length == 0) return Unit.None;
        if (Unit.TryParse(word, out var unit)) return unit;
        Refuse(map["unit"] ?? map, "plan.unit_unknown", UnknownUnit(word), out fault);
        return null;
    }

    static string UnknownUnit(string word) =>
        $"The unit \"{word}\" is unknown{Nearest.Hint(word.Split('/')[0], Unit.Known)}. Known are currencies (USD/month), percent, ratio, minutes to years, person-days, kg, km, m2, litres, kWh, count and counted things (customers, vans).";

    // "10-15 days", ">= 25K USD/month", "80-85%", "2-3x".
    static Quantity? Short(ScalarNode scalar, out PlanFault? fault)
    {
        fault = null;
        var (text, bound) = (scalar.Text.Trim(), (Bound?)null);
        foreach (var (sign, meaning) in Signs)
            if (bound is null && text.StartsWith(sign, StringComparison.OrdinalIgnoreCase)) (text, bound) = (text[sign.Length..].Trim(), meaning);
        var cut = UnitStart(text);
        var (numbers, word) = (text[..cut].Trim(), text[cut..].Trim());
        if (numbers.EndsWith('+')) (numbers, bound) = (numbers[..^1], bound ?? Bound.AtLeast);
        var parts = Ends(numbers.Replace(" to ", "-", StringComparison.Ordinal).Replace('–', '-').Replace('−', '-'));
        if (!NumberText.TryParse(parts[^1], out var high, out var lastSign)) return Refuse(scalar, "plan.quantity_invalid", $"\"{scalar.Text}\" is no quantity. Write {{op: ge, value: 25000, unit: USD/month}} or a short form such as 10-15 days.", out fault);
        var (low, firstSign) = (high, lastSign);
        if (parts.Length == 2 && !NumberText.TryParse(parts[0], out low, out firstSign)) return Refuse(scalar, "plan.quantity_invalid", $"\"{parts[0]}\" is no number.", out fault);
        // In "150-250k" the letter stands for both; in "500-2k" it cannot.
        if (parts.Length == 2 && NumberText.TryParse(parts[0] + string.Concat(parts[1].SkipWhile(letter => !char.IsLetter(letter))), out var scaled, out _) && scaled <= high) low = scaled;
        if (parts.Length == 2 && low > high && high != 0) return Refuse(scalar, "plan.range_reversed", $"\"{numbers}\": the first number must not be above the second.", out fault);
        var joined = Joined(firstSign.Length > 0 ? firstSign : lastSign, word);
        if (!Unit.TryParse(joined, out var unit) && joined.Length > 0) return Refuse(scalar, "plan.unit_unknown", UnknownUnit(word), out fault);
        return new Quantity(low != high ? Bound.Between : bound ?? Bound.Equal, low, high, joined.Length == 0 ? Unit.None : unit, null, null, null, scalar);
    }

    // A sign before the first number is no dash between two.
    static string[] Ends(string numbers) =>
        numbers.IndexOf('-', Math.Min(1, numbers.Length)) is > 0 and var dash ? [numbers[..dash].Trim(), numbers[(dash + 1)..].Trim()] : [numbers];

    static string Joined(string sign, string word) => (sign, word) switch
    {
        ("", _) => word,
        (_, "") => sign,
        (_, ['/', ..]) => sign + word,
        _ => word,
    };

    static int UnitStart(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == '/' || (char.IsLetter(letter) && !Scales(text, at) && !text.AsSpan(at).StartsWith("to ", StringComparison.Ordinal) && !(letter == 'o' && at > 0 && text[at - 1] == 't'))) return at;
            if (char.IsLetter(letter) && text.AsSpan(at).StartsWith("bn", StringComparison.Ordinal)) at++;
        }

        return text.Length;
    }

    // A letter of size directly behind a digit, and nothing wordlike behind it: 25K, 1.2M, 3bn.
    static bool Scales(string text, int at)
    {
        if (at == 0 || !char.IsAsciiDigit(text[at - 1])) return false;
        var length = text.AsSpan(at).StartsWith("bn", StringComparison.Ordinal) ? 2 : text[at] is 'k' or 'K' or 'M' or 'B' ? 1 : 0;
        return length > 0 && (at + length == text.Length || !char.IsLetter(text[at + length]));
    }

    static Quantity? Refuse(Node node, string code, string message, out PlanFault? fault)
    {
        fault = new PlanFault(node.At, code, message);
        return null;
    }
}
