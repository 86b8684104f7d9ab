using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>A structured value with parameters (RFC 2045 5.1), continuations and charsets of RFC 2231 undone.</summary>
static class HeaderParameters
{
    const int ParametersMax = 100;

    public static (string Value, Dictionary<string, string> Parameters) Parse(string header)
    {
        var pieces = Pieces(header);
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var sections = new Dictionary<string, SortedDictionary<int, (string Text, bool IsEncoded)>>(StringComparer.Ordinal);
        foreach (var piece in pieces.Skip(1).Take(ParametersMax))
        {
            var equals = piece.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) continue;
            var name = piece[..equals].Trim().ToLowerInvariant();
            var value = Unquoted(piece[(equals + 1)..].Trim());
            var star = name.IndexOf('*', StringComparison.Ordinal);
            if (star < 0)
            {
                found.TryAdd(name, EncodedWordReader.Decode(value));
                continue;
            }
            var isEncoded = name.EndsWith('*');
            var number = name[(star + 1)..].TrimEnd('*');
            if (!int.TryParse(number.Length == 0 ? "0" : number, NumberStyles.None, CultureInfo.InvariantCulture, out var index)) continue;
            if (!sections.TryGetValue(name[..star], out var list)) sections[name[..star]] = list = [];
            list[index] = (value, isEncoded);
        }
        foreach (var (name, list) in sections) found[name] = Joined(list.Values);
        return (pieces.Count == 0 ? "" : pieces[0].Trim(), found);
    }

    static string Joined(IEnumerable<(string Text, bool IsEncoded)> sections)
    {
        var octets = new List<byte>();
        string? charset = null;
        foreach (var (text, isEncoded) in sections)
        {
            var value = text;
            if (isEncoded && charset is null)
            {
                var parts = text.Split('\'', 3);
                charset = parts.Length == 3 ? parts[0] : "";
                value = parts[^1];
            }
            octets.AddRange(isEncoded ? Percent(value) : Encoding.UTF8.GetBytes(value));
        }
        return Charsets.Text([.. octets], charset);
    }

    static byte[] Percent(string value)
    {
        var octets = Encoding.UTF8.GetBytes(value);
        var output = new List<byte>(octets.Length);
        for (var i = 0; i < octets.Length; i++)
        {
            if (octets[i] == '%' && i + 2 < octets.Length && TransferDecoding.Hex(octets[i + 1]) is >= 0 and var high && TransferDecoding.Hex(octets[i + 2]) is >= 0 and var low)
            {
                output.Add((byte)((high << 4) | low));
                i += 2;
            }
            else
            {
                output.Add(octets[i]);
            }
        }
        return [.. output];
    }

    static List<string> Pieces(string header)
    {
        var pieces = new List<string>();
        var piece = new StringBuilder();
        var (isQuoted, depth) = (false, 0);
        for (var i = 0; i < header.Length; i++)
        {
            var c = header[i];
            if (c == '\\' && isQuoted && i + 1 < header.Length)
            {
                piece.Append(c).Append(header[++i]);
                continue;
            }
            if (c == '"' && depth == 0) isQuoted = !isQuoted;
            if (!isQuoted && c == '(') depth++;
            if (!isQuoted && depth == 0 && c == ';')
            {
                pieces.Add(piece.ToString());
                piece.Clear();
            }
            else if (depth == 0)
            {
                piece.Append(c);
            }
            if (!isQuoted && c == ')' && depth > 0) depth--;
        }
        pieces.Add(piece.ToString());
        return pieces;
    }

    static string Unquoted(string value)
    {
        if (value.Length < 1 || value[0] != '"') return value;
        var text = new StringBuilder();
        for (var i = 1; i < value.Length && value[i] != '"'; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length) i++;
            text.Append(value[i]);
        }
        return text.ToString();
    }
}
