using PenguinMails.Accounts.Http;
using PenguinMails.Accounts.Keys;
using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Accounts;

[Collection(nameof(AccountsWorld))]
public sealed class IdempotencyTests(AccountsWorld world) : IAsyncLifetime
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    ApiHost _api = null!;

    public async ValueTask InitializeAsync() => _api = await ApiHost.Start(world);

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_repeated_post_takes_effect_once_and_gets_the_same_answer()
    {
        var key = await Key(await world.Owner(), Permissions.WorkspacesManage);
        var first = await Once(key, "k1", "One");
        var again = await Once(key, "k1", "One");
        Assert.Equal((201, first.Body, "true"), (again.Status, again.Body, again.Headers["Idempotency-Replayed"]));
        Assert.Equal(first.Headers["Location"], again.Headers["Location"]);
        Assert.False(first.Headers.ContainsKey("Idempotency-Replayed"));
        Assert.Equal((400, "idempotency.mismatch"), Short(await Once(key, "k1", "Two")));
        Assert.Equal((409, "workspace.name_taken"), Short(await Once(key, "k2", "One")));
        world.Clock.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
        Assert.Equal((409, "workspace.name_taken"), Short(await Once(key, "k1", "One")));
    }

    [Fact]
    public async Task A_key_of_another_actor_is_another_key()
    {
        var owner = await world.Owner();
        Assert.Equal(201, (await Once(await Key(owner, Permissions.WorkspacesManage), "k", "One")).Status);
        Assert.Equal((403, "permission.missing"), Short(await Once(await Key(owner, Permissions.ContactsRead), "k", "One")));
        Assert.Equal(201, (await Once(await Key(await world.Owner(), Permissions.WorkspacesManage), "k", "One")).Status);
    }

    [Fact]
    public async Task A_secret_is_not_kept_for_a_repeat()
    {
        var key = await Key(await world.Owner(), Permissions.ApiKeysManage, Permissions.ContactsRead);
        var body = """{"name":"n","scopes":["contacts:read"]}""";
        Assert.Equal(201, (await _api.Send(HttpMethod.Post, "/api/v1/api-keys", body, key, ("Idempotency-Key", "k"))).Status);
        Assert.Equal((409, "idempotency.not_replayable"), Short(await _api.Send(HttpMethod.Post, "/api/v1/api-keys", body, key, ("Idempotency-Key", "k"))));
    }

    [Fact]
    public async Task A_request_still_running_holds_its_key_until_its_process_must_be_dead()
    {
        var owner = await world.Owner();
        var store = new IdempotencyStore(world.Db, world.Clock);
        Assert.Null((await store.Reserve(owner, "k", "/x", [1], Ct)).Value.Answer);
        Assert.Equal("idempotency.in_flight", (await store.Reserve(owner, "k", "/x", [1], Ct)).Problem?.Code);
        world.Clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(1));
        Assert.Null((await store.Reserve(owner, "k", "/x", [1], Ct)).Value.Answer);
    }

    [Theory]
    [InlineData(255, 201)]
    [InlineData(256, 400)]
    public async Task An_idempotency_key_has_255_characters_at_most(int length, int status) =>
        Assert.Equal(status, (await Once(await Key(await world.Owner(), Permissions.WorkspacesManage), new string('k', length), "One")).Status);

    static (int, string?) Short(ApiHost.Answer answer) => (answer.Status, answer.Code);

    Task<ApiHost.Answer> Once(string bearer, string key, string name) =>
        _api.Send(HttpMethod.Post, "/api/v1/workspaces", Json.Write(new { name }), bearer, ("Idempotency-Key", key));

    async Task<string> Key(Actor owner, params string[] scopes) =>
        (await CreateApiKey.Handle(owner, new("key", scopes), world.Db, world.Clock, Ct)).Value.Key;
}
