using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace PenguinMails.Oversight.Plans;

/// <summary>Turns YAML into nodes. Nothing is evaluated: no tags, no anchors, no merge keys, so that a small file cannot grow in memory.</summary>
public sealed class YamlTree
{
    /// <summary>Levels of nesting in one document.</summary>
    public const int DepthMax = 24;

    /// <summary>Values in one file, keys included.</summary>
    public const int NodesMax = 200_000;

    /// <summary>UTF-16 units of one text.</summary>
    public const int TextLengthMax = 20_000;

    readonly string _file;
    readonly List<PlanFault> _faults;
    readonly IParser _events;
    readonly int _nodesMax;
    int _nodes;

    YamlTree(string file, string text, List<PlanFault> faults, int nodesMax) =>
        (_file, _faults, _nodesMax, _events) = (file, faults, nodesMax, new Parser(new Scanner(new StringReader(text), skipComments: true)));

    /// <returns>The documents of a file; what follows a fault is not read.</returns>
    public static IReadOnlyList<Node> Read(string file, string text, List<PlanFault> faults, int nodesMax = NodesMax)
    {
        var documents = new List<Node>();
        var tree = new YamlTree(file, text, faults, nodesMax);
        try
        {
            while (tree._events.MoveNext())
                if (tree._events.Current is DocumentStart && tree._events.MoveNext() && tree._events.Current is not DocumentEnd && tree.Value(0) is { IsNull: false } document)
                    documents.Add(document);
        }
        catch (YamlException broken)
        {
            faults.Add(new PlanFault(Tab(file, text, broken) ?? At(file, broken.End.Line > broken.Start.Line ? broken.End : broken.Start), "plan.yaml_invalid", $"This is no valid YAML: {broken.Message.TrimEnd('.')}. Mend the text here; quote a value that holds a colon or a brace."));
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // The parser meets some broken texts with a fault of its own; the last value it gave is the nearest place there is.
            faults.Add(new PlanFault(tree.Here, "plan.yaml_invalid", "This is no valid YAML: it breaks off or is mixed up behind this place. Look for a missing brace, bracket or quote."));
        }
        catch (Refused refused)
        {
            faults.Add(refused.Fault);
        }

        return documents;
    }

    sealed class Refused(PlanFault fault) : Exception(fault.Message)
    {
        public PlanFault Fault { get; } = fault;
    }

    static Place At(string file, Mark mark) => new(file, (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    // The parser tells of a tab where the group of keys around it begins.
    static Place? Tab(string file, string text, YamlException broken)
    {
        if (!broken.Message.Contains("tab", StringComparison.Ordinal)) return null;
        var lines = text.Split('\n');
        for (var line = (int)Math.Max(1, broken.Start.Line); line <= lines.Length; line++)
            if (lines[line - 1].IndexOf('\t', StringComparison.Ordinal) is >= 0 and var tab && lines[line - 1].AsSpan(0, tab).IsWhiteSpace()) return new Place(file, line, tab + 1);
        return null;
    }

    Place Here => At(_file, _events.Current?.Start ?? Mark.Empty);

    Refused Refuse(string code, string message) => new(new PlanFault(Here, code, message));

    Node Value(int depth)
    {
        if (depth > DepthMax) throw Refuse("plan.too_deep", $"Values are nested more than {DepthMax} levels deep. Flatten them.");
        if (++_nodes > _nodesMax) throw Refuse("plan.too_large", $"More than {_nodesMax} values in one file. Split it.");
        if (_events.Current is AnchorAlias) throw Refuse("plan.alias_refused", "Aliases (*name) are not read, because they can grow without bound. Write the value out.");
        if (_events.Current is NodeEvent { Anchor.IsEmpty: false }) throw Refuse("plan.anchor_refused", "Anchors (&name) are not read, because aliases to them can grow without bound. Write the value out where it is needed.");
        if (_events.Current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag }) throw Refuse("plan.tag_refused", $"The tag {tag} is not read. Leave it out: the kind decides the type of each value.");
        return _events.Current switch
        {
            Scalar scalar => Text(scalar),
            SequenceStart => List(depth),
            MappingStart => Map(depth),
            _ => throw Refuse("plan.yaml_invalid", "A value is missing here."),
        };
    }

    ScalarNode Text(Scalar scalar)
    {
        if (scalar.Value.Length > TextLengthMax) throw Refuse("plan.text_too_long", $"A text of {scalar.Value.Length} characters; at most {TextLengthMax} are read.");
        if (scalar.Value.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t'))) _faults.Add(new PlanFault(Here, "plan.text_invalid", "There is a control character in this text. Take it out."));
        return new ScalarNode(Here, scalar.Value, scalar.Style is not ScalarStyle.Plain);
    }

    ListNode List(int depth)
    {
        var (at, items) = (Here, new List<Node>());
        while (_events.MoveNext() && _events.Current is not SequenceEnd) items.Add(Value(depth + 1));
        return new ListNode(at, items);
    }

    MapNode Map(int depth)
    {
        var (at, entries, seen) = (Here, new List<KeyValuePair<ScalarNode, Node>>(), new Dictionary<string, Place>(StringComparer.Ordinal));
        while (_events.MoveNext() && _events.Current is not MappingEnd)
        {
            if (Value(depth + 1) is not ScalarNode key) throw Refuse("plan.key_invalid", "A key must be a single word.");
            if (key.Text == "<<") throw Refuse("plan.alias_refused", "Merge keys (<<) are not read. Write the keys out.");
            if (!_events.MoveNext()) break;
            var value = Value(depth + 1);
            if (seen.TryAdd(key.Text, key.At)) entries.Add(new(key, value));
            else _faults.Add(new PlanFault(key.At, "plan.key_duplicate", $"The key \"{key.Text}\" stands here a second time; the first is in line {seen[key.Text].Line}. Keep one."));
        }

        return new MapNode(at, entries);
    }
}
