using System.Security.Cryptography;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Secrets.Keys;

/// <summary>A key that wraps data keys.</summary>
/// <param name="Id">Names it in the database.</param>
sealed record Master(string Id, byte[] Key, string Source)
{
    public override string ToString() => $"{Id} from {Source}";
}

/// <summary>The keys this process has: the one that wraps, and those it still opens with.</summary>
sealed record MasterRing(Master Current, IReadOnlyList<Master> Accepted)
{
    /// <summary>For work that opens nothing.</summary>
    public static readonly MasterRing None = new(new Master("", [], "none"), []);

    public Master? Find(string id) => Current.Id == id ? Current : Accepted.FirstOrDefault(master => master.Id == id);
}

/// <summary>Reads the master keys once, when the first secret is touched. A passphrase takes about half a second then.</summary>
public sealed class MasterKeys(SecretsOptions options, MasterKey installation, TenantDb db, TimeProvider clock) : IDisposable
{
    const string FindSalt = "select salt, cost_log2 from secrets.passphrase_salt where only_one";

    const string InsertSalt = "insert into secrets.passphrase_salt (only_one, salt, cost_log2, created_at) values (true, $1, $2, $3) on conflict (only_one) do nothing";

    readonly SemaphoreSlim _reading = new(1);
    MasterRing? _ring;

    internal IReadOnlyList<Master> Carried { get; init; } = [];

    sealed record Salt(byte[] Bytes, int CostLog2);

    /// <exception cref="InvalidOperationException">A source cannot be read; the message names the file and what to do.</exception>
    internal async Task<MasterRing> Ring(CancellationToken ct)
    {
        if (_ring is { } known) return known;
        await _reading.WaitAsync(ct);
        try
        {
            return _ring ??= await Read(ct);
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    async Task<MasterRing> Read(CancellationToken ct)
    {
        var current = await Read(options.Master, ct);
        var accepted = new List<Master>();
        foreach (var source in options.Accepted) accepted.Add(await Read(source, ct));
        return new MasterRing(current, [.. accepted, .. Carried]);
    }

    async Task<Master> Read(KeySource source, CancellationToken ct)
    {
        var key = source.Kind switch
        {
            KeySourceKind.Installation => installation.Derive("secrets/master"),
            KeySourceKind.Key => source.ReadKey(),
            KeySourceKind.Passphrase => await FromPassphrase(source.ReadPassphrase(), ct),
        };
        return new Master(KeySource.IdOf(key), key, source.Text);
    }

    async Task<byte[]> FromPassphrase(string passphrase, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        await tx.Execute(InsertSalt, ct, RandomNumberGenerator.GetBytes(16), Scrypt.CostLog2Default, clock.GetUtcNow());
        var salt = await tx.One(FindSalt, row => new Salt(row.GetFieldValue<byte[]>(0), row.GetInt32(1)), ct);
        await tx.Commit(ct);
        return Scrypt.Derive(passphrase, salt.Bytes, salt.CostLog2);
    }
}
