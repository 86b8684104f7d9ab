using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Accounts.Passwords;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Accounts.Users;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Members;

/// <summary>Joins the tenant that invited. Who has no account yet gets one, with the address the invitation went to.</summary>
/// <remarks>Refuses with <c>token.invalid</c>, and for a new person <c>name.invalid</c> or <c>password.*</c>; then the link stays usable.</remarks>
public static class AcceptInvitation
{
    internal const string TokenPrefix = "pm_join_";

    /// <param name="DisplayName">For a new person; ignored otherwise, as is the password.</param>
    public sealed record Input(string Token, string? DisplayName = null, string? Password = null);

    /// <param name="IsNewUser">True: the person may log in with the password they just chose.</param>
    public sealed record Output(TenantId TenantId, UserId UserId, bool IsNewUser);

    sealed record Target(TenantId Tenant, InvitationId Id);

    sealed record Invitation(string Email, Role Role, WorkspaceId? Workspace);

    const string FindTarget = "select tenant_id, invitation_id from accounts.invitation_lookup where token_hash = $1";

    const string Accept = """
        update accounts.invitation
        set accepted_at = $3
        where tenant_id = $1 and id = $2 and accepted_at is null and revoked_at is null and expires_at > $3
        returning email, role, workspace_id
        """;

    public static async Task<Result<Output>> Handle(Input input, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (await Find(input.Token, db, ct) is not { } target) return Problems.TokenInvalid;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(target.Tenant, ct);
        if (await tx.Maybe(Accept, Read, ct, target.Tenant, target.Id, now) is not { } invitation) return Problems.TokenInvalid;
        var users = credentials.In(tx);
        var user = await users.FindByEmailAsync(invitation.Email);
        var isNew = user is null;
        if (user is null)
        {
            if (!Line.TryParse(input.DisplayName, Problems.NameLengthMax, out var name)) return Problems.NameInvalid("display_name");
            if (Password.Judge(input.Password, invitation.Email, name) is { } weak) return weak;
            user = new UserAccount { Id = TypedId.New<UserId>(now), Email = invitation.Email, DisplayName = name, EmailVerifiedAt = now, CreatedAt = now };
            ResetPassword.Demand(await users.CreateAsync(user, input.Password ?? ""));
        }

        await Join(tx, user.Id, invitation, now, ct);
        await tx.Append(OpenTenant.As(target.Tenant, user.Id), "member.joined", user.Id.ToString(),
            new { invitation = target.Id, role = invitation.Role, workspace = invitation.Workspace }, now, ct);
        await tx.Commit(ct);
        return new Output(target.Tenant, user.Id, isNew);
    }

    // An invitation adds; it never takes a role away from somebody who is a member already.
    static async Task Join(TenantTx tx, UserId user, Invitation invitation, DateTimeOffset now, CancellationToken ct)
    {
        var held = (await Membership.Of(tx, user, ct)).Find(one => one.Workspace == invitation.Workspace);
        if (held is not null && Roles.Permissions(held.Role).IsSupersetOf(Roles.Permissions(invitation.Role))) return;
        await Membership.Insert(tx, user, invitation.Workspace, invitation.Role, now, ct);
    }

    static async Task<Target?> Find(string? token, TenantDb db, CancellationToken ct)
    {
        if (token is null || !Token.IsWellFormed(token, TokenPrefix)) return null;
        await using var tx = await db.BeginUnscoped(ct);
        return await tx.Maybe(FindTarget, row => new Target(new(row.GetGuid(0)), new(row.GetGuid(1))), ct, Token.Hash(token));
    }

    static Invitation Read(NpgsqlDataReader row) =>
        new(row.GetString(0), Roles.Parse(row.GetString(1)), row.Maybe<Guid>(2) is { } workspace ? new WorkspaceId(workspace) : null);

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/invitations/accept",
        async (Input input, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(input, credentials, db, clock, ct)).ToHttp()).AllowAnonymous();
}
