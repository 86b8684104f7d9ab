using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Fleet.Mailboxes.Aliases;

/// <summary>Id of an alias, shown as <c>als_…</c>.</summary>
public readonly record struct AliasId(Guid Value) : ITypedId<AliasId>
{
    public static string Prefix => "als";
    public static AliasId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out AliasId id) => TypedId.TryParse(text, out id);
}

/// <summary>An address whose mail goes on to others.</summary>
/// <param name="Targets">1 to 100 addresses, here or anywhere.</param>
public sealed record Alias(AliasId Id, DomainId DomainId, string Address, IReadOnlyList<string> Targets, DateTimeOffset CreatedAt)
{
    internal const int TargetsMax = 100;

    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "alias.not_found", "There is no such alias in this workspace.");

    // Enough to see every way mail could go round: a server carries fewer than 5,000.
    const string SelectWays = "select address, targets from fleet.mailbox_alias where tenant_id = $1 and address <> $2 order by address limit 20000";

    internal static Alias Read(NpgsqlDataReader row) =>
        new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), row.GetFieldValue<string[]>(3), row.GetFieldValue<DateTimeOffset>(4));

    /// <summary>The addresses in normal form, each once. Refuses with <c>alias.invalid</c> or <c>alias.loop</c>.</summary>
    internal static async Task<Result<string[]>> Judge(TenantTx tx, string address, IReadOnlyList<string> written, CancellationToken ct)
    {
        if (written.Any(target => target is null)) return Problem.Invalid("alias.invalid", new FieldProblem("targets", "Each target is an e-mail address.")); // JSON may hold null there.
        var given = written.Select(target => target.Trim()).Where(target => target.Length > 0).ToList();
        if (given.Count is 0 or > TargetsMax) return Problem.Invalid("alias.invalid", new FieldProblem("targets", $"1 to {TargetsMax} addresses to go to."));
        var (targets, faults) = (new List<string>(), new List<FieldProblem>());
        foreach (var target in given)
        {
            if (!EmailAddress.TryParse(target, out var parsed, out var fault)) faults.Add(new("targets", $"{target} is not an e-mail address: {fault.Reason} at character {fault.Offset + 1}."));
            else if (!StackPlanFault.IsTarget(parsed.Normal)) faults.Add(new("targets", $"{target} has characters that mail servers treat in different ways. Use a plain address."));
            else targets.Add(parsed.Normal);
        }

        if (faults.Count > 0) return Problem.Invalid("alias.invalid", [.. faults]);
        var distinct = targets.Distinct(StringComparer.Ordinal).ToArray();
        return await Loop(tx, address, distinct, ct) is { } loop ? loop : distinct;
    }

    // Mail that would come back to where it was would be refused by the server, in the end, with nobody to say why.
    static async Task<Problem?> Loop(TenantTx tx, string address, string[] targets, CancellationToken ct)
    {
        var ways = (await tx.List(SelectWays, row => (Address: row.GetString(0), Targets: row.GetFieldValue<string[]>(1)), ct, tx.Tenant, address)).ToDictionary(way => way.Address, way => way.Targets, StringComparer.Ordinal);
        var (open, seen) = (new Queue<string>(targets), new HashSet<string>(StringComparer.Ordinal));
        while (open.TryDequeue(out var at))
        {
            if (at == address)
                return new Problem(ProblemKind.Invalid, "alias.loop", $"Mail to {address} would come back to {address}. Leave out the target that leads there.") { Fields = [new("targets", $"One of them leads back to {address}.")] };
            if (seen.Add(at) && ways.TryGetValue(at, out var further))
                foreach (var next in further) open.Enqueue(next);
        }

        return null;
    }
}
