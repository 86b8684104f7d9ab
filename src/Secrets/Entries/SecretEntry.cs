using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Rotations;

namespace PenguinMails.Secrets.Entries;

public readonly record struct SecretId(Guid Value) : ITypedId<SecretId>
{
    public static string Prefix => "sec";
    public static SecretId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out SecretId id) => TypedId.TryParse(text, out id);
}

/// <summary>A secret as lists show it: never its value.</summary>
/// <param name="Kind">Null without a plan.</param>
/// <param name="DueAt">When it should change next; null: on demand, or without a plan.</param>
/// <param name="Rotation">State of the newest run; null when there was none.</param>
/// <param name="RotationId">The newest run.</param>
public sealed record SecretEntry(
    SecretId Id, string Path, int CurrentVersion, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string? Kind, int? PeriodDays, int? OverlapHours, DateTimeOffset? DueAt,
    DateTimeOffset? RotatedAt, RotationId? RotationId, RotationState? Rotation, string? FailureCode, string? FailureDetail, DateTimeOffset? OverlapUntil)
{
    internal static SecretEntry Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetInt32(2), row.GetFieldValue<DateTimeOffset>(3), row.GetFieldValue<DateTimeOffset>(4),
        row.Text(5), row.Maybe<int>(6), row.Maybe<int>(7), row.Maybe<DateTimeOffset>(8), row.Maybe<DateTimeOffset>(9), row.Maybe<Guid>(10) is { } run ? new RotationId(run) : null,
        row.Text(11) is { } state ? RunRows.Parse(state) : null, row.Text(12), row.Text(13), row.Maybe<DateTimeOffset>(14));
}
