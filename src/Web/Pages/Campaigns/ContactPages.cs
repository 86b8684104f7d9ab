using System.Globalization;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Campaigns;

/// <summary>People the workspace may write to, and their lists.</summary>
static class ContactPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var contacts = routes.MapGroup("/contacts").RequireFormToken();
        contacts.MapGet("", List);
        contacts.MapGet("/new", New);
        contacts.MapPost("", Add);
        contacts.MapGet("/{id}", async (ContactId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListContacts.One(actor, id, db, ct)).ToPage(contact => Html.Page<ContactOne>(new { Contact = contact })));
        contacts.MapGet("/{id}/standing", async (ContactId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListContacts.One(actor, id, db, ct)).ToPage(contact => Html.Page<ContactStanding>(new { Contact = contact, Sent = InputOf(contact.Standing) })));
        contacts.MapPost("/{id}/standing", ChangeStanding);
        contacts.MapPost("/{id}/withdraw-consent", async (HttpContext http, ContactId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await SetStanding.TakeBack(actor, id, db, clock, ct)).ToFlash(http, $"/contacts/{id}", "Recorded. The address gets no more mail from this account."));
        contacts.MapPost("/{id}/remove", async (HttpContext http, ContactId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await RemoveContact.Handle(actor, id, db, clock, ct)).ToFlash(http, "/contacts", "The contact was removed. What was sent stays in the ledger."));

        var lists = routes.MapGroup("/lists").RequireFormToken();
        lists.MapGet("", async (Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListLists.Handle(actor, db, ct)).ToPage(page => Html.Page<ListsPage>(new { Lists = page.Items })));
        lists.MapPost("", AddList);
    }

    static async Task<IResult> List(HttpContext http, Actor actor, TenantDb db, CancellationToken ct)
    {
        ListId? list = ListId.TryParse(http.Asked("list"), null, out var id) ? id : null;
        var lists = await ListLists.Handle(actor, db, ct);
        if (lists.Problem is { } problem) return problem.ToPage();
        var found = await ListContacts.Handle(actor, new(http.Asked("q"), list, http.Asked("after")), db, ct);
        return found.ToPage(page => Html.Page<ContactsPage>(new { Rows = page, Lists = lists.Value.Items }));
    }

    static async Task<IResult> New(HttpContext http, Actor actor, TenantDb db, CancellationToken ct) =>
        http.May(Permissions.ContactsWrite)
            ? (await ListLists.Handle(actor, db, ct)).ToPage(page => Html.Page<ContactNew>(new { Lists = page.Items }))
            : Results.StatusCode(StatusCodes.Status403Forbidden);

    static async Task<IResult> Add(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var source = form.Optional("source") ?? "added by hand";
        ListId? list = ListId.TryParse(form.Text("list_id"), null, out var id) ? id : null;
        var (attributes, faults) = Attributes(form.Text("attributes"));
        var input = new AddContact.Input(form.Text("email"), form.Text("first_name"), form.Text("last_name"), form.Text("company"), attributes, list, source, InputOf(form));
        var added = faults.IsEmpty ? await AddContact.Handle(actor, input, db, clock, ct) : new Problem(ProblemKind.Invalid, "contact.invalid", "");
        if (added.IsOk) return Flash.To(http, $"/contacts/{added.Value.Id}", $"{input.Email.Trim()} was added.");
        if (added.Problem is not { Kind: not ProblemKind.Forbidden } problem) return Results.StatusCode(StatusCodes.Status403Forbidden);
        var lists = await ListLists.Handle(actor, db, ct);
        return lists.ToPage(page => Html.Page<ContactNew>(
            new { Lists = page.Items, Sent = form, Standing = InputOf(form), Errors = faults.IsEmpty ? problem.ToErrors() : faults }, Answers.Refused));
    }

    static async Task<IResult> ChangeStanding(HttpContext http, ContactId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var sent = InputOf(await http.Request.ReadFormAsync(ct));
        var changed = await SetStanding.Handle(actor, id, sent, db, clock, ct);
        if (changed.IsOk) return Flash.To(http, $"/contacts/{id}", "Saved. What waited for it is asked about again.");
        return changed.Problem is { Kind: ProblemKind.Invalid } problem && (await ListContacts.One(actor, id, db, ct)) is { IsOk: true, Value: var contact }
            ? Html.Page<ContactStanding>(new { Contact = contact, Sent = sent, Errors = problem.ToErrors() }, Answers.Refused)
            : changed.ToPage(_ => Results.LocalRedirect("/contacts"));
    }

    static StandingInput InputOf(IFormCollection form) =>
        new(form.Text("country"), form.Text("zone"), form.Text("kind"), form.Text("basis"), form.Text("evidence"), form.Text("obtained_on"), form.Text("expires_on"));

    // What was only presumed is left open again.
    static StandingInput InputOf(Standing standing) => new(standing.IsCountryPresumed ? "" : standing.Country, standing.Zone, standing.Kind is { } kind ? BasisWords.Word(kind) : "",
        standing.Basis == LawfulBasis.None ? "" : BasisWords.Word(standing.Basis), standing.Evidence,
        standing.ObtainedOn?.ToString("O", CultureInfo.InvariantCulture) ?? "", standing.ExpiresOn?.ToString("O", CultureInfo.InvariantCulture) ?? "");

    static async Task<IResult> AddList(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var made = await CreateList.Handle(actor, new(form.Text("name")), db, clock, ct);
        if (made.IsOk) return Flash.To(http, "/lists", $"The list {made.Value.Name} was made.");
        var lists = await ListLists.Handle(actor, db, ct);
        return lists.ToPage(page => Html.Page<ListsPage>(
            new { Lists = page.Items, Name = form.Text("name"), Errors = made.Problem?.ToErrors() }, Answers.Refused));
    }

    // One per line: name = value. The slice checks names and lengths.
    static (Dictionary<string, string> Found, FormErrors Faults) Attributes(string text)
    {
        var (found, faults) = (new Dictionary<string, string>(StringComparer.Ordinal), new FormErrors());
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = line.IndexOf('=', StringComparison.Ordinal);
            if (at > 0) found[line[..at].Trim()] = line[(at + 1)..].Trim();
            else faults.Add("attributes", $"Write one field per line as name = value; this line is not: {(line.Length > 60 ? line[..60] : line)}");
        }
        return (found, faults);
    }
}
