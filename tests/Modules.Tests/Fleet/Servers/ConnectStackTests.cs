using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Servers;
using PenguinMails.Modules.Tests.Fleet.Stacks;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>A mail server that runs already: connected, filled, looked at, given another token, let go.</summary>
public sealed class ConnectStackTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;
    MailboxSecrets Secrets => database.Services.GetRequiredService<MailboxSecrets>();
    SealedBox Box => database.Services.GetRequiredService<SealedBox>();

    // A connected server keeps its certificate itself: nobody asks this one.
    static readonly AcmeSettings Acme = new(new Uri("https://acme.test/directory"), "ops@acme.test");

    static ConnectStack.Input Input(StackPeer peer, string? url = null, string token = StackPeer.Token) => new("Ours", "mail.acme.test", url ?? peer.Root.AbsoluteUri, token, ["203.0.113.10"]);

    ServerWorld World()
    {
        var world = new ServerWorld(database);
        world.Reach = world.Reach with { Hosts = world.Reach.Hosts with { Timeout = StackPeer.Limit } };
        return world;
    }

    static Task<Result<Server>> Connect(ServerWorld world, StackPeer peer) => ConnectStack.Handle(world.Actor, Input(peer), world.Db, world.Reach, world.Clock, Ct);

    static StackPeer Peer(string kind) => kind switch { "mailu" => new MailuPeer(), "registry" => new StalwartRegistryPeer(), _ => new StalwartRestPeer() };

    async Task<(string Name, DomainId Id)> Domain(ServerWorld world, Server server)
    {
        var name = $"d{world.Tenant.Value:N}.test";
        var added = (await AddDomain.Handle(world.Actor, new(name), world.Db, Box, new PlatformHosts("mx.penguin.test", "app.penguin.test"), world.Clock, Ct)).Value;
        await world.Do("update fleet.domain set server_id = $3 where tenant_id = $1 and id = $2", added.Id, server.Id);
        return (name, added.Id);
    }

    async Task<Server> Apply(ServerWorld world, ServerId id)
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(TimeProvider.System).AddSingleton(world.Reach).AddSingleton(Secrets).AddSingleton(Box).AddSingleton(Acme).BuildServiceProvider();
        await ApplyStack.Run(new(world.Workspace, id), new JobRun(new ClaimedJob(default, world.Tenant, ApplyStack.Kind, 1, 10, default, null), world.Db, services), Ct);
        return await world.Read(id);
    }

    async Task<string> Password(ServerWorld world, MailboxId id) =>
        (await database.Services.GetRequiredService<ISecretStore>().Get(new SecretAccess(world.Actor, "a test", "test"), SecretPath.Parse($"mailboxes/{id}/smtp"), null, Ct)).Value.Fields["password"]!;

    [Theory, InlineData("mailu", "mailu", "1"), InlineData("registry", "stalwart", "0.16 or later"), InlineData("rest", "stalwart", "up to 0.15")]
    public async Task It_is_known_by_what_answers_and_carries_mailboxes_as_a_machine_of_ours_does(string peerKind, string kind, string version)
    {
        await using var peer = Peer(peerKind);
        var world = World();
        var server = (await Connect(world, peer)).Value;
        Assert.Equal((ServerState.Ready, kind, version, "api"), (server.State, server.StackKind, server.StackVersion, server.HostKind));
        Assert.Equal(0, peer.Changes);

        var (name, domain) = await Domain(world, server);
        var made = (await CreateMailbox.Handle(world.Actor, domain, new("ann", "Ann"), world.Db, Secrets, "test", world.Clock, Ct)).Value;
        var applied = await Apply(world, server.Id);
        Assert.Equal("", (await world.Read(server.Id)).StackProblem);
        Assert.True(peer.LetsIn($"ann@{name}", await Password(world, made.Id)));
        Assert.NotNull(applied.StackDigest);
        Assert.Equal(kind == "mailu", applied.StackNotes.Any(note => note.Contains("DKIM", StringComparison.Ordinal)));

        var compared = (await CompareStack.Handle(world.Actor, server.Id, world.Db, world.Reach, Secrets, Box, Acme, "test", TimeProvider.System, Ct)).Value;
        Assert.True(compared.IsNothing);
        Assert.Equal(kind == "mailu" ? "stack.unsupported" : null, (await CompareStack.Queue(world.Actor, server.Id, world.Db, world.Reach, world.Clock, Ct)).Problem?.Code);
        Assert.Equal(ServerState.Ready, (await world.Check(server.Id)).State);

        await PauseMailbox.Handle(world.Actor, made.Id, world.Db, world.Clock, Ct);
        await RemoveMailbox.Handle(world.Actor, made.Id, world.Db, Secrets, "test", world.Clock, Ct);
        await Apply(world, server.Id);
        Assert.DoesNotContain($"ann@{name}", peer.State);
    }

    [Fact]
    public async Task The_token_is_in_the_store_and_in_no_row_no_audit_line_and_no_answer()
    {
        await using var peer = new MailuPeer();
        var world = World();
        var server = (await Connect(world, peer)).Value;
        Assert.DoesNotContain(StackPeer.Token, JsonSerializer.Serialize(server, Json.Web) + Input(peer));
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        Assert.DoesNotContain(StackPeer.Token, await tx.One("select row_to_json(s)::text from fleet.server s where tenant_id = $1", row => row.GetString(0), Ct, world.Tenant));
        Assert.DoesNotContain(await Audit.Newest(world.Db, world.Tenant, null, 200, Ct), entry => JsonSerializer.Serialize(entry).Contains(StackPeer.Token, StringComparison.Ordinal));
        Assert.Equal(["server.stack_connected"], await world.Audited());
        Assert.All(peer.Asked, asked => Assert.DoesNotContain(StackPeer.Token, asked));
    }

    [Fact]
    public async Task A_server_that_is_silent_or_another_one_is_not_written_to_and_comes_back()
    {
        await using var peer = new SwappedPeer();
        var world = World();
        var server = (await ConnectStack.Handle(world.Actor, Input(peer.Mailu, peer.Root), world.Db, world.Reach, world.Clock, Ct)).Value;
        peer.Answers = "silent";
        Assert.Equal(ServerState.Unreachable, (await world.Check(server.Id)).State);
        peer.Answers = "mailu";
        Assert.Equal(ServerState.Ready, (await world.Check(server.Id)).State);
        peer.Answers = "stalwart";
        var other = await world.Check(server.Id);
        Assert.Equal(ServerState.Failed, other.State);
        Assert.Contains("Stalwart answers", other.Problem);
        await Apply(world, server.Id);
        Assert.Contains("failed", (await world.Read(server.Id)).StackProblem);
        peer.Answers = "mailu";
        Assert.Equal(ServerState.Ready, (await world.Check(server.Id)).State);
    }

    [Fact]
    public async Task A_new_token_is_tried_before_it_is_kept_and_the_marks_stay_valid()
    {
        await using var peer = new StalwartRegistryPeer();
        var world = World();
        var server = (await Connect(world, peer)).Value;
        var (name, domain) = await Domain(world, server);
        await CreateMailbox.Handle(world.Actor, domain, new("ann", "Ann"), world.Db, Secrets, "test", world.Clock, Ct);
        await Apply(world, server.Id);
        var state = peer.State;
        Assert.Equal("stack.credential_refused", (await RenewStackToken.Handle(world.Actor, server.Id, new("another-token"), world.Db, world.Reach, world.Clock, Ct)).Problem?.Code);
        Assert.True((await RenewStackToken.Handle(world.Actor, server.Id, new(StackPeer.Token), world.Db, world.Reach, world.Clock, Ct)).IsOk);
        await Apply(world, server.Id);
        Assert.Equal(state, peer.State);
        Assert.Contains($"{name}", state);
    }

    [Theory, InlineData("mailu"), InlineData("registry")]
    public async Task A_password_is_not_rotated_where_there_is_room_for_one_and_is_changed_by_hand(string kind)
    {
        await using var peer = Peer(kind);
        var world = World();
        var server = (await Connect(world, peer)).Value;
        var (name, domain) = await Domain(world, server);
        var made = (await CreateMailbox.Handle(world.Actor, domain, new("ann", "Ann"), world.Db, Secrets, "test", world.Clock, Ct)).Value;
        await Apply(world, server.Id);
        var rotator = new RotateMailbox(world.Db, Secrets, world.Reach.Outbound, new PlatformHosts("mx.penguin.test", "app.penguin.test"), world.Clock).Rotator;
        var refused = await rotator.Install(new RotationCall(world.Tenant, SecretPath.Parse($"mailboxes/{made.Id}/smtp"), MailboxSecrets.Fields("old"), MailboxSecrets.Fields("new")), Ct);
        Assert.Equal("stack.unsupported", refused.Problem?.Code);

        var was = (await ListMailboxes.One(world.Actor, made.Id, world.Db, Ct)).Value;
        Assert.True((await ChangeMailbox.Handle(world.Actor, made.Id, new(Smtp: new(was.Smtp.Host, was.Smtp.Port, was.Smtp.Security, was.Smtp.User, "given by hand"), Imap: new(was.Imap!.Host, was.Imap.Port, was.Imap.Security, was.Imap.User, "given by hand")), world.Db, Secrets, "test", world.Clock, Ct)).IsOk);
        await Apply(world, server.Id);
        Assert.True(peer.LetsIn($"ann@{name}", "given by hand"));
    }

    [Fact]
    public async Task Mailu_s_files_are_given_out_and_noted_and_a_server_let_go_leaves_its_token_nowhere()
    {
        await using var peer = new MailuPeer();
        var world = World();
        var server = (await Connect(world, peer)).Value;
        var (name, _) = await Domain(world, server);
        var files = (await ReadStackFiles.Handle(world.Actor, server.Id, world.Db, Box, world.Clock, Ct)).Value;
        Assert.Contains($"  - name: \"{name}\"", files.Import);
        Assert.Contains("PRIVATE KEY", files.Import);
        Assert.DoesNotContain("PRIVATE KEY", files.ToString());
        Assert.Equal("permission.missing", (await ReadStackFiles.Handle(world.Person(Permissions.ServersRead), server.Id, world.Db, Box, world.Clock, Ct)).Problem?.Code);

        await world.Do("update fleet.domain set server_id = null where tenant_id = $1");
        Assert.Contains("goes on running", (await world.Destroy(server.Id, null)).Problem?.Detail);
        Assert.True((await world.Destroy(server.Id, "mail.acme.test")).IsOk);
        Assert.Equal(ServerState.Destroyed, (await world.TakeDown(server.Id)).State);
        Assert.Equal("secret.not_found", (await database.Services.GetRequiredService<ISecretStore>().Get(new SecretAccess(world.Actor, "a test", "test"), SecretPath.Parse($"servers/{server.Id}/stack-api"), null, Ct)).Problem?.Code);
        Assert.Contains("server.stack_files_read", await world.Audited());
        Assert.True((await Connect(world, peer)).IsOk);
    }

    /// <summary>One address at which another mail server, or none, answers when the test says so.</summary>
    sealed class SwappedPeer : IAsyncDisposable
    {
        readonly PenguinMails.Modules.Tests.Fleet.Dns.ApiPeer _peer;

        public SwappedPeer() => _peer = new((request, _) => (Answers, request.Url!.AbsolutePath) switch
        {
            ("silent", _) => (503, ""),
            ("mailu", "/api/v1/domain") => (200, "[]"),
            ("stalwart", "/jmap/session") => (200, """{"capabilities":{"urn:stalwart:jmap":{}},"accounts":{"b":{}},"primaryAccounts":{}}"""),
            _ => (404, "{}"),
        });

        public MailuPeer Mailu { get; } = new();
        public string Answers { get; set; } = "mailu";
        public string Root => $"http://127.0.0.1:{_peer.Port}/";

        public async ValueTask DisposeAsync()
        {
            await _peer.DisposeAsync();
            await Mailu.DisposeAsync();
        }
    }
}
