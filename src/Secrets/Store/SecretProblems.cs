using PenguinMails.Core;

namespace PenguinMails.Secrets.Store;

/// <summary>The refusals of both stores. Codes are public; no detail holds a value.</summary>
public static class SecretProblems
{
    public static readonly Problem NotFound = new(ProblemKind.NotFound, "secret.not_found", "There is no secret at this path, or no such version of it.");

    public static readonly Problem Deleted = new(ProblemKind.Gone, "secret.deleted", "This version was deleted. It can be brought back until it is destroyed.");

    public static readonly Problem Destroyed = new(ProblemKind.Gone, "secret.destroyed", "This version was destroyed and cannot be brought back.");

    public static readonly Problem Shredded = new(ProblemKind.Gone, "secret.shredded", "The secrets of this account were shredded. Nothing can be read or stored for it any more.");

    public static readonly Problem Damaged = new(ProblemKind.Unavailable, "secret.damaged",
        "The stored value does not open: it was altered, or copied from another place. Restore it from a backup, or write a new version.");

    public static readonly Problem WrapInvalid = new(ProblemKind.Gone, "secret.wrap_invalid", "The wrapping token is unknown, over, or was used before. If nobody here used it, somebody else did: change the secret.");

    public static readonly Problem ReasonMissing = Problem.Invalid("secret.reason_missing",
        new FieldProblem("reason", $"Say why, in one line of {SecretAccess.ReasonLengthMin} to {SecretAccess.ReasonLengthMax} characters: it stands in the access log."));

    public static readonly Problem PathInvalid = Problem.Invalid("secret.path_invalid", new FieldProblem("path", SecretPath.Rule));

    public static readonly Problem PathReserved = Problem.Invalid("secret.path_reserved", new FieldProblem("path", "Paths below rotation/ belong to running rotations."));

    public static Problem FieldsInvalid(string fault) => Problem.Invalid("secret.fields_invalid", new FieldProblem("fields", fault));

    /// <param name="current">0 where the secret was never written; null where the store does not tell.</param>
    public static Problem CasMismatch(int expected, int? current) => new(ProblemKind.Conflict, "secret.cas_mismatch",
        $"Version {expected} was expected, but {(current is null ? "another" : current == 0 ? "none" : $"version {current}")} is current. Read it again and decide anew.");

    /// <summary>The store answers, but its key is not there.</summary>
    public static Problem Sealed(string detail) => new(ProblemKind.Unavailable, "secret.sealed", detail) { RetryAfterSeconds = 60 };

    public static Problem Unavailable(string detail) => new(ProblemKind.Unavailable, "secret.unavailable", detail) { RetryAfterSeconds = 5 };

    public static Problem Forbidden(string detail) => new(ProblemKind.Forbidden, "secret.forbidden", detail);

    public static Problem Throttled(int? seconds) => new(ProblemKind.TooMany, "secret.throttled", "The store asks for fewer requests.") { RetryAfterSeconds = seconds };

    /// <summary>True for refusals that may pass by themselves.</summary>
    public static bool IsPassing(Problem problem) => problem.Kind is ProblemKind.Unavailable or ProblemKind.TooMany && problem.Code != Damaged.Code;
}
