using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>block: launch is refused. warn: launch is possible, look first.</summary>
public enum Severity { Block, Warn }

/// <summary>One thing a preflight found.</summary>
/// <param name="Rule">Id of the rule, such as MSG-05; see docs/guide/preflight.md.</param>
/// <param name="Fix">What to do.</param>
public sealed record Finding(string Rule, Severity Severity, string Title, string Fix);

/// <summary>Who would get mail, by contact; the suppressed ones are counted at launch.</summary>
public sealed record Audience(long Contacts, long Consumer, long Role);

/// <param name="CanLaunch">True when nothing blocks.</param>
/// <param name="Jurisdictions">Recipients by country, and how many of them would wait for consent.</param>
public sealed record PreflightReport(bool CanLaunch, Audience Audience, IReadOnlyList<Finding> Findings, IReadOnlyList<JurisdictionCount> Jurisdictions);

/// <summary>Everything that must be right before a campaign may start, checked at once. Changes nothing.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>campaign.not_found</c>.</remarks>
public static class Preflight
{
    const string CountAudience = """
        select count(*), count(*) filter (where c.is_consumer), count(*) filter (where c.is_role)
        from campaigns.list_member m
        join campaigns.contact c on c.tenant_id = m.tenant_id and c.id = m.contact_id
        where m.tenant_id = $1 and m.list_id = $2
        """;

    const string CountWithout = """
        select count(*)
        from campaigns.list_member m
        join campaigns.contact c on c.tenant_id = m.tenant_id and c.id = m.contact_id
        where m.tenant_id = $1 and m.list_id = $2
          and (not c.is_role or $4) and (not c.is_consumer or $5)
          and coalesce(case $3::text when 'first_name' then c.first_name when 'last_name' then c.last_name when 'company' then c.company else c.attributes ->> $3 end, '') = ''
        """;

    public static async Task<Result<PreflightReport>> Handle(Actor actor, CampaignId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsRead)) return Actor.Forbidden(Permissions.CampaignsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Campaign.SelectOne, Campaign.Read, ct, actor.Tenant, workspace, id) is not { } campaign) return Campaign.NotFound;
        return await Within(tx, workspace, campaign, clock.GetUtcNow(), ct);
    }

    internal static async Task<PreflightReport> Within(TenantTx tx, WorkspaceId workspace, Campaign campaign, DateTimeOffset now, CancellationToken ct)
    {
        var template = await tx.One(Template.SelectOne, Template.Read, ct, tx.Tenant, workspace, campaign.TemplateId);
        var audience = await tx.One(CountAudience, row => new Audience(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), ct, tx.Tenant, campaign.ListId);
        var identity = await Accounts.Tenants.ReadSenderIdentity.Within(tx, workspace, ct);
        var senders = await CheckSenders.Within(tx, workspace, campaign.Mailboxes, ct);
        var countries = await PreflightConsent.Within(tx, campaign, DateOnly.FromDateTime(now.UtcDateTime), ct);
        List<Finding> findings =
        [
            .. Identity(identity.SenderName, identity.PostalAddress), .. Unsubscribe(template), .. Subject(template), .. Senders(senders), .. People(campaign, audience),
            .. PreflightConsent.Findings(countries), .. await Fields(tx, campaign, template, audience, ct),
        ];
        findings.Sort((a, b) => a.Severity.CompareTo(b.Severity));
        return new PreflightReport(findings.All(f => f.Severity != Severity.Block), audience, findings, countries);
    }

    static IEnumerable<Finding> Identity(string senderName, string postalAddress)
    {
        if (postalAddress.Trim().Length == 0)
            yield return new("L-US-06", Severity.Block, "No postal address", "Enter the workspace's postal address in its settings. Laws of the US, Canada and others ask for it in every message.");
        if (senderName.Trim().Length == 0)
            yield return new("L-ALL-02", Severity.Block, "No legal sender name", "Enter the legal name of the sender in the workspace's settings.");
    }

    static IEnumerable<Finding> Unsubscribe(Template template)
    {
        if (!InBoth(template, "unsubscribe_url"))
            yield return new("MSG-03", Severity.Block, "No unsubscribe link", "Put {{unsubscribe_url}} into the message, in the HTML and in the text.");
        if (!InBoth(template, "physical_address"))
            yield return new("L-US-06", Severity.Block, "The postal address is not in the message", "Put {{physical_address}} into the footer, in the HTML and in the text.");
    }

    static bool InBoth(Template template, string field)
    {
        var tag = "{{" + field + "}}";
        return (template.Html.Length == 0 || template.Html.Contains(tag, StringComparison.Ordinal)) && template.TextPart.Contains(tag, StringComparison.Ordinal);
    }

    static IEnumerable<Finding> Subject(Template template)
    {
        if (FalseReply(template.Subject))
            yield return new("MSG-05", Severity.Block, "The subject pretends to be a reply or a forward", "Remove Re: or Fwd: from the subject. Gmail rejects it, and US state law fines it per message.");
        if (template.Subject.Count(char.IsUpper) > 10 && template.Subject.Where(char.IsLetter).All(char.IsUpper))
            yield return new("MSG-09", Severity.Warn, "The subject is all capitals", "Write it as a sentence.");
    }

    /// <summary>Re, Fwd and what they are called in other languages, with or without a number, at the start.</summary>
    internal static bool FalseReply(string subject)
    {
        var start = subject.TrimStart();
        var colon = start.IndexOfAny([':', '：']);
        if (colon is < 1 or > 8) return false;
        var word = new string([.. start[..colon].ToLowerInvariant().Where(char.IsLetter)]);
        return word is "re" or "fw" or "fwd" or "aw" or "wg" or "sv" or "vs" or "antw" or "rv" or "tr" or "rif" or "ref" or "odp" or "ynt" or "回复" or "转发" or "返信";
    }

    static IEnumerable<Finding> Senders(List<SenderReadiness> senders)
    {
        foreach (var sender in senders.Where(s => !s.IsOffered))
            yield return new("mailbox.not_shared", Severity.Block, $"{sender.Address} is not shared with this workspace any more", "Ask for it to be shared again, or take it out of the campaign.");
        foreach (var sender in senders.Where(s => !s.IsActive))
            yield return new("mailbox.paused", Severity.Warn, $"{sender.Address} is paused", "Resume it, or take it out of the campaign; its share waits until then.");
        foreach (var sender in senders.Where(s => s.IsConsentLost))
            yield return new("mailbox.consent_lost", Severity.Block, $"The provider of {sender.Address} withdrew the permission to send", "Open the mailbox and connect it again, or take it out of the campaign; its share waits until then.");
        foreach (var sender in senders.Where(s => s.TestOk == false))
            yield return new("mailbox.test_failed", Severity.Block, $"The last connection test of {sender.Address} failed", "Open the mailbox, correct its settings and test again.");
        foreach (var sender in senders.Where(s => s.DomainName is null))
            yield return new("MBP-04", Severity.Block, $"The domain of {sender.Address} is not set up", "Add the domain under Domains and publish its records.");
        foreach (var domain in senders.Where(s => s is { DomainName: not null, DomainIsVerified: false }).DistinctBy(s => s.DomainName))
            yield return new("MBP-01", Severity.Block, $"{domain.DomainName} is not authenticated",
                domain.MissingRecords.Count > 0 ? $"Publish these records and check again: {string.Join(", ", domain.MissingRecords)}." : "Check the domain's records.");
    }

    static IEnumerable<Finding> People(Campaign campaign, Audience audience)
    {
        if (audience.Contacts == 0) yield return new("list.empty", Severity.Block, "The list is empty", "Import contacts into the list, or choose another.");
        if (audience.Consumer > 0 && campaign.ConsumerPolicy == ConsumerPolicy.Block)
            yield return new("MSG-12", Severity.Block, $"{Number(audience.Consumer)} recipients have private mailboxes",
                "Google, Yahoo and Apple take mail to private mailboxes only from senders people signed up with. Leave them out in the campaign's settings, or allow them if you have consent.");
        if (audience.Consumer > 0 && campaign.ConsumerPolicy == ConsumerPolicy.Allow)
            yield return new("MSG-12", Severity.Warn, $"{Number(audience.Consumer)} recipients have private mailboxes", "Make sure that you hold their consent.");
        if (audience.Role > 0 && !campaign.IncludesRoles)
            yield return new("list.roles", Severity.Warn, $"{Number(audience.Role)} role addresses are left out", "Addresses such as info@ are left out unless the campaign includes them.");
    }

    static async Task<List<Finding>> Fields(TenantTx tx, Campaign campaign, Template template, Audience audience, CancellationToken ct)
    {
        var findings = new List<Finding>();
        if (audience.Contacts == 0) return findings;
        foreach (var field in template.RequiredFields().Order(StringComparer.Ordinal))
        {
            var without = await tx.One(CountWithout, row => row.GetInt64(0), ct, tx.Tenant, campaign.ListId, field, campaign.IncludesRoles, campaign.ConsumerPolicy == ConsumerPolicy.Allow);
            if (without > 0)
                findings.Add(new("template.unresolved", Severity.Block, $"{Number(without)} recipients have no {field}", $"Give the field a fallback, such as {{{{{field}|there}}}}, or fill it in for these contacts."));
        }

        return findings;
    }

    static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/campaigns/{id}/preflight",
        async (Actor actor, CampaignId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
}
