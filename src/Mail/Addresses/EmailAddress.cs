using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace PenguinMails.Mail.Addresses;

/// <summary>An addr-spec (RFC 5321 4.1.2, RFC 5322 3.4.1, RFC 6531): local part as written, domain as A-labels.</summary>
/// <remarks>Holds no CR, LF or NUL by construction, so it may go into a command or a header unread.</remarks>
public sealed record EmailAddress
{
    /// <summary>Octets of the local part (RFC 5321 4.5.3.1.1).</summary>
    public const int LocalOctetsMax = 64;

    /// <summary>Octets of the whole address (RFC 5321 4.5.3.1.3 less the angle brackets).</summary>
    public const int OctetsMax = 254;

    static readonly SearchValues<char> AtomText = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~");

    EmailAddress(string local, DomainName domain)
    {
        Local = local;
        Domain = domain;
        Text = local + "@" + domain.Ascii;
        NeedsSmtpUtf8 = !Ascii.IsValid(local);
    }

    /// <summary>The local part as it goes on the wire, quotes included where needed; NFC; case kept.</summary>
    public string Local { get; }

    public DomainName Domain { get; }

    /// <summary>The wire form, at most 254 octets.</summary>
    public string Text { get; }

    /// <summary>The form to compare and store as a key: lower case throughout (RFC 5321 2.4 allows case to matter; no one's does).</summary>
    public string Normal => Text.ToLowerInvariant();

    /// <summary>True when the local part is not ASCII: only a server that offers SMTPUTF8 can take it (RFC 6531 3.2).</summary>
    public bool NeedsSmtpUtf8 { get; }

    /// <summary>Parses one bare address; white space around it is ignored, display names and comments are refused.</summary>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out EmailAddress? address, [NotNullWhen(false)] out AddressFault? fault)
    {
        address = null;
        if (string.IsNullOrWhiteSpace(text)) return Refuse(AddressReason.Empty, 0, out fault);
        var lead = text.Length - text.AsSpan().TrimStart(" \t").Length;
        var bare = text.AsSpan().Trim(" \t").ToString();
        if (bare.Length > OctetsMax * 4) return Refuse(AddressReason.TooLong, lead + (OctetsMax * 4), out fault);
        if (!Split(bare, out var local, out var domainAt, out fault)) return Shift(ref fault, lead);
        if (!DomainName.TryParse(bare[domainAt..], out var domain, out fault)) return Shift(ref fault, lead + domainAt);
        var made = new EmailAddress(local, domain);
        if (Encoding.UTF8.GetByteCount(made.Text) > OctetsMax) return Refuse(AddressReason.TooLong, lead + bare.Length, out fault);
        address = made;
        return true;
    }

    /// <exception cref="FormatException">Not an address: for constants and values already checked.</exception>
    public static EmailAddress Parse(string text) => TryParse(text, out var address, out var fault)
        ? address
        : throw new FormatException($"Not an address: {fault.Reason} at {fault.Offset}.");

    /// <summary>An address at a domain that is known already.</summary>
    /// <param name="local">Of ASCII atoms with single dots between them, at most 64 octets (RFC 5321 4.1.2).</param>
    /// <exception cref="FormatException">Not such a local part, or the whole has more than 254 octets.</exception>
    public static EmailAddress At(string local, DomainName domain)
    {
        var fault = DotAtom(local) ?? (Ascii.IsValid(local) ? null : new AddressFault(AddressReason.LocalCharacter, 0));
        if (fault is null && !LocalLength(local, out var tooLong)) fault = tooLong;
        if (fault is null && local.Length + 1 + domain.Ascii.Length > OctetsMax) fault = new AddressFault(AddressReason.TooLong, OctetsMax);
        return fault is null ? new EmailAddress(local, domain) : throw new FormatException($"Not an address: {fault.Reason} at {fault.Offset}.");
    }

    public override string ToString() => Text;

    static bool Split(string bare, out string local, out int domainAt, [NotNullWhen(false)] out AddressFault? fault)
    {
        local = "";
        domainAt = 0;
        for (var i = 0; i < bare.Length; i++)
        {
            if (char.IsControl(bare[i]) || bare[i] is '\u2028' or '\u2029') return Refuse(AddressReason.ControlCharacter, i, out fault);
            if (!char.IsSurrogate(bare[i])) continue;
            if (i + 1 >= bare.Length || !char.IsSurrogatePair(bare[i], bare[i + 1])) return Refuse(AddressReason.NotUnicode, i, out fault);
            i++;
        }
        if (bare[0] == '"') return Quoted(bare, out local, out domainAt, out fault);
        var at = bare.IndexOf('@', StringComparison.Ordinal);
        if (at < 0) return Refuse(AddressReason.AtMissing, bare.Length, out fault);
        fault = DotAtom(bare.AsSpan(0, at));
        if (fault is not null) return false;
        local = bare[..at].Normalize(NormalizationForm.FormC);
        domainAt = at + 1;
        return LocalLength(local, out fault);
    }

    static AddressFault? DotAtom(ReadOnlySpan<char> local)
    {
        if (local.IsEmpty) return new AddressFault(AddressReason.LocalEmpty, 0);
        for (var i = 0; i < local.Length; i++)
        {
            if (local[i] == '.')
            {
                if (i == 0 || i == local.Length - 1 || local[i - 1] == '.') return new AddressFault(AddressReason.LocalDotMisplaced, i);
            }
            else if (local[i] < 0x80 ? !AtomText.Contains(local[i]) : char.IsWhiteSpace(local[i]))
            {
                return new AddressFault(AddressReason.LocalCharacter, i);
            }
        }
        return null;
    }

    static bool Quoted(string bare, out string local, out int domainAt, [NotNullWhen(false)] out AddressFault? fault)
    {
        local = "";
        domainAt = 0;
        var content = new StringBuilder();
        var i = 1;
        for (; i < bare.Length && bare[i] != '"'; i++)
        {
            if (bare[i] == '\\' && ++i >= bare.Length) break;
            content.Append(bare[i]);
        }
        if (i >= bare.Length) return Refuse(AddressReason.QuoteNotClosed, bare.Length, out fault);
        if (i + 1 >= bare.Length || bare[i + 1] != '@') return Refuse(AddressReason.AtMissing, i + 1, out fault);
        domainAt = i + 2;
        var inner = content.ToString().Normalize(NormalizationForm.FormC);
        // RFC 5321 4.1.2: quotes that quote nothing are to be left out, so "a"@x and a@x are one address.
        local = DotAtom(inner) is null
            ? inner
            : "\"" + inner.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
        return LocalLength(local, out fault);
    }

    static bool LocalLength(string local, [NotNullWhen(false)] out AddressFault? fault)
    {
        fault = Encoding.UTF8.GetByteCount(local) > LocalOctetsMax ? new AddressFault(AddressReason.LocalTooLong, LocalOctetsMax) : null;
        return fault is null;
    }

    static bool Shift(ref AddressFault fault, int by)
    {
        fault = fault with { Offset = fault.Offset + by };
        return false;
    }

    static bool Refuse(AddressReason reason, int offset, out AddressFault fault)
    {
        fault = new AddressFault(reason, offset);
        return false;
    }
}
