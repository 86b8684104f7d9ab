using PenguinMails.Core;

namespace PenguinMails.Secrets.Store;

/// <summary>A secret as it was read.</summary>
/// <param name="Version">1 for the first.</param>
public sealed record Secret(SecretPath Path, int Version, SecretFields Fields, DateTimeOffset CreatedAt);

/// <summary>One version without its value.</summary>
public sealed record VersionState(int Version, DateTimeOffset CreatedAt, DateTimeOffset? DeletedAt, bool IsDestroyed);

/// <summary>What is known of a secret without reading it.</summary>
/// <param name="CurrentVersion">The highest version ever written.</param>
/// <param name="Versions">Lowest first; at most 100.</param>
public sealed record SecretDescription(SecretPath Path, int CurrentVersion, IReadOnlyList<VersionState> Versions);

/// <summary>A reading for one other program: whoever shows the token first gets the value, once.</summary>
/// <param name="Token">Secret itself until used.</param>
public sealed record WrappedSecret(string Token, DateTimeOffset ExpiresAt)
{
    public override string ToString() => "(wrapped secret)";
}

/// <summary>How a store stands.</summary>
public enum StoreState { Ready, Standby, Sealed, Uninitialised, Unreachable }

/// <param name="Detail">A sentence for the operator: what, and what to do.</param>
/// <param name="Version">Of the server; null where there is none.</param>
public sealed record StoreHealth(string Store, StoreState State, string Detail, string? Version);

/// <summary>Versioned secrets by path, one tenant at a time. Two kinds: the sealed store in PostgreSQL, and Vault or OpenBao.</summary>
/// <remarks>Each access needs a reason and is appended to the tenant's audit chain: who, which path and version, why, from where, with what outcome; never the value.
/// Refusals: <c>secret.not_found</c>, <c>deleted</c>, <c>destroyed</c>, <c>shredded</c>, <c>cas_mismatch</c>, <c>sealed</c>, <c>unavailable</c>,
/// <c>forbidden</c>, <c>throttled</c>, <c>damaged</c>, <c>wrap_invalid</c> and <c>reason_missing</c>, each after <c>secret.</c>.
/// A call ends within 20 s. The newest 10 versions of a secret are kept; older ones are destroyed.</remarks>
public interface ISecretStore
{
    /// <summary>Writes a new version.</summary>
    /// <param name="expected">The version that must be current, 0 for none yet; null writes whatever is there.</param>
    /// <returns>The number of the new version.</returns>
    Task<Result<int>> Put(SecretAccess access, SecretPath path, SecretFields fields, int? expected, CancellationToken ct);

    /// <param name="version">Null: the current one.</param>
    Task<Result<Secret>> Get(SecretAccess access, SecretPath path, int? version, CancellationToken ct);

    Task<Result<SecretDescription>> Describe(SecretAccess access, SecretPath path, CancellationToken ct);

    /// <summary>What lies directly below a folder, in order: names, and folders with a slash at the end. At most 1,000.</summary>
    /// <param name="folder">Null: the top.</param>
    Task<Result<IReadOnlyList<string>>> List(SecretAccess access, SecretPath? folder, CancellationToken ct);

    /// <summary>Hides a version until it is brought back or destroyed. Doing it twice changes nothing.</summary>
    Task<Result<Done>> Delete(SecretAccess access, SecretPath path, int version, CancellationToken ct);

    /// <summary>Brings a deleted version back.</summary>
    Task<Result<Done>> Undelete(SecretAccess access, SecretPath path, int version, CancellationToken ct);

    /// <summary>Takes a version's value away for good. Doing it twice changes nothing.</summary>
    Task<Result<Done>> Destroy(SecretAccess access, SecretPath path, int version, CancellationToken ct);

    /// <summary>Takes a secret away with all versions and its history of numbers. A secret that is not there is no refusal.</summary>
    Task<Result<Done>> Remove(SecretAccess access, SecretPath path, CancellationToken ct);

    /// <summary>Makes every secret of the tenant unreadable for good, and refuses all further ones.</summary>
    Task<Result<Done>> Shred(SecretAccess access, CancellationToken ct);

    /// <param name="version">Null: the current one, fixed at this moment.</param>
    /// <param name="life">1 s to 24 h.</param>
    Task<Result<WrappedSecret>> Wrap(SecretAccess access, SecretPath path, int? version, TimeSpan life, CancellationToken ct);

    /// <summary>Opens a wrapping once.</summary>
    Task<Result<SecretFields>> Unwrap(SecretAccess access, string token, CancellationToken ct);

    /// <summary>Not an access; no audit line.</summary>
    Task<StoreHealth> Health(CancellationToken ct);
}
