using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Tests.Addresses;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("a@example.com", "a@example.com")]
    [InlineData("  a@example.com\t", "a@example.com")]
    [InlineData("Bob.Smith+tag@Example.COM", "Bob.Smith+tag@example.com")]
    [InlineData("a@example.com.", "a@example.com")]
    [InlineData("o'hara/x=y@example.com", "o'hara/x=y@example.com")]
    [InlineData("\"simple\"@example.com", "simple@example.com")]                  // RFC 5321 4.1.2
    [InlineData("\"a b\"@example.com", "\"a b\"@example.com")]
    [InlineData("\"a\\\"b\"@example.com", "\"a\\\"b\"@example.com")]
    [InlineData("\"a@b\"@example.com", "\"a@b\"@example.com")]
    [InlineData("x@bücher.example", "x@xn--bcher-kva.example")]                   // RFC 5891
    [InlineData("x@xn--bcher-kva.example", "x@xn--bcher-kva.example")]
    [InlineData("jos\u0065\u0301@example.com", "jos\u00e9@example.com")]          // RFC 6532 3.1: NFC
    public void Accepted_address_has_this_wire_form(string text, string wire)
    {
        Assert.True(EmailAddress.TryParse(text, out var address, out var fault), fault?.ToString());
        Assert.Equal(wire, address.Text);
        Assert.Equal(address, EmailAddress.Parse(address.Text));
    }

    [Theory]
    [InlineData(null, AddressReason.Empty, 0)]
    [InlineData("   ", AddressReason.Empty, 0)]
    [InlineData("plain", AddressReason.AtMissing, 5)]
    [InlineData("@example.com", AddressReason.LocalEmpty, 0)]
    [InlineData(".a@example.com", AddressReason.LocalDotMisplaced, 0)]
    [InlineData("a.@example.com", AddressReason.LocalDotMisplaced, 1)]
    [InlineData("a..b@example.com", AddressReason.LocalDotMisplaced, 2)]
    [InlineData("a b@example.com", AddressReason.LocalCharacter, 1)]
    [InlineData("  a b@example.com", AddressReason.LocalCharacter, 3)]
    [InlineData("Bob <a@example.com>", AddressReason.LocalCharacter, 3)]
    [InlineData("a@b@example.com", AddressReason.DomainCharacter, 3)]
    [InlineData("\"open@example.com", AddressReason.QuoteNotClosed, 17)]
    [InlineData("\"x\"y@example.com", AddressReason.AtMissing, 3)]
    [InlineData("a@", AddressReason.DomainEmpty, 2)]
    [InlineData("a@localhost", AddressReason.DomainNotQualified, 11)]
    [InlineData("a@example..com", AddressReason.DomainLabelEmpty, 10)]
    [InlineData("a@-x.com", AddressReason.DomainLabelHyphen, 2)]
    [InlineData("a@x-.com", AddressReason.DomainLabelHyphen, 3)]
    [InlineData("a@ex_ample.com", AddressReason.DomainCharacter, 4)]
    [InlineData("a@[192.0.2.1]", AddressReason.DomainLiteral, 2)]
    [InlineData("a@192.0.2.1", AddressReason.DomainNumeric, 10)]
    [InlineData("a@exa mple.com", AddressReason.DomainCharacter, 5)]
    [InlineData("a\r\nRCPT TO:<b@example.com>", AddressReason.ControlCharacter, 1)]
    [InlineData("a@example.com\r\nBcc: b@example.com", AddressReason.ControlCharacter, 13)]
    [InlineData("a\0@example.com", AddressReason.ControlCharacter, 1)]
    [InlineData("a@example.com\n", AddressReason.ControlCharacter, 13)]
    public void Refused_address_says_why_and_where(string? text, AddressReason reason, int offset)
    {
        Assert.False(EmailAddress.TryParse(text, out _, out var fault));
        Assert.Equal(new AddressFault(reason, offset), fault);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_character()
    {
        Assert.False(EmailAddress.TryParse("a\ud800@example.com", out _, out var fault));
        Assert.Equal(new AddressFault(AddressReason.NotUnicode, 1), fault);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Local_part_ends_at_64_octets(int length, bool accepted) =>
        Assert.Equal(accepted, EmailAddress.TryParse(new string('a', length) + "@example.com", out _, out _));

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void Label_ends_at_63(int length, bool accepted) =>
        Assert.Equal(accepted, DomainName.TryParse(new string('a', length) + ".com", out _, out _));

    [Theory]
    [InlineData(253, true)]
    [InlineData(254, false)]
    public void Domain_ends_at_253(int length, bool accepted)
    {
        var name = string.Concat(Enumerable.Repeat("abcdefg.", 31)) + new string('a', length - 248);
        Assert.Equal(accepted, DomainName.TryParse(name, out _, out _));
    }

    [Fact]
    public void Comparison_form_ignores_case_and_the_wire_form_keeps_it()
    {
        var address = EmailAddress.Parse("Ann.LEE@Example.com");
        Assert.Equal("Ann.LEE@example.com", address.Text);
        Assert.Equal("ann.lee@example.com", address.Normal);
        Assert.NotEqual(address, EmailAddress.Parse("ann.lee@example.com"));
    }

    [Fact]
    public void Only_a_local_part_beyond_ascii_needs_smtputf8()
    {
        Assert.True(EmailAddress.Parse("jörg@example.com").NeedsSmtpUtf8);
        Assert.False(EmailAddress.Parse("joerg@bücher.example").NeedsSmtpUtf8);
        Assert.Equal("bücher.example", EmailAddress.Parse("joerg@bücher.example").Domain.Display);
    }

    [Theory]
    [InlineData("info@example.com", true)]
    [InlineData("Info+x@example.com", true)]
    [InlineData("no-reply@example.com", true)]
    [InlineData("postmaster@example.com", true)]
    [InlineData("ann@example.com", false)]
    [InlineData("infotainment@example.com", false)]
    public void Role_addresses_are_told_from_people(string text, bool isRole) =>
        Assert.Equal(isRole, AddressClasses.IsRole(EmailAddress.Parse(text)));

    [Theory]
    [InlineData("gmail.com", true)]
    [InlineData("yahoo.co.uk", true)]
    [InlineData("live.fr", true)]
    [InlineData("hotmail.com", true)]
    [InlineData("gmx.net", true)]
    [InlineData("proton.me", true)]
    [InlineData("yahoo.example.com", false)]
    [InlineData("notgmail.com", false)]
    [InlineData("live.company", false)]
    public void Consumer_domains_are_told_from_company_domains(string text, bool isConsumer) =>
        Assert.Equal(isConsumer, AddressClasses.IsConsumer(DomainName.Parse(text)));
}
