using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Accesses;

/// <summary>What is done to a secret; the word stands in <c>secrets.access</c> and, after <c>secret.</c>, in the audit chain.</summary>
enum AccessVerb { Read, Written, Described, Listed, Deleted, Undeleted, Destroyed, Removed, Shredded, Wrapped, Unwrapped }

/// <summary>Appends each access to the audit chain and to its index by path, in the caller's transaction. The chain is the record; the index finds its lines.</summary>
static class AccessLog
{
    const string Insert = """
        insert into secrets.access (tenant_id, id, at, verb, path, version, actor, reason, source, outcome, store, audit_seq)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """;

    public const string Ok = "ok";

    sealed record Line(string Path, int? Version, string Reason, string Source, string Store, string? Verb, string? Refusal);

    /// <summary>Call it last: it holds the tenant's chain until the commit.</summary>
    /// <param name="path">"" for the whole tenant or the top folder.</param>
    /// <param name="refusal">The code of the refusal; null when the access was given.</param>
    public static async Task Append(
        TenantTx tx, SecretAccess access, AccessVerb verb, string path, int? version, string? refusal, string store, DateTimeOffset now, CancellationToken ct)
    {
        var word = Word(verb);
        var line = new Line(path, version, access.Reason.Trim(), access.SourceCut, store, refusal is null ? null : word, refusal);
        var seq = await tx.Append(access.Actor, refusal is null ? "secret." + word : "secret.refused", path.Length == 0 ? "/" : path, line, now, ct);
        await tx.Execute(Insert, ct, tx.Tenant, Guid.CreateVersion7(now), now, word, path, version, access.Actor.Label, line.Reason, line.Source, refusal ?? Ok, store, seq);
    }

    public static string Word(AccessVerb verb) => verb switch
    {
        AccessVerb.Read => "read",
        AccessVerb.Written => "written",
        AccessVerb.Described => "described",
        AccessVerb.Listed => "listed",
        AccessVerb.Deleted => "deleted",
        AccessVerb.Undeleted => "undeleted",
        AccessVerb.Destroyed => "destroyed",
        AccessVerb.Removed => "removed",
        AccessVerb.Shredded => "shredded",
        AccessVerb.Wrapped => "wrapped",
        AccessVerb.Unwrapped => "unwrapped",
    };
}
