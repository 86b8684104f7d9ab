namespace PenguinMails.Oversight.Plans;

/// <summary>Where a value stands. Lines and columns count from 1.</summary>
/// <param name="File">As given on the command line, or below the folder that was given, with forward slashes.</param>
public readonly record struct Place(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>Why a plan cannot be read: what, where, what to do.</summary>
/// <param name="Code">Public and never renamed, such as <c>plan.key_unknown</c>.</param>
public sealed record PlanFault(Place At, string Code, string Message)
{
    public override string ToString() => $"{At}: {Message} [{Code}]";
}

/// <summary>A value of a plan file that knows its place.</summary>
public abstract class Node(Place at)
{
    public Place At { get; } = at;

    /// <summary>A word for people: "a text", "a list", "a group of keys".</summary>
    public abstract string Word { get; }

    public bool IsNull => this is ScalarNode { Quoted: false, Text: "" or "~" or "null" or "Null" or "NULL" };
}

/// <summary>One word, number or text; what it means is decided by the shape that is asked for.</summary>
public sealed class ScalarNode(Place at, string text, bool quoted) : Node(at)
{
    public string Text { get; } = text;

    /// <summary>In quotes or a block, so that <c>"null"</c> is a text.</summary>
    public bool Quoted { get; } = quoted;

    public override string Word => IsNull ? "nothing" : "a text";
}

public sealed class ListNode(Place at, IReadOnlyList<Node> items) : Node(at)
{
    public IReadOnlyList<Node> Items { get; } = items;

    public override string Word => "a list";
}

/// <summary>Keys in the order of the file, each once.</summary>
public sealed class MapNode(Place at, IReadOnlyList<KeyValuePair<ScalarNode, Node>> entries) : Node(at)
{
    public IReadOnlyList<KeyValuePair<ScalarNode, Node>> Entries { get; } = entries;

    public override string Word => "a group of keys";

    /// <summary>Null when the key is missing or its value is null.</summary>
    public Node? this[string key]
    {
        get
        {
            foreach (var entry in Entries)
                if (entry.Key.Text == key) return entry.Value.IsNull ? null : entry.Value;
            return null;
        }
    }

    public string? Text(string key) => (this[key] as ScalarNode)?.Text;

    public MapNode? Map(string key) => this[key] as MapNode;

    /// <summary>The items of a list, a single value as a list of one, and nothing for a missing key.</summary>
    public IReadOnlyList<Node> List(string key) => this[key] switch
    {
        null => [],
        ListNode list => list.Items,
        var one => [one],
    };

    /// <summary>The texts of a list; what is no text is left out.</summary>
    public IEnumerable<ScalarNode> Texts(string key) => List(key).OfType<ScalarNode>();
}
