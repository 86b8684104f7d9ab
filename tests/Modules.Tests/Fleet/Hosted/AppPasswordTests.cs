using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.AppPasswords;
using PenguinMails.Fleet.Provisionings;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Fleet.Hosted;

public sealed class AppPasswordTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static Task<Result<CreateAppPassword.Output>> Create(HostedWorld world, MailboxId id, string label) => CreateAppPassword.Handle(world.Actor, id, new(label), world.Db, world.Secrets, "test", world.Clock, Ct);

    static async Task<IReadOnlyList<string>> Accepted(HostedWorld world) => Assert.Single((await world.Plan()).Mailboxes).Passwords;

    [Fact]
    public async Task It_is_shown_once_accepted_by_the_machine_and_gone_when_revoked()
    {
        await using var world = await HostedWorld.Create(database);
        var id = (await world.Mailbox("sam")).Value.Id;
        var before = await world.Digest();
        var own = Assert.Single(await Accepted(world));
        var made = (await Create(world, id, " Phone ")).Value;
        Assert.Equal(("Phone", $"sam@{world.Name}", 29), (made.Label, made.User, made.Password.Length));
        Assert.Equal([own, made.Password], await Accepted(world));
        var with = await world.Digest();
        Assert.NotEqual(before, with);
        Assert.Equal(1, await world.Orders());

        var listed = Assert.Single((await ListAppPasswords.Handle(world.Actor, id, world.Db, Ct)).Value.Items);
        Assert.DoesNotContain(made.Password, Json.Write(listed));
        Assert.All(await Audit.Newest(world.Db, world.Fleet.Tenant, null, 100, Ct), entry => Assert.DoesNotContain(made.Password, entry.Detail));
        Assert.True((await RevokeAppPassword.Handle(world.Actor, made.Id, world.Db, world.Secrets, "test", world.Clock, Ct)).IsOk);
        Assert.Equal([own], await Accepted(world));
        Assert.Equal(before, await world.Digest());
        Assert.Equal("app_password.not_found", (await RevokeAppPassword.Handle(world.Actor, made.Id, world.Db, world.Secrets, "test", world.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Four_are_possible_and_a_rotation_of_both_own_passwords_still_fits()
    {
        await using var world = await HostedWorld.Create(database);
        var id = (await world.Mailbox("sam")).Value.Id;
        for (var i = 1; i <= 4; i++) Assert.True((await Create(world, id, $"Device {i}")).IsOk);
        Assert.Equal("app_password.too_many", (await Create(world, id, "Device 5")).Problem?.Code);
        var access = new SecretAccess(world.Actor, "a test", "test");
        Assert.True((await world.Secrets.Keep(access, id, isSmtp: true, "another", null, isHosted: true, Ct)).IsOk);
        var also = (await world.Secrets.KeepAlso(access, id, "before", "after", Ct)).Value;
        await world.Do($"update fleet.mailbox set smtp_secret_version = 2, also_secret_version = {also} where tenant_id = $1");
        Assert.Equal(8, (await Accepted(world)).Count);
    }

    [Fact]
    public async Task More_wishes_at_once_than_the_pool_has_connections_are_all_answered()
    {
        await using var world = await HostedWorld.Create(database);
        var wanted = Enumerable.Range(1, 60).Select(number => new WantedMailbox($"sam{number}", "Sam Sender"));
        var made = (await CreateMailboxes.Handle(world.Actor, world.Domain, new([.. wanted]), world.Db, world.Secrets, "test", world.Clock, Ct)).Value.Made;
        var busy = made[0].Id;
        var wishes = made.Select(mailbox => (mailbox.Id, Label: "Phone")).Concat(Enumerable.Range(1, 20).Select(number => (Id: busy, Label: $"Device {number}")));
        var answers = await Task.WhenAll(wishes.Select(wish => Task.Run(() => Create(world, wish.Id, wish.Label), Ct)));
        Assert.Equal((63, 17), (answers.Count(answer => answer.IsOk), answers.Count(answer => answer.Problem?.Code == "app_password.too_many")));
        Assert.Equal(63, await world.Count("select count(*) from fleet.app_password where tenant_id = $1"));
    }

    [Theory]
    [InlineData("", "app_password.invalid")]
    [InlineData("two\nlines", "app_password.invalid")]
    [InlineData("PHONE", "app_password.exists")]
    [InlineData("Tablet", null)]
    public async Task A_label_says_where_it_is_used_and_stands_once(string label, string? code)
    {
        await using var world = await HostedWorld.Create(database);
        var id = (await world.Mailbox("sam")).Value.Id;
        await Create(world, id, "Phone");
        Assert.Equal(code, (await Create(world, id, label)).Problem?.Code);
    }

    [Fact]
    public async Task A_removed_mailbox_takes_them_along()
    {
        await using var world = await HostedWorld.Create(database);
        var id = (await world.Mailbox("sam")).Value.Id;
        var made = (await Create(world, id, "Phone")).Value;
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        Assert.True((await RemoveMailbox.Handle(world.Actor, id, world.Db, world.Secrets, "test", world.Clock, Ct)).IsOk);
        var store = database.Services.GetRequiredService<ISecretStore>();
        Assert.Equal("secret.not_found", (await store.Get(new SecretAccess(world.Actor, "a test", "test"), SecretPath.Parse($"mailboxes/{id}/app/{made.Id}"), null, Ct)).Problem?.Code);
        Assert.Equal(0, await world.Count("select count(*) from fleet.app_password where tenant_id = $1"));
    }

    [Fact]
    public async Task Only_mailboxes_on_a_server_of_ours_have_them_and_only_their_workspace_sees_them()
    {
        await using var world = await HostedWorld.Create(database);
        var elsewhere = await world.Fleet.Connect(world.Fleet.Mailbox("other"));
        Assert.Equal("mailbox.not_hosted", (await Create(world, elsewhere, "Phone")).Problem?.Code);
        var id = (await world.Mailbox("sam")).Value.Id;
        var made = (await Create(world, id, "Phone")).Value;
        foreach (var (stranger, there, mailbox) in new[]
        {
            (Actor.System(database.NewTenant(), world.Fleet.Workspace), "app_password.not_found", "mailbox.not_found"),
            (Actor.System(world.Fleet.Tenant, new WorkspaceId(Guid.CreateVersion7())), "app_password.not_found", "mailbox.not_found"),
            (world.Actor with { Kind = ActorKind.Person }, "permission.missing", "permission.missing"),
            (Actor.System(world.Fleet.Tenant), "workspace.missing", "workspace.missing"),
        })
        {
            Assert.Equal(there, (await RevokeAppPassword.Handle(stranger, made.Id, world.Db, world.Secrets, "test", world.Clock, Ct)).Problem?.Code);
            Assert.Equal(mailbox, (await ListAppPasswords.Handle(stranger, id, world.Db, Ct)).Problem?.Code);
            Assert.Equal(mailbox, (await CreateAppPassword.Handle(stranger, id, new("X"), world.Db, world.Secrets, "test", world.Clock, Ct)).Problem?.Code);
        }
    }
}
