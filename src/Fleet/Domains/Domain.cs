using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Domains;

public readonly record struct DomainId(Guid Value) : ITypedId<DomainId>
{
    public static string Prefix => "dom";
    public static DomainId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out DomainId id) => TypedId.TryParse(text, out id);
}

/// <summary>pending: never seen complete. verified: every required record is right. drifted: was verified, is no longer.</summary>
public enum DomainState { Pending, Verified, Drifted }

/// <summary>A domain the workspace sends from.</summary>
/// <param name="Name">A-label form.</param>
/// <param name="DkimSelector">Label below <c>_domainkey</c>.</param>
/// <param name="ReturnPathHost">Host of the envelope sender; bounces come back to it.</param>
/// <param name="TrackingHost">Host of tracked links and of the unsubscribe page.</param>
public sealed record Domain(
    DomainId Id, WorkspaceId WorkspaceId, string Name, DomainState State, string DkimSelector, string DkimPublicKey,
    string ReturnPathHost, string TrackingHost, DateTimeOffset? CheckedAt, DateTimeOffset CreatedAt)
{
    internal static Domain Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), ReadState(row.GetString(3)), row.GetString(4), row.GetString(5),
        row.GetString(6), row.GetString(7), row.Maybe<DateTimeOffset>(8), row.GetFieldValue<DateTimeOffset>(9));

    static DomainState ReadState(string word) => word switch
    {
        "pending" => DomainState.Pending,
        "verified" => DomainState.Verified,
        "drifted" => DomainState.Drifted,
        _ => throw new InvalidOperationException($"Unknown domain state {word}."),
    };
}
