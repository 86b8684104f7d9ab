namespace PenguinMails.Mail.Reports;

/// <summary>Many phrases looked for in one pass (Aho and Corasick, 1975): time linear in the text, nothing is read twice.</summary>
/// <remarks>
/// A pattern is one literal or several joined by <c>*</c> or <c>~</c>, which stand for at most <see cref="GapMax"/> and <see cref="NearMax"/> characters between them.
/// A literal in Latin letters begins where a word does, <c>_</c> at its end asks for a boundary there too. Patterns are written as <see cref="Normal"/> leaves text.
/// </remarks>
sealed class PhraseSet
{
    /// <summary>Characters that <c>*</c> may stand for.</summary>
    public const int GapMax = 60;

    /// <summary>Characters that <c>~</c> may stand for.</summary>
    public const int NearMax = 15;

    readonly record struct Piece(int Pattern, int Place, bool IsLast, int Length, int Gap, bool StartsWord, bool EndsWord);

    readonly Dictionary<long, int> _next = [];
    readonly List<int> _fail = [0];
    readonly List<List<Piece>?> _ends = [null];
    readonly List<int> _firstPlace = [];
    readonly int _places;
    readonly byte[] _symbols = new byte[128];
    readonly ushort[] _dense;
    int _symbolCount = 1;

    public PhraseSet(IReadOnlyList<string> patterns)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            _firstPlace.Add(_places);
            var literals = patterns[i].Split('*', '~');
            var at = 0;
            for (var k = 0; k < literals.Length; k++)
            {
                var (starts, ends) = (literals[k].StartsWith('_'), literals[k].EndsWith('_'));
                var literal = literals[k][(starts ? 1 : 0)..^(ends ? 1 : 0)];
                if (literal.Length == 0) throw new InvalidOperationException($"The pattern '{patterns[i]}' has an empty piece.");
                // Latin letters begin a word ("recipient" holds no "ip"); the scripts of East Asia have no such boundary.
                starts |= char.IsAscii(literal[0]) && char.IsLetterOrDigit(literal[0]);
                End(literal).Add(new Piece(i, _places++, k == literals.Length - 1, literal.Length, at > 0 && patterns[i][at - 1] == '~' ? NearMax : GapMax, starts, ends));
                at += literals[k].Length + 1;
            }
        }
        _dense = Link();
    }

    /// <summary>Lower case, white space as one blank, curly quotes straight, addresses as <c>@</c>: their words say nothing about a refusal.</summary>
    public static string Normal(string text, int lengthMax)
    {
        var made = new System.Text.StringBuilder(Math.Min(text.Length, lengthMax) + 2).Append(' ');
        var word = 0;
        for (var i = 0; i < text.Length && made.Length < lengthMax; i++)
        {
            var c = text[i] switch { '\u2019' or '\u2018' or '`' => '\'', '\u201C' or '\u201D' or '"' => '\'', '\u3000' or '\u00A0' => ' ', var other => other };
            if (char.IsWhiteSpace(c) || c is '<' or '>' or '(' or ')' or '[' or ']')
            {
                if (made[^1] != ' ') made.Append(' ');
                word = made.Length;
                continue;
            }
            if (c == '@' && i > 0 && i + 1 < text.Length && char.IsAsciiLetterOrDigit(text[i + 1]))
            {
                made.Length = Math.Max(word, 1);
                while (i + 1 < text.Length && (char.IsAsciiLetterOrDigit(text[i + 1]) || text[i + 1] is '.' or '-')) i++;
                if (text[i] == '.') i--;
            }
            made.Append(char.ToLowerInvariant(c));
        }
        return made.Append(' ').ToString();
    }

    /// <summary>Indexes of the patterns that occur, lowest first.</summary>
    public SortedSet<int> Find(string normal)
    {
        var found = new SortedSet<int>();
        var seen = new int[_places];
        var node = 0;
        for (var i = 0; i < normal.Length; i++)
        {
            node = Step(node, normal[i]);
            if (_ends[node] is { } pieces) Take(pieces, normal, i + 1, seen, found);
        }
        return found;
    }

    void Take(List<Piece> pieces, string text, int end, int[] seen, SortedSet<int> found)
    {
        foreach (var piece in pieces)
        {
            var start = end - piece.Length;
            if (piece.StartsWord && start > 0 && char.IsLetterOrDigit(text[start - 1])) continue;
            if (piece.EndsWord && end < text.Length && char.IsLetterOrDigit(text[end])) continue;
            if (end < text.Length && char.IsAsciiDigit(text[end - 1]) && char.IsAsciiDigit(text[end])) continue;
            if (piece.Place > _firstPlace[piece.Pattern])
            {
                var before = seen[piece.Place - 1];
                if (before == 0 || start < before || start - before > piece.Gap) continue;
            }
            seen[piece.Place] = end;
            if (piece.IsLast) found.Add(piece.Pattern);
        }
    }

    static long Key(int node, char c) => ((long)node << 16) | c;

    List<Piece> End(string literal)
    {
        var node = 0;
        foreach (var c in literal)
        {
            if (!_next.TryGetValue(Key(node, c), out var next))
            {
                next = _fail.Count;
                _fail.Add(0);
                _ends.Add(null);
                _next.Add(Key(node, c), next);
            }
            node = next;
        }
        return _ends[node] ??= [];
    }

    int Step(int node, char c)
    {
        if (c < 128) return _symbols[c] is var symbol && symbol == 0 ? 0 : _dense[(node * _symbolCount) + symbol];
        return StepBack(node, c);
    }

    /// <summary>Fills the failure links breadth first, so that a node's longest proper suffix is linked before the node itself, and the table of steps for ASCII.</summary>
    ushort[] Link()
    {
        if (_fail.Count > ushort.MaxValue) throw new InvalidOperationException("Too many phrases for one set.");
        foreach (var key in _next.Keys)
            if ((key & 0xFFFF) is < 128 and var c && _symbols[c] == 0) _symbols[c] = (byte)_symbolCount++;
        var dense = new ushort[_fail.Count * _symbolCount];
        var children = _next.ToLookup(edge => (int)(edge.Key >> 16), edge => (Char: (char)(edge.Key & 0xFFFF), Node: edge.Value));
        var queue = new Queue<int>([0]);
        while (queue.TryDequeue(out var node))
        {
            // What the longest suffix would do, overwritten where this node knows better.
            if (node != 0) dense.AsSpan(_fail[node] * _symbolCount, _symbolCount).CopyTo(dense.AsSpan(node * _symbolCount));
            foreach (var (c, child) in children[node])
            {
                if (node != 0) _fail[child] = c < 128 ? dense[(_fail[node] * _symbolCount) + _symbols[c]] : StepBack(_fail[node], c);
                if (c < 128) dense[(node * _symbolCount) + _symbols[c]] = (ushort)child;
                if (_ends[_fail[child]] is { } inherited) (_ends[child] ??= []).AddRange(inherited);
                queue.Enqueue(child);
            }
        }
        return dense;
    }

    int StepBack(int node, char c)
    {
        int next;
        while (!_next.TryGetValue(Key(node, c), out next) && node != 0) node = _fail[node];
        return next;
    }
}
