using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Links;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using Mailbox = PenguinMails.Mail.Addresses.Mailbox;
using MessageId = PenguinMails.Mail.Mime.MessageId;

namespace PenguinMails.Delivery.Content;

/// <content>Messages of conversations: plain text from one person to another, so without List-Unsubscribe, links or HTML.</content>
sealed partial class RenderMessage
{
    /// <param name="fields">As <see cref="TurnFields"/> writes them.</param>
    public Rendered Conversation(Sender sender, Mail.Auth.DkimKey? dkim, Messages.MessageId id, EmailAddress recipient, string fields, MessageRoom room)
    {
        var (turn, from) = (TurnFields.Read(fields), EmailAddress.Parse(sender.Address));
        var references = turn.References.Select(MessageId.Parse).ToList();
        var message = new OutgoingMessage
        {
            From = new Mailbox(from, HeaderText.Create(sender.DisplayName)),
            To = [new Mailbox(recipient)],
            Subject = HeaderText.Create(OneLine(turn.Subject)),
            Date = clock.GetUtcNow(),
            MessageId = MessageId.Parse($"{tokens.For(id, TokenPurpose.Thread)}@{from.Domain.Ascii}"),
            InReplyTo = references.Count > 0 ? references[^1] : null,
            References = references,
            Text = turn.Text.Replace(Talk.Writer, Name(sender), StringComparison.Ordinal),
        };
        var returnPath = sender.ReturnPathHost is { } bounces ? EmailAddress.Parse($"b-{tokens.For(id, TokenPurpose.Link)}@{bounces}") : from;
        return Written(message, returnPath, recipient, dkim, room);
    }

    // As people sign: the first word of the name, else what stands before the @.
    static string Name(Sender sender) => OneLine(sender.DisplayName).Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var first, ..] ? first : sender.Address.Split('@')[0];
}
