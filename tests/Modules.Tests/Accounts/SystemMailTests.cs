using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Users;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Accounts;

[Collection(nameof(AccountsWorld))]
public sealed class SystemMailTests(AccountsWorld world)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_address_is_not_flooded_with_links()
    {
        var person = await world.Person();
        for (var i = 0; i < 20; i++) Assert.True((await RequestPasswordReset.Handle(new(person.Email), world.Db, world.Clock, Ct)).IsOk);
        Assert.InRange((await world.Mails()).Count, 1, 5);
    }

    [Fact]
    public async Task A_mail_that_the_server_puts_off_is_tried_again_and_its_text_is_gone_when_sent()
    {
        var email = AccountsWorld.NewEmail();
        world.Answer = new SmtpAnswer(451, "4.3.0", "Later");
        await world.SignUp(email);
        Assert.Empty(await world.Mails());
        world.Answer = SmtpAnswer.Ok;
        world.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Single(await world.Mails(), mail => mail.To == email);
        Assert.Equal(0, await TextsLeft("done"));
    }

    [Fact]
    public async Task A_mail_that_nobody_takes_is_given_up_and_its_text_is_gone()
    {
        world.Answer = new SmtpAnswer(451, "4.3.0", "Later");
        await world.SignUp(AccountsWorld.NewEmail());
        for (var attempt = 0; attempt < 8; attempt++)
        {
            Assert.Empty(await world.Mails());
            world.Clock.Advance(TimeSpan.FromHours(1));
        }

        world.Answer = SmtpAnswer.Ok;
        Assert.Empty(await world.Mails());
        Assert.Equal(0, await TextsLeft("dead"));
    }

    [Fact]
    public async Task What_ended_long_ago_is_swept_away_and_what_is_open_stays()
    {
        var person = await world.Person();
        await world.LogIn(person.Email, "wrong-password-1");
        Assert.True((await RequestPasswordReset.Handle(new(person.Email), world.Db, world.Clock, Ct)).IsOk);
        await world.MailedToken(person.Email);
        world.Clock.Advance(TimeSpan.FromDays(45));
        var open = await world.Enter(person.Email);
        await using (var tx = await world.Db.BeginUnscoped(Ct))
        {
            await tx.Enqueue(new JobOrder<NoPayload>("accounts.sweep", new()), world.Clock.GetUtcNow(), Ct);
            await tx.Commit(Ct);
        }

        await world.Mails();
        await using var after = await world.Db.BeginUnscoped(Ct);
        Assert.Equal([open.Session.Value], await after.List("select id from accounts.session where user_id = $1 limit 9", row => row.GetGuid(0), Ct, person.User));
        Assert.Empty(await after.List("select 1 from accounts.email_token where user_id = $1 limit 9", row => row.GetInt32(0), Ct, person.User));
        Assert.Equal(3, (await ListLoginActivity.Handle(open, null, null, world.Db, Ct)).Value.Items.Count);
    }

    // In the tenant whose mail came to this end last.
    async Task<long> TextsLeft(string state)
    {
        TenantId tenant;
        await using (var jobs = await world.Db.BeginUnscoped(Ct))
            tenant = await jobs.One("select tenant_id from core.job where kind = 'accounts.send_mail' and state = $1 order by created_at desc limit 1", row => new TenantId(row.GetGuid(0)), Ct, state);
        await using var tx = await world.Db.Begin(tenant, Ct);
        return await tx.One("select count(*) from accounts.system_mail where tenant_id = $1", row => row.GetInt64(0), Ct, tenant);
    }
}
