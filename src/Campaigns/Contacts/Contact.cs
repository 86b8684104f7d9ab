using System.Text.Json;
using Npgsql;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Campaigns.Contacts;

/// <summary>A person the workspace may write to.</summary>
/// <param name="Email">Normal form, lower case.</param>
/// <param name="Attributes">Custom fields: snake_case name to text; at most 50.</param>
/// <param name="IsRole">A function such as info@ instead of a person.</param>
/// <param name="IsConsumer">At a provider of private mailboxes (rule MSG-12).</param>
/// <param name="Source">Where the address came from; asked for by law in the EU (L-EU-05).</param>
public sealed record Contact(
    ContactId Id, string Email, string FirstName, string LastName, string Company, IReadOnlyDictionary<string, string> Attributes,
    bool IsRole, bool IsConsumer, string Source, DateTimeOffset CreatedAt, Standing Standing)
{
    internal static Contact Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4),
        JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(5)) ?? [], row.GetBoolean(6), row.GetBoolean(7), row.GetString(8),
        row.GetFieldValue<DateTimeOffset>(9), Standing.Read(row, 10));

    /// <summary>As it is known, or as the address tells.</summary>
    public RecipientKind Kind => ContactLimits.KindOf(Standing.Kind, IsRole, IsConsumer);

    /// <summary>What decides whether and when this contact is written to.</summary>
    internal RecipientFacts Facts() => new(new(Standing.Country, Kind, Standing.Basis, Standing.ObtainedOn, Standing.ExpiresOn, Standing.Evidence.Length > 0, Source.Length > 0, Standing.WithdrawnAt is not null), Standing.Zone);

    /// <summary>The merge fields of this contact, empty ones left out.</summary>
    public Dictionary<string, string> MergeFields()
    {
        var fields = Attributes.Where(a => a.Value.Length > 0).ToDictionary(a => a.Key, a => a.Value, StringComparer.Ordinal);
        if (FirstName.Length > 0) fields["first_name"] = FirstName;
        if (LastName.Length > 0) fields["last_name"] = LastName;
        if (Company.Length > 0) fields["company"] = Company;
        fields["email"] = Email;
        return fields;
    }
}

/// <summary>Limits of a contact's fields, in UTF-16 code units.</summary>
public static class ContactLimits
{
    public const int NameLengthMax = 200;
    public const int AttributesMax = 50;
    public const int AttributeNameLengthMax = 64;
    public const int AttributeValueLengthMax = 1000;

    public static readonly Problem NotFound = new(ProblemKind.NotFound, "contact.not_found", "There is no such contact in this workspace.");

    /// <summary>A private mailbox is a person's, a role address the company's, any other a person's at the company.</summary>
    internal static RecipientKind KindOf(RecipientKind? known, bool isRole, bool isConsumer) =>
        known ?? (isConsumer ? RecipientKind.Individual : isRole ? RecipientKind.Company : RecipientKind.Employee);

    /// <summary>snake_case: letters a to z, digits and _, starting with a letter; at most 64 characters. Empty when nothing is left.</summary>
    public static string AttributeName(string heading)
    {
        var name = new string([.. heading.Trim().ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]).Trim('_');
        while (name.Contains("__", StringComparison.Ordinal)) name = name.Replace("__", "_", StringComparison.Ordinal);
        if (name.Length > 0 && char.IsAsciiDigit(name[0])) name = "f_" + name;
        return name.Length <= AttributeNameLengthMax ? name : name[..AttributeNameLengthMax];
    }
}
