using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>The fields of one group of a delivery report (RFC 3464 2.1), read leniently.</summary>
sealed class ReportFields
{
    /// <summary>Groups of one report; the rest is left unread.</summary>
    public const int GroupsMax = 1000;

    const int ValueLengthMax = 8000;

    readonly List<MimeHeader> _fields = [];

    public bool NamesRecipient => Has("Final-Recipient") || Has("Original-Recipient") || Has("X-Actual-Recipient");

    public string? this[string name]
    {
        get
        {
            foreach (var field in _fields)
                if (field.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && field.Value.Length > 0)
                    return field.Value;
            return null;
        }
    }

    public bool Has(string name) => this[name] is not null;

    /// <summary>The value without its type: <c>rfc822; a@example</c> gives <c>a@example</c> (RFC 3464 2.1.2).</summary>
    public string? Typed(string name)
    {
        if (this[name] is not { } value) return null;
        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        // A type is one short word; a semicolon further on belongs to the text.
        return semicolon is >= 0 and < 20 && !value.AsSpan(0, semicolon).Trim().Contains(' ') ? value[(semicolon + 1)..].Trim() : value.Trim();
    }

    /// <summary>Groups divided by empty lines, or, where a system forgets them, by the next recipient.</summary>
    public static List<ReportFields> Groups(IEnumerable<string> lines)
    {
        var groups = new List<ReportFields>();
        ReportFields? open = null;
        foreach (var line in lines)
        {
            if (groups.Count >= GroupsMax) break;
            if (string.IsNullOrWhiteSpace(line))
            {
                open = null;
                continue;
            }
            if (line[0] is ' ' or '\t' || !TryField(line, out var field))
            {
                open?.Continue(line);
                continue;
            }
            var isNext = open is not null && (IsRecipient(field.Name) || field.Name.Equals("Action", StringComparison.OrdinalIgnoreCase)) && open.Has(field.Name);
            if (open is null || isNext) groups.Add(open = new ReportFields());
            open._fields.Add(field);
        }
        return Joined(groups);
    }

    /// <summary>An empty line too many parts the recipient from its action; nothing else could own those fields.</summary>
    static List<ReportFields> Joined(List<ReportFields> groups)
    {
        for (var i = groups.Count - 1; i > 0; i--)
        {
            var tells = groups[i].Has("Action") || groups[i].Has("Status") || groups[i].Has("Diagnostic-Code");
            if (groups[i].NamesRecipient || !tells || !groups[i - 1].NamesRecipient || groups[i - 1].Has("Action")) continue;
            groups[i - 1]._fields.AddRange(groups[i]._fields);
            groups.RemoveAt(i);
        }
        return groups;
    }

    static bool IsRecipient(string name) => name.Equals("Final-Recipient", StringComparison.OrdinalIgnoreCase) || name.Equals("Original-Recipient", StringComparison.OrdinalIgnoreCase);

    static bool TryField(string line, out MimeHeader field)
    {
        field = new MimeHeader("", "");
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon is <= 0 or > 60) return false;
        var name = line.AsSpan(0, colon).Trim();
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c is not '-' and not '_')
                return false;
        field = new MimeHeader(name.ToString(), line[(colon + 1)..].Trim());
        return name.Length > 0 && char.IsAsciiLetter(name[0]);
    }

    void Continue(string line)
    {
        if (_fields.Count == 0 || _fields[^1].Value.Length > ValueLengthMax) return;
        _fields[^1] = _fields[^1] with { Value = (_fields[^1].Value + " " + line.Trim()).Trim() };
    }
}
