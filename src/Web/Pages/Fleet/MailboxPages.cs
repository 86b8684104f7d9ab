using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.AppPasswords;
using PenguinMails.Fleet.Mailboxes.Oauth;
using PenguinMails.Fleet.Mailboxes.Sharing;
using PenguinMails.Fleet.TestMails;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Store;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>Mailboxes that send: connect, look at, test, pause.</summary>
static class MailboxPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/mailboxes").RequireFormToken();
        pages.MapGet("", All);
        pages.MapGet("/new", (HttpContext http, OauthSettings oauth) => http.May(Permissions.MailboxesManage)
            ? Html.Page<MailboxNew>(new { oauth.Providers })
            : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("", Connect);
        pages.MapGet("/{id}", Show);
        pages.MapGet("/{id}/edit", async (HttpContext http, MailboxId id, Actor actor, TenantDb db, CancellationToken ct) =>
            http.May(Permissions.MailboxesManage)
                ? (await ListMailboxes.One(actor, id, db, ct)).ToPage(mailbox => Html.Page<MailboxEdit>(new { Mailbox = mailbox }))
                : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("/{id}", Change);
        pages.MapPost("/{id}/test", Test);
        pages.MapPost("/{id}/test-mail", async (HttpContext http, MailboxId id, Actor actor, TenantDb db, MailboxSecrets secrets, SealedBox box, Outbound outbound, PlatformHosts hosts, TimeProvider clock, CancellationToken ct) =>
            (await SendTestMail.Handle(actor, id, db, secrets, box, outbound, hosts, clock, ct)).Match(
                mail => Flash.To(http, $"/mailboxes/{id}#test-mail", mail.State == "refused" ? "The server did not take it; below is why." : "It is on its way. Read this page again in a moment.", mail.State == "refused" ? Tone.Bad : Tone.Good),
                problem => Told(http, id, problem)));
        pages.MapPost("/{id}/share", Share);
        pages.MapPost("/{id}/unshare", async (HttpContext http, MailboxId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await UnshareMailbox.Handle(actor, id, new(Workspace(await http.Request.ReadFormAsync(ct))), db, clock, ct)).ToFlash(http, $"/mailboxes/{id}#sharing", "The sharing has ended; running campaigns of that workspace that use this mailbox are paused."));
        pages.MapPost("/{id}/pause", async (HttpContext http, MailboxId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await PauseMailbox.Handle(actor, id, db, clock, ct)).ToFlash(http, $"/mailboxes/{id}", "Paused. Nothing leaves from here until it is resumed."));
        pages.MapPost("/{id}/resume", async (HttpContext http, MailboxId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await PauseMailbox.Resume(actor, id, db, clock, ct)).ToFlash(http, $"/mailboxes/{id}", "Resumed."));
        pages.MapPost("/{id}/remove", async (HttpContext http, MailboxId id, Actor actor, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct) =>
            (await RemoveMailbox.Handle(actor, id, db, secrets, SecretAccess.Of(http), clock, ct)).ToFlash(http, "/mailboxes", "The mailbox was disconnected, and its password or permission erased."));
    }

    static async Task<IResult> All(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var rows = await ListMailboxes.Handle(actor, new(http.Asked("after")), db, ct);
        if (rows.Problem is { } refused) return refused.ToPage();
        var shared = (await ListSenders.Handle(actor, db, ct)).Match(page => page.Items.Where(one => one.IsShared).ToList(), _ => []);
        return (await ReadMailboxHealth.Handle(actor, new(http.Asked("after")), db, clock, ct)).ToPage(health => Html.Page<MailboxList>(new { Rows = rows.Value, Health = health.Items.ToDictionary(one => one.Id), Shared = shared }));
    }

    static async Task<IResult> Show(MailboxId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var mailbox = await ListMailboxes.One(actor, id, db, ct);
        if (mailbox.Problem is { } problem) return problem.ToPage();
        var report = (await TestMailbox.Last(actor, id, db, ct)).Match<MailboxTest?>(found => found, _ => null);
        var sent = (await ReadTestMail.Newest(actor, id, db, ct)).Match<TestMail?>(found => found, _ => null);
        var health = (await ReadMailboxHealth.One(actor, id, db, clock, ct)).Match<MailboxHealth?>(found => found, _ => null);
        var shares = (await ListShares.Handle(actor, id, db, ct)).Match(page => page.Items, _ => []);
        var workspaces = (await ListWorkspaces.Handle(actor, null, Cursor.LimitMax, db, ct)).Match(page => page.Items, _ => []);
        var apps = (await ListAppPasswords.Handle(actor, id, db, ct)).Match(page => page.Items, _ => []);
        return Html.Page<MailboxOne>(new { Mailbox = mailbox.Value, Report = report, TestMail = sent, Health = health, Apps = apps, Shares = shares, Workspaces = workspaces });
    }

    static async Task<IResult> Share(HttpContext http, MailboxId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        return (await ShareMailbox.Handle(actor, id, new(Workspace(form), form.IsTicked("may_send"), form.IsTicked("may_read")), db, clock, ct)).ToFlash(http, $"/mailboxes/{id}#sharing", "Shared.");
    }

    static WorkspaceId Workspace(IFormCollection form) => WorkspaceId.TryParse(form.Text("workspace_id"), null, out var workspace) ? workspace : default;

    static async Task<IResult> Test(
        HttpContext http, MailboxId id, Actor actor, TenantDb db, MailboxSecrets secrets, Outbound outbound, PlatformHosts hosts, TimeProvider clock, CancellationToken ct) =>
        (await TestMailbox.Handle(actor, id, db, secrets, SecretAccess.Of(http), outbound, hosts, clock, ct)).Match(
            test => Flash.To(http, $"/mailboxes/{id}", test.Ok ? "The test passed." : "The test failed; below is where and what to do.", test.Ok ? Tone.Good : Tone.Bad),
            problem => Told(http, id, problem));

    // What the mailbox's page can show beside the button that was pressed is told there.
    static IResult Told(HttpContext http, MailboxId id, Problem problem) => problem.Kind is ProblemKind.Conflict or ProblemKind.Unavailable
        ? Flash.To(http, $"/mailboxes/{id}", $"{problem.Detail} ({problem.Code})", Tone.Bad)
        : problem.ToPage();

    static async Task<IResult> Change(HttpContext http, MailboxId id, Actor actor, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var found = await ListMailboxes.One(actor, id, db, ct);
        if (found.Problem is { } missing) return missing.ToPage();
        var changed = await ChangeMailbox.Handle(actor, id, ReadChange(form, found.Value), db, secrets, SecretAccess.Of(http), clock, ct);
        if (changed.IsOk) return Flash.To(http, $"/mailboxes/{id}", "Saved. Test the connection again if its servers changed.");
        if (changed.Problem is not { Kind: ProblemKind.Invalid or ProblemKind.Conflict } problem) return changed.ToFlash(http, "/mailboxes", "");
        return Html.Page<MailboxEdit>(new { Mailbox = found.Value, Sent = form, Errors = problem.ToErrors() }, Answers.Refused);
    }

    static ChangeMailbox.Input ReadChange(IFormCollection form, Mailbox now)
    {
        if (now.Auth != MailboxAuth.Password) return new(form.Text("display_name"), form.Number("daily_cap"), form.Number("gap_seconds"), form.Number("connections_max"));
        var hasImap = form.Optional("imap.host") is not null;
        return new(form.Text("display_name"), form.Number("daily_cap"), form.Number("gap_seconds"), form.Number("connections_max"),
            ServerChange(form, "smtp", now.Smtp, now.Smtp.User), hasImap ? ServerChange(form, "imap", now.Imap, form.Optional("smtp.user") ?? now.Smtp.User) : null,
            !hasImap && now.Imap is not null,
            now.ServerId is null ? null : form.Number("quota_mb"), now.ServerId is null ? null : form.Number("hourly_limit"));
    }

    // Null when nothing about the server changed, so that its last test stays true.
    static ChangeMailbox.ServerChange? ServerChange(IFormCollection form, string prefix, ServerSettings? now, string user)
    {
        var input = Server(form, prefix, user, "");
        var isSame = input.Secret.Length == 0 && now == new ServerSettings(input.Host.Trim(), input.Port, input.Security, input.User);
        return isSame ? null : new(input.Host, input.Port, input.Security, input.User, input.Secret.Length > 0 ? input.Secret : null);
    }

    static async Task<IResult> Connect(HttpContext http, Actor actor, TenantDb db, MailboxSecrets secrets, OauthSettings oauth, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        return (await ConnectMailbox.Handle(actor, Read(form), db, secrets, SecretAccess.Of(http), clock, ct)).Match(
            made => Flash.To(http, $"/mailboxes/{made.Id}", "The mailbox was connected. Test it before the first campaign."),
            problem => problem.Kind == ProblemKind.Forbidden
                ? problem.ToPage()
                : Html.Page<MailboxNew>(new { oauth.Providers, Sent = form, Errors = problem.ToErrors() }, Answers.Refused));
    }

    static ConnectMailbox.Input Read(IFormCollection form)
    {
        var smtp = Server(form, "smtp", form.Text("address").Trim(), form.Text("smtp.secret"));
        return new(form.Text("address"), form.Text("display_name"), smtp,
            form.Optional("imap.host") is null ? null : Server(form, "imap", smtp.User, smtp.Secret),
            form.Number("daily_cap"), form.Number("gap_seconds"), form.Number("connections_max"));
    }

    // Most providers take the same name and password for both; what is left empty is taken from there.
    static ConnectMailbox.ServerInput Server(IFormCollection form, string prefix, string user, string secret) => new(
        form.Text($"{prefix}.host"), form.Number($"{prefix}.port"),
        Enum.TryParse<ConnectionSecurity>(form.Text($"{prefix}.security"), true, out var security) ? security : ConnectionSecurity.Tls,
        form.Optional($"{prefix}.user") ?? user, form.Text($"{prefix}.secret") is { Length: > 0 } own ? own : secret);
}
