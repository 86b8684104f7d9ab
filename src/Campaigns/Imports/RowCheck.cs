using System.Text.Json;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Campaigns.Imports;

/// <summary>A row that becomes a contact.</summary>
/// <param name="Attributes">JSON object.</param>
sealed record GoodRow(string Email, string FirstName, string LastName, string Company, string Attributes, bool IsRole, bool IsConsumer, Standing Standing);

/// <summary>A row that does not, and why.</summary>
sealed record BadRow(long Number, long Line, string Code, string Detail, string Raw);

/// <summary>Judges rows under one mapping.</summary>
sealed class RowCheck(IReadOnlyList<string> mapping)
{
    const int RawLengthMax = 4000;

    readonly int _email = mapping.ToList().IndexOf("email");
    static readonly string[] StandingColumns = ["country", "time_zone", "recipient_kind", "lawful_basis", "consent_evidence", "consent_obtained_on", "consent_expires_on"];

    readonly Dictionary<string, string> _attributes = new(StringComparer.Ordinal);

    /// <summary>Whether the file says where recipients are, or what gives the right to write to them.</summary>
    public static bool HasStanding(IReadOnlyList<string> mapping) => mapping.Any(StandingColumns.Contains);

    /// <returns>Exactly one of the two is set.</returns>
    public (GoodRow? Good, BadRow? Bad) Judge(CsvRow row)
    {
        if (row.Fault is { } fault) return Bad(row, fault, Explain(fault));
        if (row.Cells.Count > mapping.Count) return Bad(row, "too_many_cells", $"The row has {row.Cells.Count} cells; the header has {mapping.Count}. Put cells with a delimiter inside quotes.");
        var address = row.Cells.Count > _email ? row.Cells[_email].Trim() : "";
        if (address.Length == 0) return Bad(row, "email_missing", "The row has no address.");
        if (!EmailAddress.TryParse(address, out var email, out var invalid))
            return Bad(row, "email_invalid", $"Not an e-mail address: {invalid.Reason} at character {invalid.Offset + 1}.");

        var (first, last, company, given) = ("", "", "", new StandingInput());
        _attributes.Clear();
        for (var i = 0; i < row.Cells.Count; i++)
        {
            if (i == _email || mapping[i].Length == 0) continue;
            var value = Clean(row.Cells[i]);
            if (value.Length > ContactLimits.AttributeValueLengthMax) return Bad(row, "cell_too_long", $"The cell in column {i + 1} has {value.Length} characters; {ContactLimits.AttributeValueLengthMax} is the limit.");
            switch (mapping[i])
            {
                case "first_name": first = Cut(value); break;
                case "last_name": last = Cut(value); break;
                case "company": company = Cut(value); break;
                // What is no country's name stays a field of the contact, as does what is: templates may use it.
                case "country": given = given with { Country = Country.Find(value)?.Code ?? "" }; if (value.Length > 0) _attributes["country"] = value; break;
                case "time_zone": given = given with { Zone = value }; break;
                case "recipient_kind": given = given with { Kind = value }; break;
                case "lawful_basis": given = given with { Basis = value }; break;
                case "consent_evidence": given = given with { Evidence = value }; break;
                case "consent_obtained_on": given = given with { ObtainedOn = value }; break;
                case "consent_expires_on": given = given with { ExpiresOn = value }; break;
                default: if (value.Length > 0) _attributes[mapping[i]] = value; break;
            }
        }

        if (given.Read(email.Normal, out var standing) is { } unclear) return Bad(row, $"{unclear.Field}_invalid", unclear.Detail);
        return (new GoodRow(email.Normal, first, last, company, _attributes.Count == 0 ? "{}" : JsonSerializer.Serialize(_attributes),
            AddressClasses.IsRole(email), AddressClasses.IsConsumer(email.Domain), standing), null);
    }

    static (GoodRow?, BadRow?) Bad(CsvRow row, string code, string detail)
    {
        var raw = string.Join(',', row.Cells).Replace("\0", "\uFFFD", StringComparison.Ordinal);
        return (null, new BadRow(row.Number, row.Line, code, detail, raw.Length <= RawLengthMax ? raw : raw[..RawLengthMax]));
    }

    // A line break inside a cell becomes a space: a name or company goes into one line of a message.
    static string Clean(string cell) => cell.AsSpan().IndexOfAny('\r', '\n', '\t') < 0
        ? cell.Trim()
        : string.Join(' ', cell.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    static string Cut(string value) => value.Length <= ContactLimits.NameLengthMax ? value : value[..ContactLimits.NameLengthMax];

    static string Explain(string fault) => fault switch
    {
        "quote_open" => "A quote is opened and never closed; everything to the end of the file was taken as one cell.",
        "cell_too_long" => $"A cell is longer than {CsvReader.CellLengthMax:N0} characters.",
        "too_many_cells" => $"The row has more than {CsvReader.CellsMax} cells.",
        _ => "The row holds a NUL byte, which no text has. Save the file as CSV UTF-8 and upload it again.",
    };
}
