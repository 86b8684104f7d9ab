using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Accesses;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Sealed;

/// <summary>Secrets in PostgreSQL: each value under its tenant's data key, each data key under a master key outside the database. Access and audit line are one transaction.</summary>
sealed class SealedStore(TenantDb db, MasterKeys masters, TimeProvider clock) : ISecretStore
{
    const string StoreName = "sealed";
    static readonly TimeSpan CallMax = TimeSpan.FromSeconds(20);

    public Task<Result<int>> Put(SecretAccess access, SecretPath path, SecretFields fields, int? expected, CancellationToken ct) =>
        Run<int>(access, AccessVerb.Written, path.Text, async (tx, ring, limited) =>
        {
            var written = await SealedVersions.Write(tx, path, fields, expected, ring, clock.GetUtcNow(), limited);
            return written.Match(version => new Outcome<int>(version, version), problem => new Outcome<int>(problem, null));
        }, ct);

    public Task<Result<Secret>> Get(SecretAccess access, SecretPath path, int? version, CancellationToken ct) =>
        Run<Secret>(access, AccessVerb.Read, path.Text, async (tx, ring, limited) =>
        {
            var read = await SealedVersions.Read(tx, path, version, ring, limited);
            return read.Match(secret => new Outcome<Secret>(secret, secret.Version), problem => new Outcome<Secret>(problem, version));
        }, ct);

    public Task<Result<SecretDescription>> Describe(SecretAccess access, SecretPath path, CancellationToken ct) =>
        Run<SecretDescription>(access, AccessVerb.Described, path.Text, async (tx, _, limited) =>
            new Outcome<SecretDescription>(await VersionRows.Describe(tx, path, limited) is { } found ? found : SecretProblems.NotFound, null), ct);

    public Task<Result<IReadOnlyList<string>>> List(SecretAccess access, SecretPath? folder, CancellationToken ct) =>
        Run<IReadOnlyList<string>>(access, AccessVerb.Listed, folder?.Text ?? "", async (tx, _, limited) =>
            new Outcome<IReadOnlyList<string>>(Result<IReadOnlyList<string>>.Of(await VersionRows.Names(tx, folder, limited)), null), ct);

    public Task<Result<Done>> Delete(SecretAccess access, SecretPath path, int version, CancellationToken ct) => Mark(access, AccessVerb.Deleted, path, version, VersionRows.Delete, ct);

    public Task<Result<Done>> Undelete(SecretAccess access, SecretPath path, int version, CancellationToken ct) => Mark(access, AccessVerb.Undeleted, path, version, VersionRows.Undelete, ct);

    public Task<Result<Done>> Destroy(SecretAccess access, SecretPath path, int version, CancellationToken ct) => Mark(access, AccessVerb.Destroyed, path, version, VersionRows.Destroy, ct);

    public Task<Result<Done>> Remove(SecretAccess access, SecretPath path, CancellationToken ct) => Run<Done>(access, AccessVerb.Removed, path.Text, async (tx, _, limited) =>
    {
        await VersionRows.Remove(tx, path, limited);
        return new Outcome<Done>(default(Done), null);
    }, ct);

    public Task<Result<Done>> Shred(SecretAccess access, CancellationToken ct) => Run<Done>(access, AccessVerb.Shredded, "", async (tx, _, limited) =>
    {
        await Shredding.Within(tx, access, clock.GetUtcNow(), limited);
        return new Outcome<Done>(default(Done), null);
    }, ct, needsKey: false);

    public Task<Result<WrappedSecret>> Wrap(SecretAccess access, SecretPath path, int? version, TimeSpan life, CancellationToken ct) =>
        Run<WrappedSecret>(access, AccessVerb.Wrapped, path.Text, async (tx, _, limited) =>
        {
            var wrapped = await Wrappings.Make(tx, path, version, life, clock.GetUtcNow(), limited);
            return new Outcome<WrappedSecret>(wrapped, version);
        }, ct);

    public Task<Result<SecretFields>> Unwrap(SecretAccess access, string token, CancellationToken ct) =>
        Run<SecretFields>(access, AccessVerb.Unwrapped, "", async (tx, ring, limited) =>
            new Outcome<SecretFields>(await Wrappings.Open(tx, token, ring, clock.GetUtcNow(), limited), null), ct);

    public async Task<StoreHealth> Health(CancellationToken ct)
    {
        try
        {
            var ring = await masters.Ring(ct);
            return new StoreHealth(StoreName, StoreState.Ready, $"In this database, under the master key {ring.Current}.", null);
        }
        catch (InvalidOperationException missing)
        {
            return new StoreHealth(StoreName, StoreState.Sealed, missing.Message, null);
        }
        catch (NpgsqlException lost) when (lost is not PostgresException)
        {
            return new StoreHealth(StoreName, StoreState.Unreachable, "The database does not answer.", null);
        }
    }

    /// <param name="Version">For the log; null where none is meant.</param>
    sealed record Outcome<T>(Result<T> Result, int? Version);

    Task<Result<Done>> Mark(SecretAccess access, AccessVerb verb, SecretPath path, int version, Func<TenantTx, SecretPath, int, DateTimeOffset, CancellationToken, Task<Problem?>> mark, CancellationToken ct) =>
        Run<Done>(access, verb, path.Text, async (tx, _, limited) =>
            new Outcome<Done>(await mark(tx, path, version, clock.GetUtcNow(), limited) is { } problem ? problem : default(Done), version), ct, needsKey: false);

    // One transaction for the work and its line. A refusal changes nothing but is written down all the same.
    async Task<Result<T>> Run<T>(
        SecretAccess access, AccessVerb verb, string path, Func<TenantTx, MasterRing, CancellationToken, Task<Outcome<T>>> work, CancellationToken ct, bool needsKey = true)
    {
        if (!access.HasReason) return SecretProblems.ReasonMissing;
        using var limit = new CancellationTokenSource(CallMax, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            var (ring, locked) = needsKey ? await Ring(either.Token) : (MasterRing.None, null);
            await using var tx = await db.Begin(access.Tenant, either.Token);
            var outcome = locked is not null ? new Outcome<T>(locked, null)
                : verb != AccessVerb.Shredded && await DataKeys.IsShredded(tx, either.Token) ? new Outcome<T>(SecretProblems.Shredded, null)
                : await work(tx, ring, either.Token);
            await AccessLog.Append(tx, access, verb, path, outcome.Version, outcome.Result.Problem?.Code, StoreName, clock.GetUtcNow(), either.Token);
            await tx.Commit(either.Token);
            return outcome.Result;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return SecretProblems.Unavailable($"The database did not answer within {CallMax.TotalSeconds:0} s.");
        }
        catch (NpgsqlException lost) when (lost is not PostgresException)
        {
            return SecretProblems.Unavailable("The connection to the database was lost.");
        }
    }

    async Task<(MasterRing Ring, Problem? Locked)> Ring(CancellationToken ct)
    {
        try
        {
            return (await masters.Ring(ct), null);
        }
        catch (InvalidOperationException missing)
        {
            return (MasterRing.None, SecretProblems.Sealed(missing.Message));
        }
    }
}
