using System.Buffers.Binary;
using System.Text;

namespace PenguinMails.Mail.Imap;

/// <summary>Modified UTF-7 (RFC 3501 5.1.3): base64 of UTF-16 between &amp; and -, with a comma for the slash.</summary>
static class MailboxName
{
    /// <summary>What is broken stays as it is.</summary>
    public static string Decode(string name)
    {
        var text = new StringBuilder();
        for (var at = 0; at < name.Length;)
        {
            var end = name[at] == '&' ? name.IndexOf('-', at) : -1;
            if (end < 0)
            {
                if (name[at] == '&') return text.Append(name.AsSpan(at)).ToString(); // No "-" from here on.
                text.Append(name[at++]);
                continue;
            }
            var base64 = name[(at + 1)..end].Replace(',', '/');
            var octets = new byte[base64.Length];
            if (base64.Length == 0) text.Append('&');
            else if (Convert.TryFromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='), octets, out var length) && length % 2 == 0)
                for (var i = 0; i < length; i += 2) text.Append((char)BinaryPrimitives.ReadUInt16BigEndian(octets.AsSpan(i)));
            else text.Append(name.AsSpan(at, end - at + 1));
            at = end + 1;
        }
        return text.ToString();
    }

    public static string Encode(string name)
    {
        var text = new StringBuilder();
        for (var at = 0; at < name.Length;)
        {
            if (name[at] is >= ' ' and <= '~')
            {
                text.Append(name[at]);
                if (name[at++] == '&') text.Append('-');
                continue;
            }
            var end = at;
            while (end < name.Length && name[end] is not (>= ' ' and <= '~')) end++;
            text.Append('&').Append(Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(name[at..end])).TrimEnd('=').Replace('/', ',')).Append('-');
            at = end;
        }
        return text.ToString();
    }
}
