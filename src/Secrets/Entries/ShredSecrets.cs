using PenguinMails.Core;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Entries;

/// <summary>Makes every secret of an account unreadable for good. For the command line of the operator, which asks twice; no route leads here.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>secret.shred_unconfirmed</c> and the refusals of <see cref="ISecretStore"/>.</remarks>
public static class ShredSecrets
{
    /// <param name="Name">The account's name as it is known.</param>
    /// <param name="Typed">The name as a person typed it; must be the same, letter for letter.</param>
    public sealed record Input(string Name, string Typed, string Reason);

    static readonly Problem Unconfirmed = new(ProblemKind.Conflict, "secret.shred_unconfirmed", "The name typed is not the account's name. Nothing was shredded.");

    public static async Task<Result<Done>> Handle(Actor actor, Input input, ISecretStore store, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsManage)) return Actor.Forbidden(Permissions.SecretsManage);
        if (input.Name.Length == 0 || input.Name != input.Typed) return Unconfirmed;
        return await store.Shred(new SecretAccess(actor, input.Reason, "cli"), ct);
    }
}
