using System.Globalization;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>The ways to a server: a machine that is there, or one ordered at a host, and the hosts' tokens.</summary>
static class ServerNewPages
{
    /// <summary>The offers of a host are asked for when the address names it.</summary>
    public static async Task<IResult> Show(HttpContext http, FormErrors? errors, IFormCollection? sent, Actor actor, TenantDb db, ServerReach reach, CancellationToken ct)
    {
        if (!http.May(Permissions.ServersManage)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        var hosts = await ListOffers.Hosts(actor, db, ct);
        if (hosts.Problem is { } refused) return refused.ToPage();
        var (kind, region) = (sent?.Optional("kind") ?? http.Asked("host"), sent?.Optional("region") ?? http.Asked("region"));
        var offers = kind is null ? null : (Result<ListOffers.Output>?)await ListOffers.Handle(actor, kind, db, reach, ct);
        return Html.Page<ServerNew>(new
        {
            Hosts = hosts.Value.Items,
            Kind = kind,
            Region = region,
            Offers = offers is { IsOk: true } found ? found.Value : null,
            Silent = offers?.Problem?.Detail,
            Errors = errors,
            Sent = sent,
        }, errors is null ? StatusCodes.Status200OK : Answers.Refused);
    }

    public static async Task<IResult> Add(HttpContext http, Actor actor, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new AddServer.Input(form.Text("name"), form.Text("host_name"), form.Text("address"), form.Optional("port") is null ? 22 : form.Number("port"), form.Optional("user") ?? "root");
        var added = await AddServer.Handle(actor, input, db, reach, clock, ct);
        if (added.Problem is { Kind: not ProblemKind.Forbidden } problem) return await Show(http, problem.ToErrors(), form, actor, db, reach, ct);
        return added.ToPage(made => Flash.To(http, $"/servers/{made.Id}", "The server was added. Put its key on the machine as shown below, then check it."));
    }

    public static async Task<IResult> Order(HttpContext http, Actor actor, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        // The choice carries the price that was shown, so that no other is paid.
        var choice = form.Text("offer").Split('|');
        long? price = choice.Length == 2 && long.TryParse(choice[1], NumberStyles.None, CultureInfo.InvariantCulture, out var cents) ? cents : null;
        if (price is null) return await Show(http, new FormErrors().Add("offer", "Choose a size."), form, actor, db, reach, ct);
        var ordered = await OrderServer.Handle(actor, new(form.Text("kind"), form.Text("name"), form.Text("host_name"), form.Text("region"), choice[0], price), db, reach, clock, ct);
        if (ordered.Problem is { Kind: not ProblemKind.Forbidden } problem) return await Show(http, problem.ToErrors(), form, actor, db, reach, ct);
        return ordered.ToPage(made => Flash.To(http, $"/servers/{made.Id}", "The server is being ordered. This page follows it; you may leave it."));
    }

    public static async Task<IResult> Hosts(HttpContext http, FormErrors? errors, IFormCollection? sent, Actor actor, TenantDb db, CancellationToken ct)
    {
        if (!http.May(Permissions.ServersManage)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        var kind = sent?.Optional("kind") ?? http.Asked("host");
        return (await ListOffers.Hosts(actor, db, ct)).ToPage(page => Html.Page<ServerHostsPage>(new { Hosts = page.Items, Kind = kind, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    public static async Task<IResult> Connect(HttpContext http, Actor actor, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var connected = await ConnectServerHost.Handle(actor, new(form.Text("kind"), form.Text("token")), db, reach, clock, ct);
        if (connected.Problem is { Kind: not ProblemKind.Forbidden } problem) return await Hosts(http, problem.ToErrors(), form, actor, db, ct);
        return connected.ToFlash(http, $"/servers/new?host={Uri.EscapeDataString(form.Text("kind"))}", "The host is connected. Below is what it offers.");
    }
}
