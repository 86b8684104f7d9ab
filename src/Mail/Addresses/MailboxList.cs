using System.Text;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Addresses;

/// <summary>A mailbox as a header names it; nothing in it is checked.</summary>
/// <param name="Name">Decoded, without its quotes; null without one.</param>
/// <param name="Address">As written, without comments and blanks; null for a name that stands alone.</param>
/// <param name="Group">The group it stands in (RFC 5322 3.4), null outside one.</param>
public sealed record ListedMailbox(string? Name, string? Address, string? Group = null);

/// <summary>Reads address lists as others write them: groups, comments, routes, quoted names, semicolons, brackets never closed.</summary>
/// <remarks>One pass, no recursion; nothing makes it throw. For what may be sent to, use <see cref="EmailAddress"/>.</remarks>
public static class MailboxList
{
    /// <summary>Entries of one list; more are left out.</summary>
    public const int EntriesMax = 20_000;

    /// <param name="field">The value as received, encoded words not yet decoded.</param>
    public static IReadOnlyList<ListedMailbox> Parse(string? field)
    {
        if (string.IsNullOrWhiteSpace(field)) return [];
        var scan = new Scan(field);
        scan.Run();
        return scan.Found;
    }

    sealed class Scan(string text)
    {
        readonly StringBuilder words = new();
        StringBuilder? comment;
        string spec = "";
        string? group;
        bool hasAngle;

        public List<ListedMailbox> Found { get; } = [];

        public void Run()
        {
            for (var at = 0; at < text.Length && Found.Count < EntriesMax; at++)
            {
                switch (text[at])
                {
                    case '"': at = Quoted(at, words); break;
                    case '(': at = Comment(at); break;
                    case '<': at = Angle(at); break;
                    case '[': at = Literal(at); break;
                    case ',': End(); break;
                    case ';':
                        End();
                        group = null;
                        break;
                    case ':' when !hasAngle && IsGroupName():
                        group = Name(words.ToString());
                        words.Clear();
                        break;
                    case '\\' when at + 1 < text.Length: words.Append(text[++at]); break;
                    default: words.Append(text[at]); break;
                }
            }
            End();
        }

        // "mailto:a@b" and times are no groups; a group's name is a phrase.
        bool IsGroupName()
        {
            var name = words.ToString().Trim();
            return name.Length > 0 && !name.Contains('@', StringComparison.Ordinal) && !name.Equals("mailto", StringComparison.OrdinalIgnoreCase);
        }

        /// <summary>Keeps the quotes, since those of a local part belong to it.</summary>
        int Quoted(int at, StringBuilder? target)
        {
            var close = at + 1;
            while (close < text.Length && text[close] != '"') close += text[close] == '\\' ? 2 : 1;
            if (close >= text.Length)
            {
                // Never closed: the quote is a letter like others.
                return at;
            }
            target?.Append(text, at, close - at + 1);
            return close;
        }

        int Comment(int at)
        {
            var depth = 1;
            var i = at + 1;
            for (; i < text.Length && depth > 0; i++)
            {
                if (text[i] == '\\' && i + 1 < text.Length) (comment ??= new StringBuilder()).Append(text[++i]);
                else if (text[i] == '(' && ++depth > 0) (comment ??= new StringBuilder()).Append('(');
                else if (text[i] == ')' && --depth == 0) break;
                else (comment ??= new StringBuilder()).Append(text[i]);
            }
            if (words.Length > 0 && words[^1] is not (' ' or '\t') && !words.ToString().Contains('@', StringComparison.Ordinal)) words.Append(' ');
            (comment ??= new StringBuilder()).Append(' ');
            return i;
        }

        int Angle(int at)
        {
            if (hasAngle && spec.Length > 0) End();
            hasAngle = true;
            var i = at + 1;
            while (i < text.Length && text[i] is not ('>' or '<')) i = text[i] == '"' ? Quoted(i, null) + 1 : i + 1;
            i = Math.Min(i, text.Length);
            spec = text[(at + 1)..i];
            if (spec.AsSpan().ContainsAny(' ', '\t') && !spec.Contains('"', StringComparison.Ordinal)) spec = string.Concat(spec.Split([' ', '\t']));
            return i < text.Length && text[i] == '<' ? i - 1 : i;
        }

        int Literal(int at)
        {
            var close = text.IndexOf(']', at);
            if (close < 0 || close - at > 100) close = at;
            words.Append(text, at, close - at + 1);
            return close;
        }

        void End()
        {
            var before = words.ToString().Trim();
            var said = comment?.ToString().Trim() ?? "";
            if (hasAngle) Add(Name(before) ?? (said.Length > 0 ? Decoded(said) : null), Route(spec));
            else if (before.Contains('@', StringComparison.Ordinal)) Bare(before, said);
            else if (before.Length > 0) Alone(before, said);
            words.Clear();
            spec = "";
            comment?.Clear();
            hasAngle = false;
        }

        /// <summary>An address without brackets; "Ann Lee ann@example.com" has its name before it, "a @ b" has blanks (RFC 5322 4.4).</summary>
        void Bare(string before, string said)
        {
            var sign = before.LastIndexOf('@');
            var joined = before[..sign].TrimEnd(' ', '\t') + "@" + before[(sign + 1)..].TrimStart(' ', '\t');
            var start = joined.StartsWith('"') && joined.LastIndexOf('"') < joined.LastIndexOf('@') && joined.LastIndexOf("\"@", StringComparison.Ordinal) > 0 ? 0 : joined.LastIndexOfAny([' ', '\t'], Math.Max(0, joined.LastIndexOf('@'))) + 1;
            var name = Name(joined[..start].Trim());
            var address = joined[start..];
            if (!address.Contains('"', StringComparison.Ordinal)) address = address.Replace(" ", "", StringComparison.Ordinal);
            if (address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)) address = address[7..];
            Add(name ?? (said.Length > 0 ? Decoded(said) : null), address);
        }

        /// <summary>One word is a mailbox of the server's own ("root"), several are a name.</summary>
        void Alone(string before, string said)
        {
            var isWord = before.IndexOfAny([' ', '\t', '"']) < 0 && !before.StartsWith("=?", StringComparison.Ordinal);
            if (isWord) Add(said.Length > 0 ? Decoded(said) : null, before);
            else Add(Name(before), null);
        }

        // RFC 5322 4.4: a route before the address tells nothing any more.
        static string Route(string address)
        {
            var colon = address.StartsWith('@') ? address.IndexOf(':', StringComparison.Ordinal) : -1;
            return colon < 0 ? address : address[(colon + 1)..];
        }

        void Add(string? name, string? address)
        {
            if (address is { Length: 0 }) address = null;
            if (name is not null || address is not null) Found.Add(new ListedMailbox(name, address, group));
        }

        static string? Name(string phrase)
        {
            var text = Unquoted(phrase.Trim());
            var name = string.Join(' ', Decoded(text).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
            return name.Length == 0 ? null : name;
        }

        static string Decoded(string text) => EncodedWordReader.Decode(text);

        static string Unquoted(string phrase)
        {
            if (!phrase.Contains('"', StringComparison.Ordinal)) return phrase;
            var plain = new StringBuilder(phrase.Length);
            for (var i = 0; i < phrase.Length; i++)
            {
                if (phrase[i] == '"') continue;
                if (phrase[i] == '\\' && i + 1 < phrase.Length) i++;
                plain.Append(phrase[i]);
            }
            return plain.ToString();
        }
    }
}
