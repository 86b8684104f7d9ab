using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Provisionings;
using PenguinMails.Fleet.Servers;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>From a domain name to mailboxes that send: the questions, the walk as it goes, and how long walks take.</summary>
static class ProvisioningPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/provisionings").RequireFormToken();
        pages.MapGet("", List);
        pages.MapGet("/new", (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) => Ask(http, null, null, actor, db, ct));
        pages.MapPost("", Start);
        pages.MapGet("/{id}", async (ProvisioningId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListProvisionings.One(actor, id, db, ct)).ToPage(found => Html.Page<ProvisioningOne>(new { Provisioning = found })));
        pages.MapPost("/{id}/continue", async (HttpContext http, ProvisioningId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ControlProvisioning.GoOn(actor, id, db, clock, ct)).ToFlash(http, $"/provisionings/{id}", "Looking again now."));
        pages.MapPost("/{id}/cancel", async (HttpContext http, ProvisioningId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ControlProvisioning.Cancel(actor, id, db, clock, ct)).ToFlash(http, $"/provisionings/{id}", "The step at work ends; then what was done is taken back."));
    }

    static async Task<IResult> List(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var times = await ReadProvisioningTimes.Handle(actor, db, clock, ct);
        if (times.Problem is { } refused) return refused.ToPage();
        return (await ListProvisionings.Handle(actor, http.Asked("after"), null, db, ct)).ToPage(page => Html.Page<ProvisioningList>(new { Rows = page, Times = times.Value }));
    }

    static async Task<IResult> Ask(HttpContext http, IFormCollection? sent, FormErrors? errors, Actor actor, TenantDb db, CancellationToken ct)
    {
        if (!http.May(Permissions.ServersManage) || !http.May(Permissions.MailboxesManage)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        return (await ListServers.Handle(actor, null, Cursor.LimitMax, db, ct)).ToPage(servers => Html.Page<ProvisioningNew>(
            new { Servers = servers.Items, Sent = sent, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    static async Task<IResult> Start(HttpContext http, Actor actor, TenantDb db, DnsReach dns, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        if (!ServerId.TryParse(form.Text("server"), null, out var server)) return await Ask(http, form, new FormErrors().Add("server", "Choose the server that shall carry the domain, or add one first."), actor, db, ct);
        var kind = form.Text("kind");
        var host = new ConnectDnsHost.Input(kind.Length == 0 ? DnsSetup.ByHand : kind, form.Optional("zone"), form.Optional("endpoint"), form.Optional("key_name"), form.Optional("algorithm"), form.Optional("secret"));
        var started = await StartProvisioning.Handle(actor, new(form.Text("domain"), server, Mailboxes(form.Text("mailboxes")), host), db, dns, clock, ct);
        if (started.Problem is { } problem) return problem.Kind == ProblemKind.Forbidden ? problem.ToPage() : await Ask(http, form, AtField(problem), actor, db, ct);
        return Results.LocalRedirect($"/provisionings/{started.Value.Id}");
    }

    // AddDomain names its field otherwise.
    static FormErrors AtField(Problem problem)
    {
        var errors = new FormErrors();
        foreach (var field in problem.Fields) errors.Add(field.Field == "name" ? "domain" : field.Field, field.Detail);
        return errors.IsEmpty ? errors.Add("", $"{problem.Detail} ({problem.Code})") : errors;
    }

    /// <summary>One on each line: <c>olivia, Olivia Hart</c>; without a comma the name is what stands before the @.</summary>
    internal static IReadOnlyList<WantedMailbox> Mailboxes(string text) =>
    [
        .. text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split(',', 2, StringSplitOptions.TrimEntries))
            .Select(parts => new WantedMailbox(parts[0].Split('@')[0], parts.Length > 1 && parts[1].Length > 0 ? parts[1] : parts[0].Split('@')[0])),
    ];
}
