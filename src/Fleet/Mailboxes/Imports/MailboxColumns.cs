using System.Globalization;
using PenguinMails.Core;

namespace PenguinMails.Fleet.Mailboxes.Imports;

/// <summary>The columns of a file of mailboxes, and how a row of it becomes a mailbox. A column of another name is passed over.</summary>
sealed class MailboxColumns
{
    const string SmtpPassword = "smtp_password", ImapPassword = "imap_password";

    /// <summary>Columns that may be kept and shown, in the order of the files this program writes.</summary>
    public static readonly IReadOnlyList<string> Open =
        ["address", "display_name", "smtp_host", "smtp_port", "smtp_security", "smtp_user", "imap_host", "imap_port", "imap_security", "imap_user", "daily_cap", "gap_seconds"];

    static readonly string[] Needed = ["address", "smtp_host", SmtpPassword];

    readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    readonly int _count;

    MailboxColumns(IReadOnlyList<string> header)
    {
        _count = header.Count;
        for (var i = 0; i < header.Count; i++)
            if (Name(header[i]) is var name && (Open.Contains(name) || name is SmtpPassword or ImapPassword)) _places.TryAdd(name, i);
    }

    /// <summary>Refuses with <c>mailbox_import.header_invalid</c>.</summary>
    public static Result<MailboxColumns> Of(CsvRow? header)
    {
        if (header is not { Fault: null }) return Wrong("The first line is not a list of column names.");
        var names = header.Cells.Select(Name).ToList();
        if (Needed.FirstOrDefault(name => !names.Contains(name)) is { } missing) return Wrong($"The column {missing} is missing.");
        return names.Where(name => name.Length > 0).GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice ? Wrong($"The column {twice.Key} stands there twice.") : new MailboxColumns(header.Cells);
    }

    /// <summary>Why the row cannot be read at all; null when it can. Such a row may hold a piece of a password in any cell, so none of them is kept.</summary>
    public string? Broken(CsvRow row) => row.Fault switch
    {
        "quote_open" => "A quote is opened and never closed; everything to the end of the file was taken as one cell.",
        "nul_byte" => "The row holds a NUL byte, which no text has.",
        not null => "A cell is longer, or there are more of them, than a mailbox has.",
        null => row.Cells.Count == _count ? null : $"The row has {row.Cells.Count} cells; the header has {_count}. Put cells that hold a delimiter inside quotes.",
    };

    /// <summary>The cells of <see cref="Open"/>.</summary>
    public string[] Shown(CsvRow row) => [.. Open.Select(name => Cut(Cell(row, name) ?? ""))];

    /// <summary>Exactly one of the two is set.</summary>
    public (ConnectMailbox.Input? Input, FieldProblem? Fault) Read(CsvRow row)
    {
        var address = Cell(row, "address") ?? "";
        var user = Cell(row, "smtp_user") ?? address;
        var password = Raw(row, SmtpPassword);
        var (smtp, fault) = Server(row, "smtp", user, password, 587);
        if (smtp is null) return (null, fault);
        var imap = (ConnectMailbox.ServerInput?)null;
        if (Cell(row, "imap_host") is not null)
        {
            (imap, fault) = Server(row, "imap", Cell(row, "imap_user") ?? user, Raw(row, ImapPassword) is { Length: > 0 } own ? own : password, 993);
            if (imap is null) return (null, fault);
        }

        if (Number(row, "daily_cap", 30) is not { } cap) return (null, NoNumber("daily_cap"));
        if (Number(row, "gap_seconds", 120) is not { } gap) return (null, NoNumber("gap_seconds"));
        var input = new ConnectMailbox.Input(address, Cell(row, "display_name") ?? address.Split('@')[0], smtp, imap, cap, gap);
        return ConnectMailbox.Refusal(input) is { } refusal ? (null, Column(refusal.Fields[0])) : (input, null);
    }

    (ConnectMailbox.ServerInput? Server, FieldProblem? Fault) Server(CsvRow row, string kind, string user, string password, int usualPort)
    {
        if (Number(row, $"{kind}_port", usualPort) is not { } port) return (null, NoNumber($"{kind}_port"));
        var usual = port is 587 or 143 or 25 or 2525 ? ConnectionSecurity.Starttls : ConnectionSecurity.Tls;
        var security = Cell(row, $"{kind}_security")?.ToLowerInvariant() switch
        {
            null => usual,
            "starttls" => ConnectionSecurity.Starttls,
            "tls" or "ssl" => ConnectionSecurity.Tls,
            "none" => ConnectionSecurity.None,
            _ => (ConnectionSecurity?)null,
        };
        return security is { } known
            ? (new(Cell(row, $"{kind}_host") ?? "", port, known, user, password), null)
            : (null, new FieldProblem($"{kind}_security", "starttls, tls or none; empty takes what is usual on the port."));
    }

    // What the slice calls smtp.host is the column smtp_host; its secret is the column of the password.
    static FieldProblem Column(FieldProblem field) => field with { Field = field.Field.Replace('.', '_').Replace("_secret", "_password", StringComparison.Ordinal) };

    static FieldProblem NoNumber(string field) => new(field, "A whole number, or nothing for the usual one.");

    int? Number(CsvRow row, string name, int usual) =>
        Cell(row, name) is not { } text ? usual : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Null when empty or without such a column. A quote that was put in front of a formula is taken off again.</summary>
    string? Cell(CsvRow row, string name)
    {
        var text = Raw(row, name).Trim();
        if (text is ['\'', '=' or '+' or '-' or '@', ..]) text = text[1..];
        return text.Length > 0 ? text : null;
    }

    // Passwords are taken as they stand: a blank at an end may belong to them.
    string Raw(CsvRow row, string name) => _places.TryGetValue(name, out var place) ? row.Cells[place] : "";

    static string Name(string heading) => heading.Trim().TrimStart('\uFEFF').ToLowerInvariant();

    static string Cut(string text) => text.Length <= 300 ? text : text[..300];

    static Problem Wrong(string detail) =>
        new(ProblemKind.Invalid, "mailbox_import.header_invalid", $"{detail} The first line names the columns: {string.Join(", ", Needed)} at least, and {string.Join(", ", Open.Except(Needed))}, {ImapPassword} if you like.");
}
