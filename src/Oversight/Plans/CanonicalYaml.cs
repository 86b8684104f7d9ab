using System.Globalization;
using System.Text;

namespace PenguinMails.Oversight.Plans;

/// <summary>A plan in one fixed form: kinds in order, names in order, keys in the order of the schema, one way to quote. Two plans that mean the same read the same.</summary>
public static class CanonicalYaml
{
    const string Indicators = "-?:,[]{}#&*!|>'\"%@`~";

    /// <returns>All objects as one file of several documents.</returns>
    public static string Write(Plan plan)
    {
        var text = new StringBuilder();
        foreach (var kind in Kinds.All) text.Append(Write(plan, kind.Word));
        return text.ToString();
    }

    /// <returns>The objects of one kind; empty when there are none.</returns>
    public static string Write(Plan plan, string kind)
    {
        var text = new StringBuilder();
        foreach (var one in plan.Of(kind).OrderBy(one => one.Name, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"---\napiVersion: {Kinds.ApiVersion}\nkind: {one.Kind}\n");
            Entry(text, "metadata", one.Metadata, Kinds.Metadata, 0);
            Entry(text, "spec", one.Spec, Kinds.Find(kind)?.Spec, 0);
        }

        return text.ToString();
    }

    static void Entry(StringBuilder text, string key, Node value, Shape? shape, int depth)
    {
        text.Append(' ', depth * 2).Append(Scalar(key, quoted: false)).Append(':');
        Value(text, value, shape, depth);
    }

    static void Value(StringBuilder text, Node value, Shape? shape, int depth)
    {
        switch (value)
        {
            case ScalarNode scalar:
                text.Append(' ').Append(value.IsNull ? "null" : Scalar(scalar.Text, scalar.Quoted)).Append('\n');
                break;
            case MapNode { Entries.Count: 0 }: text.Append(" {}\n"); break;
            case ListNode { Items.Count: 0 }: text.Append(" []\n"); break;
            case MapNode map:
                text.Append('\n');
                Keys(text, map, shape, depth + 1);
                break;
            case ListNode list:
                text.Append('\n');
                foreach (var item in list.Items) Item(text, item, shape is ListShape of ? of.Item : null, depth + 1);
                break;
        }
    }

    static void Item(StringBuilder text, Node item, Shape? shape, int depth)
    {
        text.Append(' ', depth * 2).Append('-');
        if (item is not MapNode { Entries.Count: > 0 } map)
        {
            Value(text, item, shape, depth);
            return;
        }

        // The first key stands behind the dash.
        var keys = new StringBuilder();
        Keys(keys, map, shape, depth + 1);
        text.Append(' ').Append(keys.ToString().AsSpan((depth + 1) * 2));
    }

    static void Keys(StringBuilder text, MapNode map, Shape? shape, int depth)
    {
        var fields = shape switch
        {
            QuantityShape => Kinds.QuantityFields,
            ObjectShape found => found,
            EitherShape either => either.Shapes.OfType<ObjectShape>().FirstOrDefault() ?? (either.Shapes.Any(one => one is QuantityShape) ? Kinds.QuantityFields : null),
            _ => null,
        };
        foreach (var (key, value) in map.Entries.OrderBy(entry => Order(fields, entry.Key.Text)))
            if (!value.IsNull) Entry(text, key.Text, value, fields?.Find(key.Text)?.Shape, depth);
    }

    static int Order(ObjectShape? fields, string key)
    {
        if (fields is null) return 0;
        for (var i = 0; i < fields.Fields.Count; i++)
            if (fields.Fields[i].Key == key) return i;
        return int.MaxValue;
    }

    static string Scalar(string text, bool quoted)
    {
        var plain = text.Length > 0 && text[0] != ' ' && text[^1] != ' ' && !Indicators.Contains(text[0], StringComparison.Ordinal) && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal) && text[^1] != ':' && !text.Any(char.IsControl);
        if (plain && !(quoted && new ScalarNode(default, text, quoted: false).IsNull) && text is not ("---" or "...") && !text.Any(c => c is '\u0085' or '\u2028' or '\u2029' or '\uFEFF')) return text;
        var made = new StringBuilder("\"");
        foreach (var letter in text)
            _ = letter switch
            {
                '"' => made.Append("\\\""),
                '\\' => made.Append(@"\\"),
                '\n' => made.Append("\\n"),
                '\t' => made.Append("\\t"),
                < ' ' or '\u007f' or '\u0085' or '\u2028' or '\u2029' or '\uFEFF' => made.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => made.Append(letter),
            };
        return made.Append('"').ToString();
    }
}
