using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Secrets.BreakGlass;

public readonly record struct GrantId(Guid Value) : ITypedId<GrantId>
{
    public static string Prefix => "brk";
    public static GrantId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out GrantId id) => TypedId.TryParse(text, out id);
}

/// <summary>Where a wish to break the glass stands; docs/states/break-glass.md draws it. An open one is over when its time is.</summary>
public enum GrantState { Requested, Open, Refused, Withdrawn, Closed, Expired }

/// <summary>The glass was broken: a person may read a secret for a while. For a module that mails the account's owners.</summary>
/// <param name="Path">What may be read.</param>
public sealed record BreakGlassOpened(GrantId Grant, string Path, string Reason, UserId RequestedBy, UserId ApprovedBy, DateTimeOffset Until);

/// <summary>A person's leave to read the value of one secret for a while, given by a second person.</summary>
/// <param name="Path">Exactly this secret.</param>
/// <param name="Minutes">5 to 240 from the approval on.</param>
/// <param name="DecidedBy">Who approved or refused; never who asked.</param>
/// <param name="Reads">How often the value was shown.</param>
public sealed record Grant(
    GrantId Id, string Path, string Reason, int Minutes, GrantState State, UserId RequestedBy, DateTimeOffset RequestedAt, UserId? DecidedBy, DateTimeOffset? DecidedAt, DateTimeOffset? ExpiresAt, int Reads)
{
    /// <summary>A wish that nobody answered in this time is over.</summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromHours(24);

    internal static Grant Read(NpgsqlDataReader row, DateTimeOffset now)
    {
        var (requestedAt, expiresAt) = (row.GetFieldValue<DateTimeOffset>(6), row.Maybe<DateTimeOffset>(9));
        var state = Parse(row.GetString(4));
        if (state == GrantState.Open && expiresAt <= now || state == GrantState.Requested && requestedAt + AnswerMax <= now) state = GrantState.Expired;
        return new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetInt32(3), state, new(row.GetGuid(5)), requestedAt,
            row.Maybe<Guid>(7) is { } decider ? new UserId(decider) : null, row.Maybe<DateTimeOffset>(8), expiresAt, row.GetInt32(10));
    }

    internal static string Word(GrantState state) => state switch
    {
        GrantState.Requested => "requested",
        GrantState.Open => "open",
        GrantState.Refused => "refused",
        GrantState.Withdrawn => "withdrawn",
        GrantState.Closed => "closed",
        GrantState.Expired => throw new InvalidOperationException("Time alone ends a grant; it is not stored."),
    };

    static GrantState Parse(string word) => word switch
    {
        "requested" => GrantState.Requested,
        "open" => GrantState.Open,
        "refused" => GrantState.Refused,
        "withdrawn" => GrantState.Withdrawn,
        "closed" => GrantState.Closed,
        _ => throw new InvalidOperationException($"Unknown state {word}."),
    };
}

/// <summary>The refusals around breaking the glass.</summary>
static class GrantProblems
{
    public static readonly Problem PersonNeeded = new(ProblemKind.Forbidden, "break_glass.person_needed", "Only a person who is logged in can break the glass or approve it: a key cannot answer for itself.");

    public static readonly Problem NotFound = new(ProblemKind.NotFound, "break_glass.not_found", "There is no such request in this account.");

    public static readonly Problem NotOpen = new(ProblemKind.Conflict, "break_glass.not_open", "This request is not open: it was decided otherwise, closed, or its time is over. Ask again.");

    public static readonly Problem NotRequested = new(ProblemKind.Conflict, "break_glass.decided", "This request was decided already, or nobody answered in time.");

    public static readonly Problem SecondPerson = new(ProblemKind.Forbidden, "break_glass.second_person", "Somebody else has to decide: whoever asks cannot approve.");

    public static readonly Problem NotYours = new(ProblemKind.Forbidden, "break_glass.not_yours", "Only the person who asked may read under this request.");
}
