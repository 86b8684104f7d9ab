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

    /// <summary>Nothing in the answer tells.</summary>
    Unknown,
}

/// <summary>Why, in the words bounce reports use across the trade.</summary>
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
    RateLimit,
    AuthFailure,
    SpamContent,
    Policy,
    RelayDenied,
    Attachment,
    Virus,
    Protocol,
    InvalidSender,
    Greylisted,
    Uncategorized,
}

/// <summary>Whose doing it is: only the list's counts against the list, ours counts against our reputation.</summary>
public enum BounceBlame
{
    List,
    Us,
    Infrastructure,
    Recipient,
    Content,
    Unknown,
}

/// <param name="Rule">The row of the table that decided, for showing why.</param>
public sealed record BounceVerdict(BounceClass Class, BounceCategory Category, BounceBlame Blame, string Rule);
