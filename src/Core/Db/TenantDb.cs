using Npgsql;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Core.Db;

/// <summary>Opens transactions in which row-level security shows one tenant's rows only.</summary>
/// <remarks>The tenant is set for the transaction, never for the session, so that pooled connections and PgBouncer cannot leak it.
/// It travels with the first statement: begin, tenant and statement are one round trip.
/// Who holds one opens no second one: as many callers as the pool has connections would each hold one and wait for another.</remarks>
/// <param name="beside">A second pool; null where one caller works alone, such as a verb.</param>
public sealed class TenantDb(NpgsqlDataSource source, Subscribers subscribers, JobSignal signal, NpgsqlDataSource? beside = null)
{
    /// <summary>For a module that must commit by itself while its caller may hold a transaction, as the secret store does: from connections of its own, whose holders wait for no other.</summary>
    public TenantDb Beside => beside is null ? this : new(beside, subscribers, signal);

    public async Task<TenantTx> Begin(TenantId tenant, CancellationToken ct)
    {
        var connection = await source.OpenConnectionAsync(ct).ConfigureAwait(false);
        try
        {
            var transaction = await connection.BeginTransactionAsync(ct).ConfigureAwait(false);
            return new TenantTx(connection, transaction, tenant, subscribers, signal);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A transaction in no tenant: sees the unscoped tables of docs/security/unscoped-tables.md and no tenant's rows.</summary>
    public Task<TenantTx> BeginUnscoped(CancellationToken ct) => Begin(TenantId.Platform, ct);
}
