using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Brief;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Reports;
using PenguinMails.Oversight.Steps;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>The first page: the verdict, the figures, what deviates, what to set up next, the newest campaigns.</summary>
static class BriefPages
{
    const int CampaignsShown = 5;
    const int SentencesShown = 5;
    const int StepsShown = 5;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/", async (Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) =>
    {
        // Finance and viewers see oversight without operations: their first page is the one with the answers.
        if (actor.Lacks(Permissions.MessagesRead) && !actor.Lacks(Permissions.OversightRead)) return Results.LocalRedirect("/answers");
        if (actor.Workspace is null) return Actor.WorkspaceMissing.ToPage();
        var brief = await ReadBrief.Handle(actor, db, clock, ct);
        if (brief.Problem is { } problem) return problem.ToPage();
        var kpis = (await ListKpis.Handle(actor, db, settings, clock, ct)).Match(page => page.Items, _ => []);
        var campaigns = (await ListCampaigns.Handle(actor, null, CampaignsShown, db, ct)).Match(page => page.Items, _ => []);
        var inShort = (await ShortForm.Handle(actor, db, settings, clock, ct)).Match(lines => lines, _ => []);
        var deviating = (await ListSteps.Handle(actor, "open", null, StepsShown, db, ct)).Match(page => page.Items, _ => []);
        return Html.Page<BriefPage>(new { Brief = brief.Value, Short = inShort, Deviating = deviating, Steps = await FirstSteps(actor, campaigns, db, ct), Campaigns = campaigns, Told = KpiWords.WorthTelling(kpis, SentencesShown).ToList() });
    });

    // Derived from what is there, so it cannot forget and nobody has to tick anything.
    static async Task<IReadOnlyList<Step>> FirstSteps(Actor actor, IReadOnlyList<Campaign> campaigns, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsRead)) return []; // Who only looks on sets nothing up.
        var domains = (await ListDomains.Handle(actor, null, Cursor.LimitMax, db, ct)).Match(page => page.Items, _ => []);
        var mailboxes = (await ListMailboxes.Handle(actor, new(null, Cursor.LimitMax), db, ct)).Match(page => page.Items, _ => []);
        var hasContacts = (await ListContacts.Handle(actor, new(Limit: 1), db, ct)).Match(page => page.Items.Count > 0, _ => false);
        var hasTemplate = (await ListTemplates.Handle(actor, null, 1, db, ct)).Match(page => page.Items.Count > 0, _ => false);
        var verified = domains.FirstOrDefault(d => d.State == DomainState.Verified);
        var draft = campaigns.FirstOrDefault(c => c.State == CampaignState.Draft);
        (string Title, string Done, string Why, bool IsDone, string Href, string Action)[] steps =
        [
            ("Domain", $"{verified?.Name}, verified.", domains.Count > 0 ? $"{domains[0].Name} is added; its records are not right yet." : "Mail leaves from a domain of yours. Its records prove that it is you.",
                verified is not null, domains.Count > 0 ? $"/domains/{domains[0].Id}" : "/domains/new", domains.Count > 0 ? "Check records" : "Add domain"),
            ("Mailbox", $"{Words.Count(mailboxes.Count)} connected.", "The account that sends. Two or more share the load.", mailboxes.Count > 0, "/mailboxes/new", "Connect mailbox"),
            ("Contacts", "There are people to write to.", "A CSV file of up to a million rows; nothing is sent yet.", hasContacts, "/imports/new", "Import contacts"),
            ("Template", "A message is written.", "Write once, merge per contact, preview for any of them.", hasTemplate, "/templates/new", "Write template"),
            ("Campaign", "One is set up.", "A template, a list, mailboxes and a send window.", campaigns.Count > 0, "/campaigns/new", "New campaign"),
            ("Launch", "The first has left.", "Preflight names what would hurt delivery before anything leaves.", campaigns.Any(c => c.LaunchedAt is not null),
                draft is null ? "/campaigns" : $"/campaigns/{draft.Id}", "Run preflight"),
        ];
        var next = Array.FindIndex(steps, s => !s.IsDone);
        return [.. steps.Select((s, i) => new Step(s.Title, s.IsDone ? s.Done : s.Why, s.IsDone ? StepStage.Done : i == next ? StepStage.Current : StepStage.Todo, s.Href, s.Action))];
    }
}
