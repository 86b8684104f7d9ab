using System.Text;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>A domain's DNS: who runs it, what shall stand there, and the plans that bring it about.</summary>
static class DnsPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/domains/{id}/dns").RequireFormToken();
        pages.MapGet("", (DomainId id, Actor actor, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) => Show(id, null, null, actor, db, reach, clock, ct));
        pages.MapPost("/host", Connect);
        pages.MapPost("/settings", Change);
        pages.MapPost("/plans", async (HttpContext http, DomainId id, Actor actor, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) =>
            (await PlanDns.Handle(actor, id, db, reach, clock, ct)).Match(
                plan => Flash.To(http, $"/domains/{id}/dns/plans/{plan.Id}", "The zone was read. Below is what would change; nothing has been written."),
                problem => Back(http, id, problem)));
        pages.MapPost("/rotate-dkim", async (HttpContext http, DomainId id, Actor actor, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) =>
            (await RotateDkim.Handle(actor, id, db, reach, clock, ct)).ToFlash(http, $"/domains/{id}/dns", "Mail is signed with the other key from now on. Both stay published."));
        pages.MapGet("/plans/{plan}", ShowPlan);
        pages.MapGet("/plans/{plan}/zone-file", async (DomainId id, DnsPlanId plan, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ReadDns.ZoneFile(actor, id, plan, db, ct)).ToPage(text => Results.File(Encoding.ASCII.GetBytes(text), "text/dns", $"{plan}.zone")));
        pages.MapPost("/plans/{plan}/apply", async (HttpContext http, DomainId id, DnsPlanId plan, Actor actor, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) =>
            (await ApplyDnsPlan.Handle(actor, id, plan, db, reach, clock, ct)).ToFlash(http, $"/domains/{id}/dns/plans/{plan}", "The plan is being written. This page follows it."));
        pages.MapPost("/plans/{plan}/check", async (HttpContext http, DomainId id, DnsPlanId plan, Actor actor, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) =>
            (await WatchDnsPlan.Handle(actor, id, plan, db, reach, clock, ct)).Match(
                found => Flash.To(http, $"/domains/{id}/dns/plans/{plan}", found.State == "verified" ? "Every server shows the records." : found.Problem, found.State == "verified" ? Tone.Good : Tone.Warn),
                problem => Back(http, id, problem)));
        pages.MapPost("/plans/{plan}/undo", async (HttpContext http, DomainId id, DnsPlanId plan, Actor actor, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) =>
            (await UndoDnsPlan.Handle(actor, id, plan, db, reach, clock, ct)).Match(
                undo => Flash.To(http, $"/domains/{id}/dns/plans/{undo.Id}", "This restores what stood there before. Nothing has been written yet."),
                problem => Back(http, id, problem)));
    }

    static IResult Back(HttpContext http, DomainId id, Problem problem) => Result<Done>(problem).ToFlash(http, $"/domains/{id}/dns", "");

    static Result<T> Result<T>(Problem problem) => problem;

    static async Task<IResult> Show(DomainId id, FormErrors? errors, IFormCollection? sent, Actor actor, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        var domain = await ListDomains.One(actor, id, db, ct);
        if (domain.Problem is { } missing) return missing.ToPage();
        var dns = await ReadDns.Handle(actor, id, db, reach, clock, ct);
        if (dns.Problem is { } refused) return refused.ToPage();
        var plans = await ReadDns.Plans(actor, id, null, 20, db, ct);
        return plans.ToPage(page => Html.Page<DnsSetupPage>(new { domain.Value.Domain, Dns = dns.Value, Plans = page.Items, Errors = errors, Sent = sent }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    static async Task<IResult> ShowPlan(DomainId id, DnsPlanId plan, Actor actor, TenantDb db, CancellationToken ct)
    {
        var domain = await ListDomains.One(actor, id, db, ct);
        if (domain.Problem is { } missing) return missing.ToPage();
        return (await ReadDns.Plan(actor, id, plan, db, ct)).ToPage(found => Html.Page<DnsPlanPage>(new { domain.Value.Domain, Plan = found }));
    }

    static async Task<IResult> Connect(HttpContext http, DomainId id, Actor actor, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new ConnectDnsHost.Input(form.Text("kind"), form.Optional("zone"), form.Optional("endpoint"), form.Optional("key_name"), form.Optional("algorithm"), form.Optional("secret"));
        var connected = await ConnectDnsHost.Handle(actor, id, input, db, reach, clock, ct);
        if (connected.Problem is not { Kind: not (ProblemKind.Forbidden or ProblemKind.NotFound) } problem) return connected.ToFlash(http, $"/domains/{id}/dns", "Saved. Plan the changes next.");
        return await Show(id, problem.ToErrors(), form, actor, db, reach, clock, ct);
    }

    static async Task<IResult> Change(HttpContext http, DomainId id, Actor actor, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var hosts = form.Text("mx_hosts").Split(['\n', '\r', ' ', ','], StringSplitOptions.RemoveEmptyEntries);
        var input = new ChangeDnsSettings.Input(form.Optional("dmarc_stage"), form.Optional("dmarc_reason"), form.Text("dkim_delegate").Trim(), hosts,
            form.IsTicked("has_mta_sts"), form.IsTicked("has_tls_reports"), form.IsTicked("has_autoconfig"),
            form.Optional("mta_sts_mode"), form.Text("bimi_logo").Trim(), form.Text("bimi_evidence").Trim());
        var changed = await ChangeDnsSettings.Handle(actor, id, input, db, reach, clock, ct);
        if (changed.Problem is not { Kind: ProblemKind.Invalid } problem) return changed.ToFlash(http, $"/domains/{id}/dns", "Saved. The next plan takes it up.");
        return await Show(id, problem.ToErrors(), form, actor, db, reach, clock, ct);
    }
}
