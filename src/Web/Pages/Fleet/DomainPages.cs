using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Health;
using PenguinMails.Secrets;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>Sending domains and the DNS records each needs.</summary>
static class DomainPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/domains").RequireFormToken();
        pages.MapGet("", async (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListDomains.Handle(actor, http.Asked("after"), null, db, ct)).ToPage(page => Html.Page<DomainList>(new { Rows = page })));
        pages.MapGet("/new", (HttpContext http) => http.May(Permissions.DomainsManage)
            ? Html.Page<DomainNew>()
            : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("", Add);
        pages.MapGet("/{id}", (DomainId id, Actor actor, TenantDb db, Outbound outbound, CancellationToken ct) => Show(id, null, null, actor, db, outbound, ct));
        pages.MapPost("/{id}/transport", Choose);
        pages.MapPost("/{id}/health/check", async (HttpContext http, DomainId id, Actor actor, TenantDb db, HealthReach reach, TimeProvider clock, CancellationToken ct) =>
            (await CheckHealth.Handle(actor, id, db, reach, clock, ct)).Match(
                health => Flash.To(http, $"/domains/{id}#health", health.Verdict, HealthWords.ToneOf(health.Worst)),
                problem => problem.ToPage()));
        pages.MapPost("/{id}/check", async (HttpContext http, DomainId id, Actor actor, TenantDb db, DnsSettings dns, TimeProvider clock, CancellationToken ct) =>
            (await CheckDomain.Handle(actor, id, db, dns, clock, ct)).Match(
                detail => Flash.To(http, $"/domains/{id}", Said(detail), detail.Domain.State == DomainState.Verified ? Tone.Good : Tone.Warn),
                problem => problem.ToPage()));
        pages.MapPost("/{id}/remove", async (HttpContext http, DomainId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await RemoveDomain.Handle(actor, id, db, clock, ct)).ToFlash(http, "/domains", "The domain was removed."));
    }

    static async Task<IResult> Show(DomainId id, FormErrors? errors, IFormCollection? sent, Actor actor, TenantDb db, Outbound outbound, CancellationToken ct)
    {
        var detail = await ListDomains.One(actor, id, db, ct);
        if (detail.Problem is { } missing) return missing.ToPage();
        var way = await ReadTransport.Handle(actor, id, db, outbound, ct);
        if (way.Problem is { } refused) return refused.ToPage();
        return (await ReadHealth.Handle(actor, id, db, ct)).ToPage(health => Html.Page<DomainOne>(
            new { Detail = detail.Value, Health = health, Way = way.Value, Errors = errors, Sent = sent }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    static async Task<IResult> Choose(HttpContext http, DomainId id, Actor actor, TenantDb db, Outbound outbound, PlatformHosts hosts, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var chosen = await ChooseTransport.Handle(actor, id, new(form.Text("transport"), form.Optional("source_address"), form.Optional("ehlo_name")), db, outbound, hosts, clock, ct);
        if (chosen.Problem is { Kind: ProblemKind.Invalid } problem) return await Show(id, problem.ToErrors(), form, actor, db, outbound, ct);
        return chosen.ToFlash(http, $"/domains/{id}", "Saved. Messages that are begun from now on take this way; look at what the SPF record must name.");
    }

    static string Said(DomainDetail detail)
    {
        var needed = detail.Records.Where(r => r.IsRequired).ToList();
        var right = needed.Count(r => r.State == "ok");
        return right == needed.Count ? "Every required record is right." : $"{right} of {needed.Count} required records are right; below is what to do.";
    }

    static async Task<IResult> Add(HttpContext http, Actor actor, TenantDb db, SealedBox box, PlatformHosts hosts, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var name = form.Text("name");
        return (await AddDomain.Handle(actor, new(name), db, box, hosts, clock, ct)).Match(
            made => Flash.To(http, $"/domains/{made.Id}", $"{made.Name} was added. Publish the records below, then check them."),
            problem => problem.Kind == ProblemKind.Forbidden
                ? problem.ToPage()
                : Html.Page<DomainNew>(new { Name = name, Errors = problem.ToErrors() }, Answers.Refused));
    }
}
