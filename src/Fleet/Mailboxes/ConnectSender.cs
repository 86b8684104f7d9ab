using PenguinMails.Core;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Opens a sender's SMTP connection, logged in. An access token that its server does not take is renewed once; one that ended since the sender was read is replaced before it is shown.</summary>
/// <remarks>Refuses with <c>mailbox.consent_lost</c> or as <see cref="Oauth.AccessTokens"/>, for mailboxes with tokens only. Whatever the server does is an outcome of the opening.</remarks>
public static class ConnectSender
{
    /// <param name="settings">Without credentials.</param>
    public static async Task<Result<SmtpOpening>> Handle(TenantId tenant, Sender sender, SmtpClientOptions settings, MailboxSecrets secrets, SmtpConnector connect, TimeProvider clock, CancellationToken ct)
    {
        if (sender.Auth == MailboxAuth.Password) return await SmtpConnection.Open(settings with { Credentials = sender.LogIn }, connect, clock, ct);
        var (access, place) = (ReadSender.Access(tenant), new MailboxSecrets.Place(sender.Id, true, null, null, sender.Auth));
        var current = await secrets.LogIn(access, place, sender.Smtp.User, isSending: true, ct);
        if (current.Problem is { } none) return none;
        var opening = await SmtpConnection.Open(settings with { Credentials = current.Value }, connect, clock, ct);
        if (opening.Connection is not null || opening.Refusal is not { Stage: SmtpStage.Auth, Kind: SmtpKind.PermanentRefusal }) return opening;
        var renewed = await secrets.Renew(access, place, current.Value, ct);
        return renewed.Problem is { } lost ? lost : await SmtpConnection.Open(settings with { Credentials = renewed.Value }, connect, clock, ct);
    }
}
