using System.Buffers;
using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Decodes RFC 2047 words wherever they stand, in quoted strings and file names too; what is not one stays as it is.</summary>
static class EncodedWordReader
{
    const int CharsetLengthMax = 60;

    public static string Decode(string value)
    {
        var open = value.IndexOf("=?", StringComparison.Ordinal);
        if (open < 0) return value;
        var text = new StringBuilder(value.Length);
        var held = new Run();
        var at = 0;
        while (open >= 0)
        {
            var gap = value.AsSpan(at, open - at);
            if (!Word(value, open, out var word))
            {
                if (word.End < 0) break;
                held.Release(text);
                text.Append(gap).Append("=?");
                at = open + 2;
            }
            else
            {
                // RFC 2047 6.2: blanks between two words are not there; a character cut between two words of one charset is made whole.
                var isAdjacent = held.Charset is not null && gap.Trim(" \t\r\n").IsEmpty;
                if (!isAdjacent || !word.Charset.Equals(held.Charset, StringComparison.OrdinalIgnoreCase)) held.Release(text);
                if (!isAdjacent) text.Append(gap);
                held.Add(word, value);
                at = word.End;
            }
            open = value.IndexOf("=?", at, StringComparison.Ordinal);
        }
        held.Release(text);
        return text.Append(value.AsSpan(at)).ToString();
    }

    /// <param name="word">Its end is -1 when no further word can follow in this value.</param>
    static bool Word(string value, int open, out WordPlace word)
    {
        word = default;
        var label = value.AsSpan(open + 2, Math.Min(CharsetLengthMax, value.Length - open - 2));
        var first = label.IndexOf('?');
        if (first < 0) return false;
        var mark = open + 2 + first;
        if (mark + 2 >= value.Length || value[mark + 2] != '?' || value[mark + 1] is not ('q' or 'Q' or 'b' or 'B')) return false;
        var close = value.IndexOf("?=", mark + 3, StringComparison.Ordinal);
        if (close < 0)
        {
            word = new WordPlace("", false, 0, 0, -1);
            return false;
        }
        var star = label[..first].IndexOf('*'); // RFC 2231 5: a language may follow.
        var charset = (star < 0 ? label[..first] : label[..star]).Trim().ToString();
        word = new WordPlace(charset, value[mark + 1] is 'b' or 'B', mark + 3, close, close + 2);
        return true;
    }

    readonly record struct WordPlace(string Charset, bool IsBase64, int From, int To, int End);

    /// <summary>Words that belong together, decoded when the run is over.</summary>
    struct Run
    {
        byte[]? octets;
        int used;
        string? pending;

        public string? Charset { get; private set; }

        public void Add(WordPlace word, string value)
        {
            Charset = word.Charset;
            var content = value[word.From..word.To];
            if (!word.IsBase64)
            {
                Flush();
                Append(content, false);
                return;
            }
            content = content.Replace(" ", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal);
            // A base64 text chopped anywhere goes on in the next word; one that only lacks its padding does not.
            if (pending is not null && (pending.Length + content.Length) % 4 == 0) content = pending + content;
            else Flush();
            pending = null;
            if (content.Length % 4 != 0 && !content.EndsWith('=')) pending = content;
            else Append(content, true);
        }

        public void Release(StringBuilder text)
        {
            Flush();
            if (Charset is not null)
            {
                var decoded = Charsets.Text(octets.AsSpan(0, used), Charset);
                foreach (var c in decoded) text.Append(c is '\r' or '\n' or '\0' ? ' ' : c);
            }
            if (octets is not null) ArrayPool<byte>.Shared.Return(octets);
            (octets, used, Charset) = (null, 0, null);
        }

        void Flush()
        {
            if (pending is { } rest) Append(rest, true);
            pending = null;
        }

        void Append(string content, bool isBase64)
        {
            var raw = Encoding.UTF8.GetBytes(content);
            var needed = used + raw.Length + 3;
            if (octets is null || octets.Length < needed)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, used * 2));
                octets.AsSpan(0, used).CopyTo(larger);
                if (octets is not null) ArrayPool<byte>.Shared.Return(octets);
                octets = larger;
            }
            var room = octets.AsSpan(used);
            used += isBase64 ? Base64Text.Decode(raw, room, true, out _, out _, out _) : QuotedPrintableText.DecodeWord(raw, room);
        }
    }
}
