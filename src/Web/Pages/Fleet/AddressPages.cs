using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Aliases;
using PenguinMails.Fleet.Mailboxes.AppPasswords;
using PenguinMails.Fleet.Provisionings;
using PenguinMails.Secrets.Store;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>What a domain on a server of ours has: many mailboxes at once, aliases, and app passwords of its mailboxes.</summary>
static class AddressPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/domains/{id}/addresses").RequireFormToken();
        pages.MapGet("", (HttpContext http, DomainId id, Actor actor, TenantDb db, CancellationToken ct) => Show(http, id, actor, db, false, null, null, ct));
        pages.MapPost("/mailboxes", Make);
        pages.MapPost("/aliases", Add);
        pages.MapGet("/aliases/{alias}", async (AliasId alias, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListAliases.One(actor, alias, db, ct)).ToPage(found => Html.Page<AliasEdit>(new { Alias = found })));
        pages.MapPost("/aliases/{alias}", Change);
        pages.MapPost("/aliases/{alias}/remove", async (HttpContext http, DomainId id, AliasId alias, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await RemoveAlias.Handle(actor, alias, db, clock, ct)).ToFlash(http, $"/domains/{id}/addresses#aliases", "The alias was removed; the server learns of it within a minute."));
        var apps = routes.MapGroup("/mailboxes/{id}/app-passwords").RequireFormToken();
        apps.MapPost("", MakeApp);
        apps.MapPost("/{app}/revoke", async (HttpContext http, MailboxId id, AppPasswordId app, Actor actor, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct) =>
            (await RevokeAppPassword.Handle(actor, app, db, secrets, SecretAccess.Of(http), clock, ct)).ToFlash(http, $"/mailboxes/{id}#app-passwords", "Revoked; the server learns of it within a minute."));
    }

    static async Task<IResult> Show(HttpContext http, DomainId id, Actor actor, TenantDb db, bool isAlias, IFormCollection? sent, FormErrors? errors, CancellationToken ct)
    {
        var host = await ReadDomainHost.Handle(actor, id, db, ct);
        if (host.Problem is { } missing) return missing.ToPage();
        return (await ListAliases.Handle(actor, id, http.Asked("after"), null, db, ct)).ToPage(aliases => Html.Page<DomainAddresses>(
            new { Host = host.Value, Aliases = aliases, IsAlias = isAlias, Sent = sent, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    static async Task<IResult> Make(HttpContext http, DomainId id, Actor actor, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var wanted = Lines(form.Text("mailboxes")).Select(line => line.Split(',', 2)).Select(parts => new WantedMailbox(parts[0].Trim(), parts.Length > 1 ? parts[1].Trim() : "")).ToList();
        var made = await CreateMailboxes.Handle(actor, id, new(wanted, QuotaMb: form.Number("quota_mb"), HourlyLimit: form.Number("hourly_limit")), db, secrets, SecretAccess.Of(http), clock, ct);
        if (made.IsOk) return Flash.To(http, "/mailboxes", Said(made.Value));
        return made.Problem is { Kind: ProblemKind.Invalid or ProblemKind.Conflict or ProblemKind.TooLarge } problem
            ? await Show(http, id, actor, db, isAlias: false, form, AtForm(problem), ct)
            : made.ToFlash(http, $"/domains/{id}/addresses", "");
    }

    static string Said(CreateMailboxes.Output output) =>
        $"{Words.Count(output.Made.Count, "mailbox", "mailboxes")} made{(output.Kept.Count > 0 ? $", {Words.Count(output.Kept.Count)} were there already" : "")}. The server learns of them within a minute.";

    // A row is no field of its own in the form: all of them belong to the one box of text.
    static FormErrors AtForm(Problem problem)
    {
        if (problem.Fields.Count == 0) return problem.ToErrors();
        var errors = new FormErrors();
        foreach (var field in problem.Fields) errors.Add(field.Field.StartsWith("mailboxes", StringComparison.Ordinal) ? "mailboxes" : field.Field, field.Detail);
        return errors;
    }

    static async Task<IResult> Add(HttpContext http, DomainId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var added = await AddAlias.Handle(actor, id, new(form.Text("local"), Lines(form.Text("targets"))), db, clock, ct);
        if (added.IsOk) return Flash.To(http, $"/domains/{id}/addresses#aliases", $"{added.Value.Address} was added; the server learns of it within a minute.");
        return added.Problem is { Kind: ProblemKind.Invalid or ProblemKind.Conflict or ProblemKind.TooLarge } problem
            ? await Show(http, id, actor, db, isAlias: true, form, problem.ToErrors(), ct)
            : added.ToFlash(http, $"/domains/{id}/addresses", "");
    }

    static async Task<IResult> Change(HttpContext http, DomainId id, AliasId alias, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var changed = await ChangeAlias.Handle(actor, alias, new(Lines(form.Text("targets"))), db, clock, ct);
        if (changed.Problem is not { Kind: ProblemKind.Invalid } problem) return changed.ToFlash(http, $"/domains/{id}/addresses#aliases", "Saved; the server learns of it within a minute.");
        return (await ListAliases.One(actor, alias, db, ct)).ToPage(found => Html.Page<AliasEdit>(new { Alias = found, Sent = form, Errors = problem.ToErrors() }, Answers.Refused));
    }

    static async Task<IResult> MakeApp(HttpContext http, MailboxId id, Actor actor, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var made = await CreateAppPassword.Handle(actor, id, new(form.Text("label")), db, secrets, SecretAccess.Of(http), clock, ct);
        if (!made.IsOk) return made.ToFlash(http, $"/mailboxes/{id}#app-passwords", "");
        http.Response.Headers.CacheControl = "no-store";
        return (await ListMailboxes.One(actor, id, db, ct)).ToPage(mailbox => Html.Page<AppPasswordMade>(new { Mailbox = mailbox, Made = made.Value }));
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
