using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages;

/// <summary>The frame for one person: only places that exist and that their permissions open.</summary>
static class ShellOf
{
    static readonly (string? Group, RailItem Item, string Permission)[] Places =
    [
        (null, new("Brief", "/", "brief", IsInBar: true), Permissions.OverviewRead),
        ("Oversight", new("Answers", "/answers", "info"), Permissions.OversightRead),
        ("Oversight", new("Figures", "/kpis", "trend") { Also = ["/data-trust"] }, Permissions.OversightRead),
        ("Oversight", new("Plan", "/plan-board", "plan") { Also = ["/gates", "/steps", "/scenarios", "/plans"] }, Permissions.OversightRead),
        ("Oversight", new("Budget", "/budget", "budget") { Also = ["/margins", "/vendors"] }, Permissions.OversightRead),
        ("Oversight", new("Registers", "/registers", "decision") { Also = ["/reviews"] }, Permissions.OversightRead),
        ("Oversight", new("Reports", "/reports", "report"), Permissions.OversightRead),
        ("Sending", new("Campaigns", "/campaigns", "campaign", IsInBar: true), Permissions.CampaignsRead),
        ("Sending", new("Contacts", "/contacts", "contacts", IsInBar: true) { Also = ["/lists", "/imports"] }, Permissions.ContactsRead),
        ("Sending", new("Templates", "/templates", "template", IsInBar: true), Permissions.TemplatesRead),
        ("Sending", new("Sending", "/sending", "deliverability"), Permissions.MessagesRead),
        ("Sending", new("Unmatched", "/inbox/unmatched", "inbox"), Permissions.MessagesRead),
        ("Infrastructure", new("Domains", "/domains", "domain") { Also = ["/provisionings"] }, Permissions.DomainsRead),
        ("Infrastructure", new("Mailboxes", "/mailboxes", "mailbox"), Permissions.MailboxesRead),
        ("Infrastructure", new("Servers", "/servers", "server") { Also = ["/server-migrations"] }, Permissions.ServersRead),
        ("Trust", new("Suppressions", "/suppressions", "suppression"), Permissions.SuppressionsRead),
        ("Trust", new("Consent", "/consent", "compliance"), Permissions.SuppressionsRead),
        ("Trust", new("Secrets", "/secrets", "lock"), Permissions.SecretsRead),
        ("Trust", new("Activity", "/activity", "audit"), Permissions.AuditRead),
        ("Build", new("API keys", "/api-keys", "key"), Permissions.ApiKeysManage),
        ("Account", new("Team", "/team", "team"), Permissions.MembersRead),
    ];

    static readonly (PaletteAction Action, string Permission)[] Acts =
    [
        (new("New campaign", "/campaigns/new", "Create"), Permissions.CampaignsWrite),
        (new("Import contacts", "/imports/new", "Create", "csv upload list"), Permissions.ContactsWrite),
        (new("Add a contact", "/contacts/new", "Create", "person address"), Permissions.ContactsWrite),
        (new("New template", "/templates/new", "Create", "message write"), Permissions.TemplatesWrite),
        (new("Set up a domain", "/provisionings/new", "Create", "provision server mailbox dns inbox"), Permissions.ServersManage),
        (new("Add domain", "/domains/new", "Create", "dns spf dkim dmarc"), Permissions.DomainsManage),
        (new("Connect mailbox", "/mailboxes/new", "Create", "smtp imap"), Permissions.MailboxesManage),
        (new("Add server", "/servers/new", "Create", "machine ssh vps order hetzner"), Permissions.ServersManage),
        (new("Import a plan", "/plans/new", "Create", "objective target roadmap yaml linter"), Permissions.AccountManage),
        (new("Load costs", "/budget?view=files", "Create", "csv focus bill budget"), Permissions.AccountManage),
        (new("Margins", "/margins", Words: "customer earn cost profit revenue"), Permissions.OversightRead),
        (new("Load revenue", "/margins?view=revenue", "Create", "csv invoices customer margin"), Permissions.AccountManage),
        (new("Vendors", "/vendors", Words: "supplier exit cost commitment"), Permissions.OversightRead),
        (new("Reviews", "/reviews", Words: "cadence board meeting held"), Permissions.OversightRead),
        (new("Build a report", "/reports", "Create", "board finance operations pdf"), Permissions.AccountManage),
        (new("Gates", "/gates", Words: "launch ready evidence conditions"), Permissions.OversightRead),
        (new("Steps", "/steps", Words: "deviation owner open process"), Permissions.OversightRead),
        (new("Versions of plans", "/plans", Words: "plan linter findings waivers"), Permissions.OversightRead),
        (new("Scenarios", "/scenarios", Words: "reachability forecast target what if"), Permissions.OversightRead),
        (new("Start a warm-up", "/sending/warm-ups/new", "Create", "ramp reputation"), Permissions.MailboxesManage),
        (new("Conversation pool", "/sending/conversations", Words: "warm-up pool placement junk"), Permissions.MailboxesRead),
        (new("Incoming mail", "/mailboxes/incoming", Words: "imap collect answers bounces replies fetch"), Permissions.MailboxesRead),
        (new("Suppress an address", "/suppressions/new", "Create", "block unsubscribe"), Permissions.SuppressionsWrite),
        (new("Invite a person", "/team", "Create", "member team role"), Permissions.MembersManage),
        (new("Add secret", "/secrets/new", "Create", "password key vault rotate"), Permissions.SecretsManage),
        (new("New API key", "/api-keys/new", "Create", "token"), Permissions.ApiKeysManage),
        (new("Set-ups", "/provisionings", Words: "provisioning progress domain server"), Permissions.ServersRead),
        (new("Migrations of servers", "/server-migrations", Words: "leave abandon move migrate server"), Permissions.ServersRead),
        (new("Lists", "/lists"), Permissions.ContactsRead),
        (new("Imports", "/imports"), Permissions.ContactsRead),
    ];

    /// <summary>One read: the workspaces this person may enter.</summary>
    public static async Task<Shell> Person(SignedIn person, TenantDb db, CancellationToken ct)
    {
        if (person.Actor is not { } actor) return new Shell { Account = Card(person, null) };
        var workspaces = (await ListWorkspaces.Handle(actor, null, Cursor.LimitMax, db, ct)).Match(page => page.Items, _ => []);
        return new Shell
        {
            Rail = [.. Places.Where(p => !actor.Lacks(p.Permission)).GroupBy(p => p.Group, p => p.Item).Select(g => new RailGroup(g.Key, [.. g])),
                new RailGroup(null, [new("Settings", "/workspaces", "settings")])],
            Actions = [.. Acts.Where(a => !actor.Lacks(a.Permission)).Select(a => a.Action), new("Your account", "/account", Words: "password e-mail sessions"), new("Workspaces", "/workspaces", Words: "settings address sender")],
            Workspaces = [.. workspaces.Where(w => w.ArchivedAt is null).Select(w => new WorkspaceChoice(w.Id.ToString(), w.Name, w.Id == actor.Workspace))],
            Account = Card(person, actor),
            SearchHref = actor.Lacks(Permissions.ContactsRead) ? null : "/contacts",
        };
    }

    static AccountCard Card(SignedIn person, Actor? actor)
    {
        List<PageLink> links = [new("Your account", "/account", "contacts"), new("Workspaces", "/workspaces", "switch")];
        if (actor?.Lacks(Permissions.MembersRead) == false) links.Add(new("Team", "/team", "team"));
        if (actor?.Lacks(Permissions.AuditRead) == false) links.Add(new("Activity", "/activity", "activity"));
        return new(person.DisplayName, person.Email, links, "/log-out");
    }
}
