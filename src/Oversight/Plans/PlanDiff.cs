using System.Globalization;

namespace PenguinMails.Oversight.Plans;

/// <summary>What happened to a value between two versions of a plan.</summary>
public enum ChangeKind { Added, Removed, Changed }

/// <summary>One line of the change log.</summary>
/// <param name="Ref">Kind/name.</param>
/// <param name="Path">Field below the object, such as <c>spec.quantity.value</c>; empty when the whole object came or went.</param>
/// <param name="Sentence">The same for people, with the difference of numbers and the shift of periods.</param>
/// <param name="At">Where it stands in the newer plan, or in the older when it was removed.</param>
public sealed record PlanChange(ChangeKind Kind, string Ref, string Path, string? Before, string? After, string Sentence, Place At);

/// <summary>Compares two versions of a plan object by object, so that neither order nor layout of files counts.</summary>
public static class PlanDiff
{
    /// <returns>By kind and name: what came, what went, what changed.</returns>
    public static IReadOnlyList<PlanChange> Compare(Plan before, Plan after)
    {
        var changes = new List<PlanChange>();
        var order = Kinds.All.Select((kind, at) => (kind.Word, at)).ToDictionary(kind => kind.Word, kind => kind.at);
        foreach (var reference in before.Objects.Concat(after.Objects).Select(one => (one.Kind, one.Name)).Distinct().OrderBy(one => order[one.Kind]).ThenBy(one => one.Name, StringComparer.Ordinal))
        {
            var (old, now) = (before.Find(reference.Kind, reference.Name), after.Find(reference.Kind, reference.Name));
            if (old is null && now is not null) changes.Add(new(ChangeKind.Added, now.Ref, "", null, now.Title, $"{now.Ref} is new: {now.Title}{Value(now)}.", now.At));
            else if (now is null && old is not null) changes.Add(new(ChangeKind.Removed, old.Ref, "", old.Title, null, $"{old.Ref} is gone: {old.Title}{Value(old)}.", old.At));
            else if (old is not null && now is not null) changes.AddRange(Changes(old, now));
        }

        return changes;
    }

    static string Value(PlanObject one) => one.Quantity("quantity") is { } quantity ? $" ({quantity}{(quantity.At is { } at ? " by " + at : "")})" : one.Period("period") is { } period ? $" ({period})" : "";

    /// <param name="Number">Middle of a quantity, for the difference in percent.</param>
    sealed record Leaf(string Text, string Same, decimal? Number, Place At);

    static IEnumerable<PlanChange> Changes(PlanObject before, PlanObject after)
    {
        var (old, now) = (Leaves(before), Leaves(after));
        foreach (var path in old.Keys.Union(now.Keys))
        {
            if (path.StartsWith("metadata.source.", StringComparison.Ordinal)) continue;
            var (was, isNow) = (old.GetValueOrDefault(path), now.GetValueOrDefault(path));
            if (was?.Same == isNow?.Same) continue;
            var kind = was is null ? ChangeKind.Added : isNow is null ? ChangeKind.Removed : ChangeKind.Changed;
            yield return new PlanChange(kind, after.Ref, path, was?.Text, isNow?.Text, $"{after.Ref}: {Sentence(path, was, isNow)}.", (isNow ?? was)?.At ?? after.At);
        }
    }

    static string Sentence(string path, Leaf? was, Leaf? isNow)
    {
        var field = path.Replace("spec.", "", StringComparison.Ordinal).Replace("metadata.", "", StringComparison.Ordinal);
        var member = field.EndsWith(']');
        if (was is null) return member ? $"{field} is new" : $"{field} is now {isNow?.Text}";
        if (isNow is null) return member ? $"{field} is gone" : $"{field} is no longer set (it was {was.Text})";
        return $"{field} {was.Text} → {isNow.Text}{Difference(was, isNow)}";
    }

    static string Difference(Leaf was, Leaf isNow)
    {
        if (was.Number is { } old && isNow.Number is { } now) return old == 0 || old == now ? "" : string.Create(CultureInfo.InvariantCulture, $" ({(now - old) / Math.Abs(old) * 100:+0.#;-0.#} %)");
        if (Period.TryParse(was.Text, out var earlier, out _) && Period.TryParse(isNow.Text, out var later, out _) && !later.IsOpen && !earlier.IsOpen)
            return (later.End.DayNumber - earlier.End.DayNumber) switch { 0 => "", > 0 and var days => $" ({days} days later)", var days => $" ({-days} days earlier)" };
        return "";
    }

    static Dictionary<string, Leaf> Leaves(PlanObject one)
    {
        var found = new Dictionary<string, Leaf>(StringComparer.Ordinal);
        Collect(one.Metadata, Kinds.Metadata, "metadata", found);
        Collect(one.Spec, Kinds.Find(one.Kind)?.Spec, "spec", found);
        return found;
    }

    static void Collect(Node node, Shape? shape, string path, Dictionary<string, Leaf> found)
    {
        if (node.IsNull) return;
        if (shape is EitherShape either && either.Shapes.Any(one => one is QuantityShape) && node is MapNode or ScalarNode && Quantity.Of(node) is not null) shape = Shape.Quantity;
        if (shape is QuantityShape && Quantity.Of(node) is { } quantity)
        {
            var at = quantity.At is { } due ? $" by {due}" : quantity.Offset is { } offset ? $" at {quantity.Epoch ?? "?"} + {offset}" : quantity.Epoch is { } epoch ? $" at {epoch}" : "";
            found[path] = new Leaf(quantity + at, $"{quantity.Bound} {quantity.Low} {quantity.High} {quantity.Unit}{at}", (quantity.Low + quantity.High) / 2, node.At);
            return;
        }

        switch (node)
        {
            case ScalarNode scalar:
                found[path] = new Leaf(scalar.Text, scalar.Text, shape is NumberShape && NumberText.TryParse(scalar.Text, out var number, out _) ? number : null, scalar.At);
                break;
            case MapNode map:
                foreach (var (key, value) in map.Entries) Collect(value, Inner(shape, key.Text), $"{path}.{key.Text}", found);
                break;
            case ListNode list: Members(list, shape, path, found); break;
        }
    }

    // Members of a list are known by their text, or by the key that names them, and not by their place.
    static void Members(ListNode list, Shape? shape, string path, Dictionary<string, Leaf> found)
    {
        for (var i = 0; i < list.Items.Count; i++)
        {
            var (item, of) = (list.Items[i], (shape as ListShape)?.Item);
            var name = item is ScalarNode scalar ? scalar.Text : item is MapNode map ? map.Text("metric") ?? map.Text("check") ?? map.Text("text") ?? map.Text("path") : null;
            var key = name is null || found.ContainsKey($"{path}[{name}]") ? $"{path}[{i}]" : $"{path}[{name}]";
            if (name is null || item is ScalarNode) Collect(item, of, key, found);
            if (name is null || item is not MapNode named) continue;
            found[key] = new Leaf(name, name, null, item.At);
            foreach (var (word, value) in named.Entries)
                if ((value as ScalarNode)?.Text != name) Collect(value, Inner(of, word.Text), $"{key}.{word.Text}", found);
        }
    }

    static Shape? Inner(Shape? shape, string key) => shape switch
    {
        ObjectShape fields => fields.Find(key)?.Shape,
        MapShape map => map.Value,
        EitherShape either => either.Shapes.OfType<ObjectShape>().FirstOrDefault()?.Find(key)?.Shape ?? (either.Shapes.OfType<MapShape>().FirstOrDefault())?.Value,
        _ => null,
    };
}
