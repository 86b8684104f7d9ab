using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Mail.Auth;

/// <summary>Canonical forms of RFC 6376 3.4. Octets pass as Latin-1 text, so that nothing is lost either way.</summary>
static class DkimText
{
    /// <summary>Fields with their folds and line ends, in order, and the body.</summary>
    public static (List<string> Fields, ReadOnlyMemory<byte> Body) Split(ReadOnlyMemory<byte> message)
    {
        var span = message.Span;
        var end = span.StartsWith("\r\n"u8) ? 0 : span.IndexOf("\r\n\r\n"u8) is >= 0 and var at ? at + 2 : message.Length;
        var fields = new List<string>();
        foreach (var line in Encoding.Latin1.GetString(span[..end]).Split(CrLf.Text, StringSplitOptions.RemoveEmptyEntries))
        {
            if (fields.Count > 0 && line[0] is ' ' or '\t') fields[^1] += line + CrLf.Text;
            else fields.Add(line + CrLf.Text);
        }
        return (fields, end + 2 <= message.Length ? message[(end + 2)..] : default);
    }

    public static string Name(string field) => field.Split(':')[0].Trim();

    /// <summary>One field, its line end included (3.4.1, 3.4.2).</summary>
    public static string Header(string field, bool isRelaxed)
    {
        if (!isRelaxed) return field;
        var colon = field.IndexOf(':', StringComparison.Ordinal);
        var value = field[(colon + 1)..].Replace(CrLf.Text, "", StringComparison.Ordinal);
        return field[..colon].Trim().ToLowerInvariant() + ":" + string.Join(' ', value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)) + CrLf.Text;
    }

    /// <summary>The body (3.4.3, 3.4.4): empty lines at its end left out; relaxed, blanks collapsed and none at a line's end.</summary>
    public static byte[] Body(ReadOnlySpan<byte> body, bool isRelaxed)
    {
        var output = new byte[body.Length + 2];
        var written = 0;
        var blankLines = 0;
        while (!body.IsEmpty)
        {
            var feed = body.IndexOf("\r\n"u8);
            var line = feed < 0 ? body : body[..feed];
            body = feed < 0 ? default : body[(feed + 2)..];
            var from = written;
            var after = written + (blankLines * 2);
            var length = isRelaxed ? Relax(line, output.AsSpan(after)) : Copy(line, output.AsSpan(after));
            if (length == 0)
            {
                blankLines++;
                continue;
            }
            for (; blankLines > 0; blankLines--) (output[from++], output[from++]) = ((byte)'\r', (byte)'\n');
            written = after + length;
            (output[written++], output[written++]) = ((byte)'\r', (byte)'\n');
        }
        // 3.4.3: an empty body is one line end when simple, nothing at all when relaxed.
        return written == 0 && !isRelaxed ? "\r\n"u8.ToArray() : output[..written];
    }

    public static string BodyHash(ReadOnlySpan<byte> body, bool isRelaxed) => Convert.ToBase64String(SHA256.HashData(Body(body, isRelaxed)));

    /// <summary>The octets signed: the fields named, each name taking the next one up from the bottom, then the signature field without b (3.7, 5.4.2).</summary>
    public static byte[] Signed(List<string> fields, IEnumerable<string> names, string signature, bool isRelaxed)
    {
        var text = new StringBuilder();
        var used = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            var at = used.GetValueOrDefault(name, fields.Count) - 1;
            while (at >= 0 && !Name(fields[at]).Equals(name, StringComparison.OrdinalIgnoreCase)) at--;
            used[name] = Math.Max(at, 0);
            if (at >= 0) text.Append(Header(fields[at], isRelaxed));
        }
        var own = Header(signature, isRelaxed);
        return Encoding.Latin1.GetBytes(text.Append(own.EndsWith(CrLf.Text, StringComparison.Ordinal) ? own[..^2] : own).ToString());
    }

    static int Copy(ReadOnlySpan<byte> line, Span<byte> target)
    {
        line.CopyTo(target);
        return line.Length;
    }

    static int Relax(ReadOnlySpan<byte> line, Span<byte> target)
    {
        var written = 0;
        line = line.TrimEnd(" \t"u8);
        var wasBlank = false;
        foreach (var octet in line)
        {
            var isBlank = octet is (byte)' ' or (byte)'\t';
            if (!isBlank) target[written++] = octet;
            else if (!wasBlank) target[written++] = (byte)' ';
            wasBlank = isBlank;
        }
        return written;
    }
}
