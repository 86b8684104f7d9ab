using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Accounts.Mails;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Accounts.Members;

public readonly record struct InvitationId(Guid Value) : ITypedId<InvitationId>
{
    public static string Prefix => "inv";
    public static InvitationId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out InvitationId id) => TypedId.TryParse(text, out id);
}

/// <summary>Mails somebody a link with which they join the tenant within 7 days. A new invitation ends the older one to that address.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>email.invalid</c>, <c>member.role_too_high</c>, <c>member.role_not_confined</c>,
/// <c>workspace.not_found</c> or <c>invitation.too_many</c>.</remarks>
public static class InviteMember
{
    /// <param name="WorkspaceId">Confines a manager, sender or viewer to one workspace; null: all.</param>
    public sealed record Input(string Email, Role Role, WorkspaceId? WorkspaceId = null);

    public sealed record Output(InvitationId Id, DateTimeOffset ExpiresAt);

    static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);
    const int PerDayMax = 100;

    const string TenantName = "select name from accounts.tenant where tenant_id = $1 for update";

    const string CountToday = "select count(*) from accounts.invitation where tenant_id = $1 and created_at > $2";

    const string EndOlder = """
        update accounts.invitation
        set revoked_at = $3
        where tenant_id = $1 and email_normal = $2 and accepted_at is null and revoked_at is null
        """;

    const string Insert = """
        insert into accounts.invitation (tenant_id, id, email, email_normal, role, workspace_id, invited_by, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    const string InsertLookup = "insert into accounts.invitation_lookup (token_hash, tenant_id, invitation_id) values ($1, $2, $3)";

    static readonly Problem TooMany = new(ProblemKind.TooMany, "invitation.too_many", $"At most {PerDayMax} invitations in 24 hours.") { RetryAfterSeconds = 3600 };

    public static async Task<Result<Output>> Handle(Actor actor, Input input, PublicWeb web, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MembersManage)) return Actor.Forbidden(Permissions.MembersManage);
        if (!EmailAddress.TryParse(input.Email, out var email, out var fault)) return Problems.EmailInvalid(fault);
        if (!Roles.MayGive(actor, input.Role)) return Problems.RoleTooHigh;
        if (input.WorkspaceId is not null && !Roles.MayBeConfined(input.Role)) return Problems.RoleNotConfined;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var now = clock.GetUtcNow();
        var tenant = await tx.One(TenantName, row => row.GetString(0), ct, actor.Tenant);
        if (input.WorkspaceId is { } workspace && await Workspace.Find(tx, workspace, ct) is not { ArchivedAt: null }) return Problems.WorkspaceUnknown;
        if (await tx.One(CountToday, row => row.GetInt64(0), ct, actor.Tenant, now.AddDays(-1)) >= PerDayMax) return TooMany;

        var (id, token) = (TypedId.New<InvitationId>(now), Token.New(AcceptInvitation.TokenPrefix));
        await tx.Execute(EndOlder, ct, actor.Tenant, email.Normal, now);
        await tx.Execute(Insert, ct, actor.Tenant, id, email.Text, email.Normal, Roles.Word(input.Role), input.WorkspaceId, actor.Label, now, now + Lifetime);
        await tx.Execute(InsertLookup, ct, Token.Hash(token), actor.Tenant, id);
        await SendMail.Within(tx, email.Text, Letter.Invitation(tenant, web.Link("accept-invitation", token)), now, ct);
        await tx.Append(actor, "member.invited", id.ToString(), new { role = input.Role, workspace = input.WorkspaceId }, now, ct);
        await tx.Commit(ct);
        return new Output(id, now + Lifetime);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/invitations",
        async (Actor actor, Input input, PublicWeb web, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, web, db, clock, ct)).ToHttp(made => TypedResults.Created((string?)null, made)));
}
