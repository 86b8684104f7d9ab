using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Users;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Accounts.Mails;

/// <summary>Looks up an address and mails it a link, as a job: the request that asked does the same work whether the address is known or not.</summary>
static class SendLink
{
    public const string Kind = "accounts.send_link";
    static readonly TimeSpan ResetLifetime = TimeSpan.FromHours(1);

    public sealed record Order(Guid RequestId);

    // The address waits in our own row and goes with it; a job's payload stays for years.
    const string Insert = """
        insert into accounts.system_mail (tenant_id, id, recipient, subject, body, created_at)
        values ($1, $2, $3, $4, '', $5)
        """;

    const string Take = "delete from accounts.system_mail where tenant_id = $1 and id = $2 returning recipient, subject";

    sealed record Wish(string Email, string Purpose);

    /// <param name="purpose">verify or reset.</param>
    public static async Task Request(TenantDb db, EmailAddress email, string purpose, DateTimeOffset now, CancellationToken ct)
    {
        if (!await MailGate.IsOpen(db, email, now, ct)) return;
        await using var tx = await db.BeginUnscoped(ct);
        var id = Guid.CreateVersion7(now);
        await tx.Execute(Insert, ct, tx.Tenant, id, email.Normal, purpose, now);
        await tx.Enqueue(new JobOrder<Order>(Kind, new Order(id)) { Priority = 1 }, now, ct);
        await tx.Commit(ct);
    }

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var now = run.Need<TimeProvider>().GetUtcNow();
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        if (await tx.Maybe(Take, row => new Wish(row.GetString(0), row.GetString(1)), ct, run.Tenant, order.RequestId) is not { } wish) return;
        var user = await run.Need<Credentials>().In(tx).FindByEmailAsync(wish.Email);
        if (user is not null && (wish.Purpose == "reset" || user.EmailVerifiedAt is null)) await Mail(tx, user, wish.Purpose, run.Need<PublicWeb>(), now, ct);
        await tx.Commit(ct);
    }

    static async Task Mail(TenantTx tx, UserAccount user, string purpose, PublicWeb web, DateTimeOffset now, CancellationToken ct)
    {
        await EmailTokens.Cancel(tx, user.Id, [purpose], now, ct);
        var isReset = purpose == "reset";
        var token = await EmailTokens.Issue(tx, purpose, user.Id, isReset ? ResetLifetime : SignUp.VerifyLifetime, now, ct);
        var letter = isReset ? Letter.Reset(web.Link("reset-password", token)) : Letter.Verify(web.Link("verify-email", token));
        await SendMail.Within(tx, user.Email, letter, now, ct);
    }
}
