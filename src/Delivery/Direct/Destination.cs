using PenguinMails.Delivery.Pacing;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Direct;

/// <summary>What a host's connection must prove before mail goes over it.</summary>
enum TlsNeed
{
    /// <summary>Encrypted when the host can, else in clear (RFC 7435).</summary>
    Nothing,

    /// <summary>A certificate that verifies for the host's name, because the domain's MTA-STS policy is enforced.</summary>
    Verified,

    /// <summary>What the host's TLSA records say (RFC 7672).</summary>
    Dane,
}

/// <summary>A host that takes mail for a domain.</summary>
/// <param name="Records">TLSA records of the host; empty where DANE does not bind.</param>
sealed record DirectHost(string Name, TlsNeed Need, IReadOnlyList<TlsaRecord> Records);

/// <summary>Where mail for a recipient's domain goes.</summary>
/// <param name="Hosts">In the order to try; without those that the domain's policy leaves out. At most <see cref="HostsMax"/>.</param>
/// <param name="Refusal">Why there is no host; null when there is one.</param>
sealed record Destination(DomainName Domain, IReadOnlyList<DirectHost> Hosts, SmtpOutcome? Refusal)
{
    /// <summary>Hosts tried for one message in one go; the others have their turn when it is tried again.</summary>
    public const int HostsMax = 5;

    /// <summary>Who receives for the domain; mail for all of its domains shares the connections.</summary>
    public Provider Provider { get; } = Hosts.Count > 0 ? Provider.Of(Hosts[0].Name) : Provider.Other;

    /// <summary>Held for now, by our own decision.</summary>
    public static SmtpOutcome Held(SmtpStage stage, string text) => new(stage, SmtpKind.TransientRefusal, 451, "4.7.5", text);
}
