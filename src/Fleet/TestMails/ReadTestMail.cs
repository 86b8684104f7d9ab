using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Fleet.TestMails;

/// <summary>One test mail, or the newest of a mailbox.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox.not_found</c> or <c>test_mail.not_found</c>.</remarks>
public static class ReadTestMail
{
    const string Select = "select id, mailbox_id, state, problem, smtp_text, sent_at, arrived_at, arrival from fleet.test_mail where tenant_id = $1 and mailbox_id = $2 and id = $3";

    const string SelectNewest = "select id, mailbox_id, state, problem, smtp_text, sent_at, arrived_at, arrival from fleet.test_mail where tenant_id = $1 and mailbox_id = $2 order by id desc limit 1";

    public static async Task<Result<TestMail>> Handle(Actor actor, MailboxId mailbox, TestMailId id, TenantDb db, CancellationToken ct)
    {
        if ((await ListMailboxes.One(actor, mailbox, db, ct)).Problem is { } refused) return refused;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await tx.Maybe(Select, TestMail.Read, ct, actor.Tenant, mailbox, id) is { } found ? found : TestMail.NotFound;
    }

    public static async Task<Result<TestMail>> Newest(Actor actor, MailboxId mailbox, TenantDb db, CancellationToken ct)
    {
        if ((await ListMailboxes.One(actor, mailbox, db, ct)).Problem is { } refused) return refused;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await tx.Maybe(SelectNewest, TestMail.Read, ct, actor.Tenant, mailbox) is { } found ? found : TestMail.NotFound;
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/mailboxes/{id}/test-mails/{mail}", async (Actor actor, MailboxId id, TestMailId mail, TenantDb db, CancellationToken ct) => (await Handle(actor, id, mail, db, ct)).ToHttp());
        api.MapGet("/mailboxes/{id}/test-mails/newest", async (Actor actor, MailboxId id, TenantDb db, CancellationToken ct) => (await Newest(actor, id, db, ct)).ToHttp());
    }
}
