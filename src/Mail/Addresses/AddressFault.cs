namespace PenguinMails.Mail.Addresses;

/// <summary>Why a text is not an address this product can send to.</summary>
public enum AddressReason
{
    Empty,
    TooLong,
    AtMissing,
    LocalEmpty,
    LocalTooLong,
    LocalDotMisplaced,
    LocalCharacter,
    QuoteNotClosed,
    DomainEmpty,
    DomainTooLong,
    DomainLabelEmpty,
    DomainLabelTooLong,
    DomainLabelHyphen,
    DomainCharacter,
    DomainNotQualified,
    DomainNumeric,
    DomainLiteral,
    DomainNotIdna,
    ControlCharacter,
    NotUnicode,

    /// <summary>A comment (RFC 5322 3.2.2): allowed in a header, not in SMTP.</summary>
    Comment,

    /// <summary>A blank or fold (RFC 5322 3.2.2) beside or inside the address: allowed in a header, not in SMTP.</summary>
    WhiteSpace,

    /// <summary>A display name or route with angle brackets: a mailbox of a header, not an address.</summary>
    AngleBracket,

    /// <summary>A comma or semicolon: a list, or a group.</summary>
    SeveralAddresses,

    /// <summary>Quoted and unquoted words mixed in a local part (RFC 5322 4.4 obs-local-part).</summary>
    LocalObsolete,

    /// <summary>Neither an IPv4 nor an IPv6 literal (RFC 5321 4.1.3).</summary>
    LiteralInvalid,
}

/// <summary>A refusal with its place.</summary>
/// <param name="Reason">The first rule broken, reading from the left.</param>
/// <param name="Offset">UTF-16 code units from the start of the text as given, white space included.</param>
public sealed record AddressFault(AddressReason Reason, int Offset);
