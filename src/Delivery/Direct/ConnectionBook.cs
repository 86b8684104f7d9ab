using Npgsql;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Direct;

/// <summary>The connections to recipients' servers: those of this process, and in <c>delivery.connection</c> those of all. Asked for each connection, never for a message. For many threads at once.</summary>
/// <remarks>Ids are given in the order of asking, so that who waits longer is next: a process whose connections come and go would else take each place it leaves.</remarks>
sealed class ConnectionBook(TenantDb db, TimeProvider clock)
{
    /// <summary>How long the connections of a dead process count.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>How long one counts as waiting that asks no more.</summary>
    static readonly TimeSpan Waiting = TimeSpan.FromSeconds(2);

    const string Lock = "select pg_advisory_xact_lock(hashtextextended($1, 16))";

    // Reads index connection_shared, as the others do.
    const string Forget = "delete from delivery.connection where source = $1 and ehlo_name = $2 and provider = $3 and lease_until <= $4";

    const string Ask = """
        insert into delivery.connection (id, source, ehlo_name, provider, lease_until)
        values ($1, $2, $3, $4, $5)
        on conflict (id) do update
        set lease_until = excluded.lease_until
        """;

    const string OpenOne = """
        update delivery.connection
        set is_open = true, lease_until = $5
        where id = $1 and (
          select count(*)
          from delivery.connection
          where source = $2 and ehlo_name = $3 and provider = $4 and id <> $1 and (is_open or id < $1)) < $6
        """;

    const string FreeOne = "delete from delivery.connection where id = $1";

    // Also what was forgotten because this process stood still for too long: what is open counts.
    const string RenewAll = """
        insert into delivery.connection (id, source, ehlo_name, provider, is_open, lease_until)
        select m.id, m.source, m.ehlo_name, m.provider, true, $5
        from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as m (id, source, ehlo_name, provider)
        order by m.id
        on conflict (id) do update
        set lease_until = excluded.lease_until
        """;

    readonly Lock _lock = new();
    readonly Dictionary<Guid, (LinkKey Key, bool IsTaken)> _open = [];
    DateTimeOffset _renewed = clock.GetUtcNow();

    /// <summary>Connections of this process, those being opened included.</summary>
    public int Open
    {
        get { lock (_lock) return _open.Count; }
    }

    /// <summary>A place to wait at, behind all that were asked for before.</summary>
    public Guid Next() => Guid.CreateVersion7(clock.GetUtcNow());

    /// <summary>Whether this process by itself has room for one more, which then counts until it <see cref="Ends"/> or is not taken.</summary>
    public bool Begins(Guid id, LinkKey key, int most)
    {
        lock (_lock) return _open.Values.Count(one => one.Key == key) < most && _open.TryAdd(id, (key, false));
    }

    public void Ends(Guid id)
    {
        lock (_lock) _open.Remove(id);
    }

    /// <summary>Takes one of the connections under the key.</summary>
    /// <param name="id">From <see cref="Next"/>; the same for as long as one waits.</param>
    /// <param name="most">Connections at once, over all processes.</param>
    /// <returns>False: they are taken, or others wait for longer.</returns>
    public async Task<bool> Take(Guid id, LinkKey key, int most, CancellationToken ct)
    {
        var (now, isTaken) = (clock.GetUtcNow(), false);
        try
        {
            await using var tx = await db.BeginUnscoped(ct);
            tx.Later(Lock, $"{key.Source} {key.EhloName} {key.Provider}");
            tx.Later(Forget, key.Source, key.EhloName, key.Provider, now);
            tx.Later(Ask, id, key.Source, key.EhloName, key.Provider, now + Waiting);
            var isRoom = await tx.Execute(OpenOne, ct, id, key.Source, key.EhloName, key.Provider, now + Lease, (long)most) == 1;
            await tx.Commit(ct);
            return isTaken = isRoom;
        }
        finally
        {
            lock (_lock)
            {
                if (isTaken) _open[id] = (key, true);
                else _open.Remove(id);
            }
        }
    }

    /// <summary>The connection is closed, or waited for no more.</summary>
    public Task<bool> Free(Guid id) => Reaches(FreeOne, id);

    /// <summary>Says of all that this process has open that it is, where it was not said for a third of the lease.</summary>
    public async Task Renew()
    {
        var now = clock.GetUtcNow();
        List<(Guid Id, LinkKey Key)> open;
        lock (_lock)
        {
            if (now - _renewed < Lease / 3) return;
            _renewed = now;
            open = [.. _open.Where(one => one.Value.IsTaken).Select(one => (one.Key, one.Value.Key))];
        }

        if (open.Count == 0) return;
        await Reaches(RenewAll, open.Select(one => one.Id).ToArray(), open.Select(one => one.Key.Source).ToArray(), open.Select(one => one.Key.EhloName).ToArray(), open.Select(one => one.Key.Provider).ToArray(), now + Lease);
        foreach (var (id, _) in open.FindAll(one => !Has(one.Id))) await Free(id); // Closed meanwhile.
    }

    bool Has(Guid id)
    {
        lock (_lock) return _open.ContainsKey(id);
    }

    /// <returns>False: the database is away. What is open counts on until its lease ends, and what was closed is free then.</returns>
    async Task<bool> Reaches(string sql, params object?[] values)
    {
        try
        {
            await using var tx = await db.BeginUnscoped(CancellationToken.None);
            await tx.Execute(sql, CancellationToken.None, values);
            await tx.Commit(CancellationToken.None);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
