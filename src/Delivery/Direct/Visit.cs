using PenguinMails.Delivery.Transport;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Direct;

/// <summary>One message on its way from host to host.</summary>
sealed class Visit(Pass pass)
{
    public Pass Pass { get; set; } = pass;

    public DomainName Domain { get; } = EmailAddress.Parse(pass.Message.Address).Domain;

    /// <summary>Null while it was not looked up for this message.</summary>
    public Destination? To { get; set; }

    /// <summary>Hosts that will not be asked again for it in this go.</summary>
    public HashSet<string> Tried { get; } = new(StringComparer.Ordinal);

    /// <summary>What the last host said that refused it before it heard of the recipient; null while none did.</summary>
    public SmtpOutcome? Last { get; private set; }

    public void Refused(string host, SmtpOutcome said)
    {
        Tried.Add(host);
        Last = said;
    }
}
