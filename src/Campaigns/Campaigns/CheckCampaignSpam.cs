using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.SpamChecks;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using Mailbox = PenguinMails.Mail.Addresses.Mailbox;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>Asks the spam filter of the sending server about a campaign's message, as a made-up contact would get it from the first mailbox. On demand, and no condition of the launch.</summary>
/// <remarks>The message is unsigned and its links are those of the preview. Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>campaign.not_found</c>,
/// <c>campaign.no_mailbox</c> or as <see cref="CheckSpam"/> does.</remarks>
public static class CheckCampaignSpam
{
    static readonly Problem NoMailbox = new(ProblemKind.Conflict, "campaign.no_mailbox", "The campaign has no mailbox to send from, so there is no filter to ask. Choose one first.");

    public static async Task<Result<SpamVerdict>> Handle(Actor actor, CampaignId id, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var made = await Compose(actor, id, db, clock, ct);
        return made.Problem is { } problem ? problem : await CheckSpam.Handle(actor, made.Value.Domain, made.Value.Message, db, reach, clock, ct);
    }

    /// <summary>The message as it would leave the first mailbox, and the domain whose server it would leave from.</summary>
    internal static async Task<Result<(DomainId Domain, byte[] Message)>> Compose(Actor actor, CampaignId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsWrite)) return Actor.Forbidden(Permissions.CampaignsWrite);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        Campaign? campaign;
        await using (var tx = await db.Begin(actor.Tenant, ct)) campaign = await tx.Maybe(Campaign.SelectOne, Campaign.Read, ct, actor.Tenant, workspace, id);
        if (campaign is null) return Campaign.NotFound;
        if (campaign.Mailboxes.Count == 0) return NoMailbox;
        var mailbox = await ListMailboxes.One(actor, new(campaign.Mailboxes[0]), db, ct);
        if (mailbox.Problem is { } gone) return gone;
        if (mailbox.Value.DomainId is not { } domain)
            return new Problem(ProblemKind.Conflict, "spam.no_filter", $"{mailbox.Value.Address} sends through another provider, so there is no filter of yours to ask. Send a test mail from the mailbox instead.");
        var preview = await PreviewTemplate.Handle(actor, new(campaign.TemplateId), db, ct);
        return preview.Match<Result<(DomainId, byte[])>>(shown => (domain, Message(shown, mailbox.Value.Address, mailbox.Value.DisplayName, clock.GetUtcNow())), problem => problem);
    }

    static byte[] Message(PreviewTemplate.Output preview, string sender, string name, DateTimeOffset now)
    {
        var from = EmailAddress.Parse(sender);
        return MessageWriter.Write(new OutgoingMessage
        {
            From = new Mailbox(from, HeaderText.Create(name)),
            To = [new Mailbox(EmailAddress.Parse(preview.To))],
            Subject = HeaderText.Create(string.Join(' ', preview.Subject.Split(['\r', '\n', '\t', '\0'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))),
            Date = now,
            MessageId = MessageId.Parse($"{Guid.CreateVersion7(now):N}@{from.Domain.Ascii}"),
            Text = preview.Text,
            Html = preview.Html.Length > 0 ? preview.Html : null,
        });
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/campaigns/{id}/spam-check",
        async (Actor actor, CampaignId id, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, reach, clock, ct)).ToHttp());
}
