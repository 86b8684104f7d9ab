using PenguinMails.Accounts;
using PenguinMails.Accounts.Keys;
using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Accounts;

[Collection(nameof(AccountsWorld))]
public sealed class HttpTests(AccountsWorld world) : IAsyncLifetime
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    ApiHost _api = null!;

    public async ValueTask InitializeAsync() => _api = await ApiHost.Start(world);

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Nobody_gets_401_with_a_reason_and_open_routes_answer()
    {
        var missing = await _api.Send(HttpMethod.Get, "/api/v1/workspaces");
        Assert.Equal((401, "auth.missing"), (missing.Status, missing.Code));
        Assert.Equal("auth.invalid", (await _api.Send(HttpMethod.Get, "/api/v1/workspaces", bearer: "pm_live_nonsense")).Code);
        Assert.Equal("auth.invalid", (await _api.Send(HttpMethod.Get, "/api/v1/workspaces", headers: ("Authorization", "Basic YTpi"))).Code);
        Assert.Equal(202, (await SignUp(AccountsWorld.NewEmail())).Status);
        Assert.Equal(404, (await _api.Send(HttpMethod.Get, "/api/v1/nothing")).Status);
    }

    [Fact]
    public async Task A_person_goes_from_sign_up_to_log_out_over_rest()
    {
        var email = AccountsWorld.NewEmail();
        await SignUp(email);
        Assert.Equal(204, (await Post("/verify-email", new { token = await world.MailedToken(email) })).Status);
        var token = (await Post("/log-in", new { email, password = AccountsWorld.Password })).Member("token");
        Assert.Equal(email, (await _api.Send(HttpMethod.Get, "/api/v1/me", bearer: token)).Member("email"));
        Assert.Equal(200, (await _api.Send(HttpMethod.Get, "/api/v1/workspaces", bearer: token)).Status);
        Assert.Equal(204, (await Post("/log-out", null, token)).Status);
        Assert.Equal("auth.invalid", (await _api.Send(HttpMethod.Get, "/api/v1/me", bearer: token)).Code);
    }

    [Fact]
    public async Task A_throttled_log_in_says_how_long_to_wait()
    {
        var email = AccountsWorld.NewEmail();
        for (var i = 0; i < 5; i++) Assert.Equal("login.failed", (await Post("/log-in", new { email, password = "wrong-password-1" })).Code);
        var delayed = await Post("/log-in", new { email, password = "wrong-password-1" });
        Assert.Equal((429, "attempts.too_many", "30"), (delayed.Status, delayed.Code, delayed.Headers["Retry-After"]));
    }

    [Fact]
    public async Task A_key_acts_in_its_tenant_and_is_no_person()
    {
        var key = await Key(await world.Owner(), Permissions.MembersRead);
        Assert.Equal(200, (await _api.Send(HttpMethod.Get, "/api/v1/members", bearer: key)).Status);
        Assert.Equal("permission.missing", (await _api.Send(HttpMethod.Get, "/api/v1/audit", bearer: key)).Code);
        var sessions = await _api.Send(HttpMethod.Get, "/api/v1/sessions", bearer: key);
        Assert.Equal((403, "session.needed"), (sessions.Status, sessions.Code));
    }

    [Fact]
    public async Task A_cookie_changes_nothing_without_the_header_that_other_sites_cannot_send()
    {
        var person = await world.Person();
        var cookie = ("Cookie", "penguin=" + (await world.LogIn(person.Email)).Value.Token);
        var body = """{"name":"From the page"}""";
        Assert.Equal(200, (await _api.Send(HttpMethod.Get, "/api/v1/workspaces", headers: cookie)).Status);
        Assert.Equal("Anna Smith", (await _api.Send(HttpMethod.Get, "/page", headers: cookie)).Body);
        Assert.Equal("stranger", (await _api.Send(HttpMethod.Get, "/page")).Body);
        var refused = await _api.Send(HttpMethod.Post, "/api/v1/workspaces", body, null, cookie);
        Assert.Equal((403, "auth.cross_site"), (refused.Status, refused.Code));
        var marked = ("X-Penguin-Csrf", "1");
        Assert.Equal("auth.cross_site", (await _api.Send(HttpMethod.Post, "/api/v1/workspaces", body, null, cookie, marked, ("Sec-Fetch-Site", "same-site"))).Code);
        Assert.Equal("auth.cross_site", (await _api.Send(HttpMethod.Post, "/api/v1/workspaces", body, null, cookie, marked, ("Origin", "https://evil.example"))).Code);
        Assert.Equal(201, (await _api.Send(HttpMethod.Post, "/api/v1/workspaces", body, null, cookie, marked, ("Sec-Fetch-Site", "same-origin"))).Status);
    }

    [Fact]
    public async Task Requests_beyond_the_burst_are_limited_for_one_key_and_not_for_another()
    {
        await using var tight = await ApiHost.Start(world, new AccountsOptions { PasswordIterations = 1000, RatePerSecond = 1, RateBurst = 3 });
        var owner = await world.Owner();
        var (busy, calm) = (await Key(owner, Permissions.MembersRead), await Key(owner, Permissions.MembersRead));
        var answers = new List<ApiHost.Answer>();
        for (var i = 0; i < 12; i++) answers.Add(await tight.Send(HttpMethod.Get, "/api/v1/members", bearer: busy));
        Assert.Equal("\"default\";q=3;w=3", answers[0].Headers["RateLimit-Policy"]);
        Assert.StartsWith("\"default\";r=2;", answers[0].Headers["RateLimit"]);
        Assert.Equal([200, 200, 200], answers.Take(3).Select(answer => answer.Status));
        var limited = answers.First(answer => answer.Status == 429);
        Assert.Equal(("rate.too_many", "1"), (limited.Code, limited.Headers["Retry-After"]));
        Assert.Equal(200, (await tight.Send(HttpMethod.Get, "/api/v1/members", bearer: calm)).Status);
        var strangers = new List<string?>();
        for (var i = 0; i < 12; i++) strangers.Add((await tight.Send(HttpMethod.Get, "/api/v1/members", bearer: "pm_live_guess")).Code);
        Assert.Equal(["auth.invalid", "rate.too_many"], strangers.Distinct());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"email\":1,\"password\":[],\"token\":{}}")]
    [InlineData("{\"email\":\"a\\u0000@b.example\",\"password\":\"\\u0000\",\"token\":\"\\u0000\",\"name\":\"\\u0000\",\"display_name\":\"\\u0000\",\"company\":\"\\u0000\"}")]
    [InlineData("{\"email\":null,\"name\":null,\"token\":null,\"scopes\":null,\"role\":\"king\"}")]
    [InlineData("{\"name\":")]
    public async Task Absurd_bodies_are_refused_and_never_break_anything(string body)
    {
        var token = (await world.LogIn((await world.Person()).Email)).Value.Token;
        string[] paths = ["sign-up", "verify-email", "verify-email/resend", "claim", "log-in", "password/request-reset", "password/reset", "password", "email",
            "email/confirm", "session/workspace", "workspaces", "invitations", "invitations/accept", "api-keys"];
        foreach (var path in paths)
        {
            var answer = await _api.Send(HttpMethod.Post, "/api/v1/" + path, body, token, ("Idempotency-Key", path));
            Assert.True(answer.Status is >= 400 and < 500, $"{path}: {answer.Status} {answer.Body}");
        }
    }

    [Theory]
    [InlineData("PATCH", "/workspaces/%00")]
    [InlineData("PATCH", "/workspaces/wsp_zzzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("PATCH", "/members/usr_00000000000000000000000000")]
    [InlineData("DELETE", "/members/x")]
    [InlineData("DELETE", "/api-keys/key_00000000000000000000000000")]
    [InlineData("DELETE", "/sessions/ses_00000000000000000000000000")]
    [InlineData("GET", "/members?cursor=%00")]
    [InlineData("GET", "/audit?cursor=!!")]
    [InlineData("GET", "/api-keys?limit=x")]
    public async Task Absurd_paths_and_queries_are_refused(string method, string path)
    {
        var token = (await world.LogIn((await world.Person()).Email)).Value.Token;
        var answer = await _api.Send(new HttpMethod(method), "/api/v1" + path, method == "PATCH" ? """{"role":"viewer"}""" : null, token);
        Assert.True(answer.Status is 400 or 404, $"{answer.Status} {answer.Body}");
    }

    [Fact]
    public async Task A_body_of_ten_megabytes_is_refused()
    {
        var token = (await world.LogIn((await world.Person()).Email)).Value.Token;
        var body = $$"""{"name":"{{new string('a', 10_000_000)}}"}""";
        Assert.Equal("name.invalid", (await _api.Send(HttpMethod.Post, "/api/v1/workspaces", body, token)).Code);
        Assert.Equal("idempotency.body_too_large", (await _api.Send(HttpMethod.Post, "/api/v1/workspaces", body, token, ("Idempotency-Key", "k"))).Code);
        Assert.Equal("password.too_long", (await Post("/password", new { current_password = "x", new_password = new string('a', 10_000_000) }, token)).Code);
    }

    Task<ApiHost.Answer> SignUp(string email) => Post("/sign-up", new { email, password = AccountsWorld.Password, display_name = "Anna", company = "Harbour" });

    Task<ApiHost.Answer> Post(string path, object? body, string? bearer = null) =>
        _api.Send(HttpMethod.Post, "/api/v1" + path, body is null ? null : Json.Write(body), bearer);

    async Task<string> Key(Actor owner, params string[] scopes) =>
        (await CreateApiKey.Handle(owner, new("key", scopes), world.Db, world.Clock, Ct)).Value.Key;
}
