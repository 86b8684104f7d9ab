namespace PenguinMails.Mail.Reports;

/// <summary>What a refusal means for the address and the sender.</summary>
public enum BounceClass
{
    /// <summary>The address will not work; never write to it again.</summary>
    Hard,

    /// <summary>The address may work later.</summary>
    Soft,

    /// <summary>The receiver refuses the sender or the message, not the address.</summary>
    Block,

    /// <summary>Nobody refused anything: an automatic answer.</summary>
    None,

    /// <summary>A person or a provider complained.</summary>
    Complaint,

    /// <summary>Nothing in the answer tells.</summary>
    Unknown,
}

/// <summary>Why, in the words bounce reports use across the trade. Class and blame of each: <c>bounce-categories.tsv</c>.</summary>
public enum BounceCategory
{
    InvalidRecipient,
    BadDomain,
    InactiveMailbox,
    Quota,
    Size,
    DnsFailure,
    Routing,
    Connection,
    NoAnswer,
    Expired,
    ReputationIp,
    ReputationDomain,

    /// <summary>Too much at once, greylisting included: the answer to both is to come back more slowly.</summary>
    RateLimit,
    AuthFailure,
    SpamContent,
    Policy,
    RelayDenied,
    Attachment,
    Virus,
    Protocol,
    RfcNoncompliant,
    InvalidSender,
    AutoReply,
    Vacation,
    Challenge,
    Subscribe,
    Unsubscribe,
    AddressChange,
    Feedback,
    Uncategorized,
    Onhold,
}

/// <summary>Whose doing it is: only the list's counts against the list, ours counts against our reputation.</summary>
public enum BounceBlame
{
    List,
    Us,
    Infra,
    Recipient,
    Content,

    /// <summary>The receiver's rules and what was sent, both.</summary>
    Mixed,

    /// <summary>Nobody's: nothing failed.</summary>
    None,
    Unknown,
}

/// <param name="Rule">The row of the table that decided, for showing why.</param>
public sealed record BounceVerdict(BounceClass Class, BounceCategory Category, BounceBlame Blame, string Rule)
{
    /// <summary>0 to 1: 0.95 a provider's own code, 0.9 a phrase, 0.7 an enhanced code, 0.4 a reply code alone, 0 nothing.</summary>
    public double Confidence { get; init; }
}
