using System.Globalization;

namespace PenguinMails.Oversight.Plans;

/// <summary>Holds a value against its shape and collects everything that is wrong, each with its place.</summary>
sealed class ShapeCheck(List<PlanFault> faults)
{
    /// <summary>References that were met, for the check that they lead somewhere.</summary>
    public List<(ScalarNode Name, ReferenceShape Shape, string Path)> References { get; } = [];

    /// <summary>Quantities that were read, with the path to each.</summary>
    public List<(Quantity Quantity, string Path)> Quantities { get; } = [];

    public void Check(Shape shape, Node node, string path)
    {
        if (node.IsNull && shape is not AnyShape) return;
        switch (shape)
        {
            case AnyShape: break;
            case ObjectShape fields: Fields(fields, node, path); break;
            case QuantityShape: Quantity(node, path); break;
            case ListShape list: Items(list, node, path); break;
            case MapShape map: Entries(map, node, path); break;
            case EitherShape either: Check(Choose(either, node), node, path); break;
            default: Leaf(shape, node, path); break;
        }
    }

    void Fields(ObjectShape shape, Node node, string path)
    {
        if (node is not MapNode map)
        {
            Fault(node, "plan.type_wrong", $"{path}: a group of keys is expected, and {node.Word} stands here.");
            return;
        }

        foreach (var (key, value) in map.Entries)
            if (shape.Find(key.Text) is { } field) Check(field.Shape, value, $"{path}.{key.Text}");
            else Fault(key, "plan.key_unknown", $"{path}: the key \"{key.Text}\" is unknown{Nearest.Hint(key.Text, shape.Fields.Select(one => one.Key))}. Known: {string.Join(", ", shape.Fields.Select(one => one.Key))}.");
        foreach (var field in shape.Fields)
            if (field.Required && map[field.Key] is null) Fault(map, "plan.key_missing", $"{path}: \"{field.Key}\" is missing. {field.About}");
    }

    void Quantity(Node node, string path)
    {
        var before = faults.Count;
        if (node is MapNode) Check(Kinds.QuantityFields, node, path);
        if (faults.Count > before) return;
        if (QuantityText.Read(node, out var fault) is { } quantity) Quantities.Add((quantity, path));
        if (fault is not null) faults.Add(fault with { Message = $"{path}: {fault.Message}" });
    }

    void Items(ListShape shape, Node node, string path)
    {
        if (node is not ListNode list)
        {
            Check(shape.Item, node, path);
            return;
        }

        for (var i = 0; i < list.Items.Count; i++) Check(shape.Item, list.Items[i], $"{path}[{i}]");
    }

    void Entries(MapShape shape, Node node, string path)
    {
        if (node is not MapNode map) Fault(node, "plan.type_wrong", $"{path}: a group of keys is expected, and {node.Word} stands here.");
        else foreach (var (key, value) in map.Entries) Check(shape.Value, value, $"{path}.{key.Text}");
    }

    // A group of keys takes the shape with keys, a list the list; among the rest the first that fits, else the last, whose sentence is then the one to read.
    static Shape Choose(EitherShape either, Node node)
    {
        var suited = either.Shapes.Where(shape => node switch
        {
            MapNode => shape is ObjectShape or MapShape or QuantityShape or AnyShape,
            ListNode => shape is ListShape or AnyShape,
            _ => shape is not (ObjectShape or MapShape or ListShape { Item: not TextShape }),
        }).ToList();
        return suited.FirstOrDefault(shape => Fits(shape, node)) ?? suited.LastOrDefault() ?? either.Shapes[0];
    }

    static bool Fits(Shape shape, Node node)
    {
        var found = new List<PlanFault>();
        new ShapeCheck(found).Check(shape, node, "");
        return found.Count == 0;
    }

    void Leaf(Shape shape, Node node, string path)
    {
        if (node is not ScalarNode scalar)
        {
            Fault(node, "plan.type_wrong", $"{path}: {Expected(shape)} is expected, and {node.Word} stands here.");
            return;
        }

        if (shape is ReferenceShape reference) References.Add((scalar, reference, path));
        if (Wrong(shape, scalar) is (var code, { } why)) Fault(scalar, code, $"{path}: \"{Short(scalar.Text)}\" {why}.");
    }

    static (string Code, string? Why) Wrong(Shape shape, ScalarNode scalar) => shape switch
    {
        NameShape => ("plan.name_invalid", NameFault(scalar.Text)),
        WordShape words => ("plan.word_unknown", words.Words.Contains(scalar.Text) ? null : $"is none of {string.Join(", ", words.Words)}{Nearest.Hint(scalar.Text, words.Words)}"),
        NumberShape number => ("plan.number_invalid", NumberFault(number, scalar.Text)),
        FlagShape => ("plan.flag_invalid", scalar.Text is "true" or "false" ? null : "is neither true nor false"),
        PeriodShape period => ("plan.date_invalid", PeriodFault(period, scalar.Text)),
        SpanShape => ("plan.span_invalid", Span.TryParse(scalar.Text, out _) ? null : "is no length of time: write P90D, P12M or PT48H"),
        _ => ("", null),
    };

    static string? NameFault(string text) =>
        text.Length is > 0 and <= 100 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.') && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
            ? null : "is no name: at most 100 lower-case letters, digits, dots and dashes, with a letter or digit at both ends";

    static string? NumberFault(NumberShape shape, string text)
    {
        if (!NumberText.TryParse(text, out var number, out _)) return "is no number";
        if (shape.WholeOnly && number != decimal.Truncate(number)) return "is no whole number";
        if (number < shape.Low || number > shape.High) return string.Create(CultureInfo.InvariantCulture, $"lies outside {shape.Low} to {shape.High}");
        return null;
    }

    static string? PeriodFault(PeriodShape shape, string text)
    {
        if (!Period.TryParse(text, out var period, out var why)) return why;
        return shape.OneDay && period.Days != 1 ? "is no day: write YYYY-MM-DD" : null;
    }

    static string Expected(Shape shape) => shape switch
    {
        NumberShape => "a number",
        PeriodShape { OneDay: true } => "a day",
        PeriodShape => "a period",
        WordShape words => $"one of {string.Join(", ", words.Words)}",
        ReferenceShape reference => $"the name of a {string.Join(" or ", reference.Kinds)}",
        _ => "a text",
    };

    static string Short(string text) => text.Length <= 80 ? text : text[..77] + "...";

    void Fault(Node node, string code, string message) => faults.Add(new PlanFault(node.At, code, message));
}
