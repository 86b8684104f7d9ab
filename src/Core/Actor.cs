using System.Collections.Frozen;

namespace PenguinMails.Core;

/// <summary>Who is behind a request or a job.</summary>
public enum ActorKind { Person, ApiKey, System }

/// <summary>Who acts, in which tenant and workspace, and what they may do. Every slice takes one and checks it.</summary>
/// <param name="Workspace">The workspace acted in; null where a verb concerns the whole tenant.</param>
/// <param name="User">Set for a person; for an API key, its creator is not the actor.</param>
/// <param name="Label">How the audit log names the actor: an id, never an address.</param>
public sealed record Actor(
    ActorKind Kind, TenantId Tenant, WorkspaceId? Workspace, UserId? User, string Label, FrozenSet<string> Permissions)
{
    /// <summary>The program itself, allowed everything, inside one tenant.</summary>
    public static Actor System(TenantId tenant, WorkspaceId? workspace = null) =>
        new(ActorKind.System, tenant, workspace, null, "system", FrozenSet<string>.Empty);

    /// <summary>Permissions that hold in <see cref="Workspace"/> only: those of a role or key of one workspace.</summary>
    public FrozenSet<string> Confined { get; init; } = FrozenSet<string>.Empty;

    /// <summary>The one workspace whose rows this permission reaches; null: it reaches the whole account.</summary>
    public WorkspaceId? ConfinedTo(string permission) => Confined.Contains(permission) ? Workspace : null;

    public bool Lacks(string permission) => Kind != ActorKind.System && !Permissions.Contains(permission);

    /// <summary>The refusal for a missing permission; names it, so that an administrator can grant it.</summary>
    public static Problem Forbidden(string permission) =>
        new(ProblemKind.Forbidden, "permission.missing", $"This needs the permission {permission}. An owner or admin of the account can grant it.");

    /// <summary>The refusal when no workspace is chosen.</summary>
    public static readonly Problem WorkspaceMissing =
        new(ProblemKind.Invalid, "workspace.missing", "Choose a workspace: send its id in the header X-Workspace, or use an API key made for one workspace.");
}
