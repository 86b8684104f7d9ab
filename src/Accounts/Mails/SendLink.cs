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
    public static readonly TimeSpan ResetLifetime = TimeSpan.FromHours(1);

    /// <param name="Purpose">verify or reset.</param>
    public sealed record Order(string Email, string Purpose);

    public static async Task Request(TenantDb db, EmailAddress email, string purpose, DateTimeOffset now, CancellationToken ct)
    {
        if (!await MailGate.IsOpen(db, email, now, ct)) return;
        await using var tx = await db.BeginUnscoped(ct);
        await tx.Enqueue(new JobOrder<Order>(Kind, new Order(email.Normal, purpose)) { Priority = 1 }, now, ct);
        await tx.Commit(ct);
    }

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var now = run.Need<TimeProvider>().GetUtcNow();
        var web = run.Need<PublicWeb>();
        await using var tx = await run.Db.BeginUnscoped(ct);
        if (await run.Need<Credentials>().In(tx).FindByEmailAsync(order.Email) is not { } user) return;
        if (order.Purpose == "verify" && user.EmailVerifiedAt is not null) return;
        await EmailTokens.Cancel(tx, user.Id, [order.Purpose], now, ct);
        var lifetime = order.Purpose == "reset" ? ResetLifetime : SignUp.VerifyLifetime;
        var token = await EmailTokens.Issue(tx, order.Purpose, user.Id, lifetime, now, ct);
        var letter = order.Purpose == "reset" ? Letter.Reset(web.Link("reset-password", token)) : Letter.Verify(web.Link("verify-email", token));
        await SendMail.Within(tx, user.Email, letter, now, ct);
        await tx.Commit(ct);
    }
}
