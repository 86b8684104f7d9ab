using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Compliance.Suppressions;

public readonly record struct SuppressionId(Guid Value) : ITypedId<SuppressionId>
{
    public static string Prefix => "sup";
    public static SuppressionId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out SuppressionId id) => TypedId.TryParse(text, out id);
}

public enum SuppressionKind { Address, Domain }

public enum SuppressionReason { Bounce, Complaint, Unsubscribe, Manual }

/// <summary>An address or domain that must not be mailed.</summary>
/// <param name="WorkspaceId">Null: holds in every workspace of the tenant.</param>
/// <param name="Value">Lower case.</param>
/// <param name="Source">Where it came from: <c>dsn</c>, <c>smtp</c>, <c>arf</c>, <c>one_click</c>, <c>page</c>, <c>mailto</c>, <c>reply</c>, <c>api</c>.</param>
/// <param name="IsOriginUnknown">It holds in the whole account and came of a message, from before it was kept of which workspace.</param>
public sealed record Suppression(
    SuppressionId Id, WorkspaceId? WorkspaceId, SuppressionKind Kind, string Value, SuppressionReason Reason, string Source, string? Note, DateTimeOffset CreatedAt, bool IsOriginUnknown)
{
    internal static Suppression Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), row.Maybe<Guid>(1) is { } workspace ? new WorkspaceId(workspace) : null,
        row.GetString(2) == "domain" ? SuppressionKind.Domain : SuppressionKind.Address, row.GetString(3), Words.Reason(row.GetString(4)),
        row.GetString(5), row.Text(6), row.GetFieldValue<DateTimeOffset>(7), row.GetBoolean(8));
}

/// <summary>Words of the columns.</summary>
static class Words
{
    public static string Of(SuppressionReason reason) => reason switch
    {
        SuppressionReason.Bounce => "bounce",
        SuppressionReason.Complaint => "complaint",
        SuppressionReason.Unsubscribe => "unsubscribe",
        SuppressionReason.Manual => "manual",
    };

    public static string Of(SuppressionKind kind) => kind switch { SuppressionKind.Address => "address", SuppressionKind.Domain => "domain" };

    public static SuppressionReason Reason(string word) => word switch
    {
        "bounce" => SuppressionReason.Bounce,
        "complaint" => SuppressionReason.Complaint,
        "unsubscribe" => SuppressionReason.Unsubscribe,
        "manual" => SuppressionReason.Manual,
        _ => throw new InvalidOperationException($"Unknown suppression reason {word}."),
    };
}
