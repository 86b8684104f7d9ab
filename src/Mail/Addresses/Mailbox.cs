using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Addresses;

/// <summary>A display name, possibly absent, and an address (RFC 5322 3.4).</summary>
public sealed record Mailbox(EmailAddress Address, HeaderText? Name = null)
{
    /// <summary>For pages and logs of the owner, not for a header: the message writer encodes.</summary>
    public override string ToString() => Name is null ? Address.Text : $"{Name} <{Address.Text}>";
}
