using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Secrets.Keys;

/// <summary>The master keys on their way to another installation. They exist as bytes only inside an encrypted archive.</summary>
public static class CarriedKeys
{
    /// <summary>Every key that this installation opens data keys with, the current one first.</summary>
    /// <exception cref="InvalidOperationException">A source cannot be read; the message names the file and what to do.</exception>
    public static async Task<IReadOnlyList<byte[]>> Take(MasterKeys masters, CancellationToken ct)
    {
        var ring = await masters.Ring(ct);
        return [ring.Current.Key, .. ring.Accepted.Select(master => master.Key)];
    }

    /// <summary>The keys of an installation that also opens what the carried ones wrapped; <see cref="RewrapKeys"/> then makes it independent of them.</summary>
    public static MasterKeys With(IReadOnlyList<byte[]> carried, SecretsOptions options, MasterKey installation, TenantDb db, TimeProvider clock) =>
        new(options, installation, db, clock) { Carried = [.. carried.Select(key => new Master(KeySource.IdOf(key), key, "a backup"))] };
}
