using System.Text;

namespace PenguinMails.Mail.Addresses;

/// <summary>The verdict over a text as a mailbox of SMTP (RFC 5321 4.1.2, with RFC 6531 3.3): its pieces, or why and where it is none.</summary>
/// <remarks>
/// Wider than <see cref="EmailAddress"/>, which is what this product sends to: quoted local parts, address literals (4.1.3) and domains of one
/// label are valid syntax here. Comments, blanks, routes, display names and the obsolete forms of RFC 5322 are not SMTP and are refused by name.
/// </remarks>
public sealed record AddressSpec
{
    AddressSpec(string input, AddressFault? fault)
    {
        Input = input;
        Fault = fault;
    }

    /// <summary>The text as given.</summary>
    public string Input { get; }

    /// <summary>Null when the text is a mailbox.</summary>
    public AddressFault? Fault { get; }

    public bool IsValid => Fault is null;

    /// <summary>The wire form: local part in NFC without needless quotes, domain as A-labels in lower case; empty for a refusal.</summary>
    public string Address => IsValid ? Local + "@" + Domain : "";

    /// <summary>Case kept; empty for a refusal.</summary>
    public string Local { get; private init; } = "";

    /// <summary>A-labels or an address literal with its brackets; empty for a refusal.</summary>
    public string Domain { get; private init; } = "";

    /// <summary>True for an address literal such as <c>[192.0.2.1]</c>: valid, and refused by most receivers of mail.</summary>
    public bool IsLiteral { get; private init; }

    /// <summary>True for a domain of one label such as <c>localhost</c>: valid syntax, deliverable inside a network only.</summary>
    public bool IsSingleLabel => IsValid && !IsLiteral && !Domain.Contains('.', StringComparison.Ordinal);

    /// <summary>The address to send to, null where this product would not: literals, single labels and numeric top levels.</summary>
    public EmailAddress? Sendable => IsValid && EmailAddress.TryParse(Address, out var address, out _) ? address : null;

    /// <summary>Judges exactly the text given; blanks around it are not removed.</summary>
    public static AddressSpec Read(string text)
    {
        if (text.Length == 0) return Refused(text, AddressReason.Empty, 0);
        // Four octets of UTF-8 are at most two UTF-16 units, so nothing this long can be within the limit.
        if (text.Length > EmailAddress.OctetsMax * 4) return Refused(text, AddressReason.TooLong, EmailAddress.OctetsMax * 4);
        var at = 0;
        var local = text[0] == '"' ? LocalText.Quoted(text, ref at, out var fault) : LocalText.DotAtom(text, ref at, out fault);
        if (fault is not null) return new AddressSpec(text, fault);
        if (at >= text.Length) return Refused(text, AddressReason.AtMissing, at);
        if (text[at] != '@') return new AddressSpec(text, LocalText.Unexpected(text, at, false));
        if (Encoding.UTF8.GetByteCount(local) > EmailAddress.LocalOctetsMax) return Refused(text, AddressReason.LocalTooLong, Cut(text, EmailAddress.LocalOctetsMax));
        var start = at + 1;
        var isLiteral = start < text.Length && text[start] == '[';
        var domain = isLiteral ? AddressLiteral.Read(text, start, out fault) : DomainText.Read(text, start, out fault);
        if (fault is not null) return new AddressSpec(text, fault);
        var spec = new AddressSpec(text, null) { Local = local, Domain = domain, IsLiteral = isLiteral };
        return Encoding.UTF8.GetByteCount(spec.Address) > EmailAddress.OctetsMax ? Refused(text, AddressReason.TooLong, Cut(text, EmailAddress.OctetsMax)) : spec;
    }

    static int Cut(string text, int octets) => Math.Min(text.Length, octets);

    static AddressSpec Refused(string text, AddressReason reason, int offset) => new(text, new AddressFault(reason, offset));
}
