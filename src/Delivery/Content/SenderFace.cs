using System.Net;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using Mailbox = PenguinMails.Mail.Addresses.Mailbox;

namespace PenguinMails.Delivery.Content;

/// <summary>What all messages of a mailbox have in common, read once for many.</summary>
/// <param name="Address">As it is written in the mailbox.</param>
/// <param name="ReturnPathHost">Where bounces and unsubscriptions by mail go; null: to the mailbox itself.</param>
/// <param name="Web">Where its links lead, with a slash at the end.</param>
/// <param name="SignatureText">Made from the HTML where only that is there, and the other way round.</param>
sealed record SenderFace(string Address, Mailbox From, DomainName? ReturnPathHost, string Web, string SignatureText, string SignatureHtml)
{
    public static SenderFace Of(Sender sender, Uri publicWeb) => new(
        sender.Address,
        new Mailbox(EmailAddress.Parse(sender.Address), HeaderText.Create(sender.DisplayName)),
        sender.ReturnPathHost is { } host ? DomainName.Parse(host) : null,
        // Under the sender's own name where that was seen to lead here, else under the platform's.
        new Uri(sender.TrackingHost is { } own ? new UriBuilder(publicWeb) { Host = own }.Uri : publicWeb, ".").AbsoluteUri,
        sender.SignatureText.Length > 0 || sender.SignatureHtml.Length == 0 ? sender.SignatureText : PlainText.From(sender.SignatureHtml).Trim(),
        sender.SignatureHtml.Length > 0 ? sender.SignatureHtml : WebUtility.HtmlEncode(sender.SignatureText).Replace("\n", "<br>\n", StringComparison.Ordinal));
}
