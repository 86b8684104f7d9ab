using Npgsql;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Queue;

/// <summary>The columns of a message that say what is known of its recipient: zone, country, recipient_kind, basis, basis_on, basis_until, has_evidence, has_source, is_withdrawn.</summary>
static class RecipientColumns
{
    /// <param name="at">Place of <c>zone</c>; the others follow.</param>
    public static RecipientFacts Read(NpgsqlDataReader row, int at) => new(
        new(row.GetString(at + 1), BasisWords.Kind(row.GetString(at + 2)), BasisWords.Basis(row.GetString(at + 3)), row.Maybe<DateOnly>(at + 4), row.Maybe<DateOnly>(at + 5),
            row.GetBoolean(at + 6), row.GetBoolean(at + 7), row.GetBoolean(at + 8)), row.GetString(at));

    /// <summary>The same as one array for each column, in that order.</summary>
    public static object[] Arrays(IReadOnlyCollection<RecipientFacts> facts) =>
    [
        facts.Select(f => f.Zone).ToArray(), facts.Select(f => f.Consent.Country).ToArray(), facts.Select(f => BasisWords.Word(f.Consent.Kind)).ToArray(), facts.Select(f => BasisWords.Word(f.Consent.Basis)).ToArray(),
        facts.Select(f => f.Consent.ObtainedOn).ToArray(), facts.Select(f => f.Consent.ExpiresOn).ToArray(), facts.Select(f => f.Consent.HasEvidence).ToArray(), facts.Select(f => f.Consent.HasSource).ToArray(),
        facts.Select(f => f.Consent.IsWithdrawn).ToArray(),
    ];
}
