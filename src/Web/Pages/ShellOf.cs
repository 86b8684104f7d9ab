using PenguinMails.Core;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages;

/// <summary>The frame for one person: only places that exist and that their permissions open.</summary>
static class ShellOf
{
    static readonly (string? Group, RailItem Item, string Permission)[] Places =
    [
        (null, new("Brief", "/", "brief", IsInBar: true), Permissions.OverviewRead),
        ("Sending", new("Campaigns", "/campaigns", "campaign", IsInBar: true), Permissions.CampaignsRead),
        ("Sending", new("Contacts", "/contacts", "contacts", IsInBar: true), Permissions.ContactsRead),
        ("Sending", new("Templates", "/templates", "template", IsInBar: true), Permissions.TemplatesRead),
        ("Infrastructure", new("Domains", "/domains", "domain"), Permissions.DomainsRead),
        ("Infrastructure", new("Mailboxes", "/mailboxes", "mailbox"), Permissions.MailboxesRead),
        ("Trust", new("Suppressions", "/suppressions", "suppression"), Permissions.SuppressionsRead),
    ];

    static readonly (PaletteAction Action, string Permission)[] Acts =
    [
        (new("New campaign", "/campaigns/new", "Create"), Permissions.CampaignsWrite),
        (new("Import contacts", "/imports/new", "Create", "csv upload list"), Permissions.ContactsWrite),
        (new("Add a contact", "/contacts/new", "Create", "person address"), Permissions.ContactsWrite),
        (new("New template", "/templates/new", "Create", "message write"), Permissions.TemplatesWrite),
        (new("Add domain", "/domains/new", "Create", "dns spf dkim dmarc"), Permissions.DomainsManage),
        (new("Connect mailbox", "/mailboxes/new", "Create", "smtp imap"), Permissions.MailboxesManage),
        (new("Suppress an address", "/suppressions/new", "Create", "block unsubscribe"), Permissions.SuppressionsWrite),
        (new("Lists", "/lists"), Permissions.ContactsRead),
        (new("Imports", "/imports"), Permissions.ContactsRead),
    ];

    public static Shell Person(HttpContext context, Actor actor) => new()
    {
        Rail = [.. Places.Where(p => !actor.Lacks(p.Permission)).GroupBy(p => p.Group, p => p.Item).Select(g => new RailGroup(g.Key, [.. g]))],
        Actions = [.. Acts.Where(a => !actor.Lacks(a.Permission)).Select(a => a.Action)],
        SearchHref = actor.Lacks(Permissions.ContactsRead) ? null : "/contacts",
    };
}
