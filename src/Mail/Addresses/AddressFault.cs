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
}

/// <summary>A refusal with its place.</summary>
/// <param name="Reason">The first rule broken, reading from the left.</param>
/// <param name="Offset">UTF-16 code units from the start of the text as given, white space included.</param>
public sealed record AddressFault(AddressReason Reason, int Offset);
