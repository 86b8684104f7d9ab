using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Fleet;

/// <summary>Passwords of mailboxes lie in the secret store and nowhere else.</summary>
public sealed class MailboxSecretTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;
    ISecretStore Store => database.Services.GetRequiredService<ISecretStore>();

    static SecretPath Smtp(MailboxId id) => SecretPath.Parse($"mailboxes/{id}/smtp");

    Task<Result<Sender>> Sender(FleetWorld world, MailboxId id) => ReadSender.Handle(world.Tenant, id, world.Secrets, world.Box, world.Db, Ct);

    async Task<string?> Stored(FleetWorld world, SecretPath path, int? version = null) =>
        (await Store.Get(new SecretAccess(world.Actor, "a test", "test"), path, version, Ct)).Match<string?>(secret => secret.Fields["password"], problem => problem.Code);

    async Task<long> Count(FleetWorld world, string sql)
    {
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        return await tx.One(sql, row => row.GetInt64(0), Ct, world.Tenant);
    }

    [Fact]
    public async Task A_connected_mailbox_keeps_its_password_in_the_store_with_a_plan_of_180_days()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        Assert.Equal("sandbox", await Stored(world, Smtp(id)));
        Assert.Equal(0, await Count(world, "select count(*) from fleet.mailbox where tenant_id = $1 and (smtp_secret_sealed is not null or imap_secret_sealed is not null)"));
        var entry = Assert.Single((await ListSecrets.Handle(world.Actor, new(), world.Db, Ct)).Value.Items);
        Assert.Equal((RotationKinds.SmtpCredential, 180), (entry.Kind, entry.PeriodDays));
        Assert.Equal("sandbox", (await Sender(world, id)).Value.Secret);
        Assert.True((await world.Test(id)).Value.Ok);
    }

    [Fact]
    public async Task A_changed_password_is_a_new_version_and_is_used_at_once()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        Assert.Equal("sandbox", (await Sender(world, id)).Value.Secret);
        var server = world.Mailbox().Smtp;
        await ChangeMailbox.Handle(world.Actor, id, new(Smtp: new(server.Host, server.Port, server.Security, server.User, "second")), world.Db, world.Secrets, "test", world.Clock, Ct);
        Assert.Equal("second", (await Sender(world, id)).Value.Secret);
        Assert.Equal(("sandbox", "second"), (await Stored(world, Smtp(id), 1), await Stored(world, Smtp(id))));
    }

    [Fact]
    public async Task A_removed_mailbox_leaves_no_password_behind()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        Assert.True((await RemoveMailbox.Handle(world.Actor, id, world.Db, world.Secrets, "test", world.Clock, Ct)).IsOk);
        Assert.Equal("secret.not_found", await Stored(world, Smtp(id)));
    }

    [Fact]
    public async Task Sending_opens_a_password_once_in_five_minutes()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        for (var n = 0; n < 4; n++) await Sender(world, id);
        Assert.Single((await Audit.Newest(world.Db, world.Tenant, null, 100, Ct)), entry => entry.Action == "secret.read" && entry.Detail.Contains("sending", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_shredding_no_mailbox_can_be_opened()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        Assert.True((await ShredSecrets.Handle(world.Actor, new("Acme", "Acme", "the customer left"), Store, Ct)).IsOk);
        Assert.Equal("secret.shredded", (await Sender(world, id)).Problem?.Code);
        Assert.Equal("secret.shredded", (await ConnectMailbox.Handle(world.Actor, world.Mailbox("other"), world.Db, world.Secrets, "test", world.Clock, Ct)).Problem?.Code);
        Assert.Equal(1, await Count(world, "select count(*) from fleet.mailbox where tenant_id = $1"));
    }

    [Fact]
    public async Task Passwords_sealed_into_rows_before_stay_readable_and_are_moved_once()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        await using (var tx = await world.Db.Begin(world.Tenant, Ct))
        {
            // As an older program left it.
            await tx.Execute("update fleet.mailbox set smtp_secret_version = null, smtp_secret_sealed = $2 where tenant_id = $1", Ct, world.Tenant, world.Box.Seal(world.Tenant, Mailbox.SmtpPurpose(id), "from before"));
            await tx.Execute("delete from secrets.secret where tenant_id = $1", Ct, world.Tenant);
            await tx.Commit(Ct);
        }

        Assert.Equal("from before", (await Sender(world, id)).Value.Secret);
        for (var n = 0; n < 2; n++) await MoveSecrets.Tenant(world.Tenant, Run(world), Ct);
        Assert.Equal(0, await Count(world, "select count(*) from fleet.mailbox where tenant_id = $1 and smtp_secret_sealed is not null"));
        Assert.Equal(("from before", "secret.not_found"), (await Stored(world, Smtp(id), 1), await Stored(world, Smtp(id), 2)));
        Assert.Equal("from before", (await Sender(world, id)).Value.Secret);
    }

    [Fact]
    public async Task A_version_written_by_hand_or_by_a_rotation_is_taken_up_and_an_older_one_is_not()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        foreach (var word in new[] { "second", "third" })
            await Store.Put(new SecretAccess(world.Actor, "a test", "test"), Smtp(id), SecretFields.Of(("password", word)), null, Ct);
        await FollowSecret.Promoted(new SecretPromoted(new(Guid.CreateVersion7()), Smtp(id).Text, 1, 3), Run(world), Ct);
        await FollowSecret.Written(new SecretWritten(Smtp(id).Text, 2), Run(world), Ct);
        Assert.Equal("third", (await Sender(world, id)).Value.Secret);
    }

    JobRun Run(FleetWorld world) => new(new ClaimedJob(new JobId(Guid.CreateVersion7()), world.Tenant, MoveSecrets.Kind, 1, 10, Guid.CreateVersion7(), null), world.Db, database.Services);
}
