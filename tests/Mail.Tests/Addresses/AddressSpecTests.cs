using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Tests.Addresses;

public sealed class AddressSpecTests
{
    [Theory]
    [InlineData("a@example.com", "a@example.com")]
    [InlineData("!#$%&'*+-/=?^_`{|}~@Example.COM", "!#$%&'*+-/=?^_`{|}~@example.com")]
    [InlineData("\"john..doe\"@example.org", "\"john..doe\"@example.org")]
    [InlineData("\" \"@example.org", "\" \"@example.org")]
    [InlineData("\"\"@example.org", "\"\"@example.org")]                                   // RFC 5321 4.1.2: *QcontentSMTP
    [InlineData("\"a\"@example.org", "a@example.org")]
    [InlineData("\"\\a\\\\b\\\"\"@example.org", "\"\\a\\\\b\\\"\"@example.org")]
    [InlineData("user%example.com@example.org", "user%example.com@example.org")]
    [InlineData("admin@example", "admin@example")]
    [InlineData("a@123.123.123.123", "a@123.123.123.123")]
    [InlineData("a@[192.0.2.1]", "a@[192.0.2.1]")]                                          // 4.1.3
    [InlineData("a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]")]
    [InlineData("a@[IPv6:::]", "a@[IPv6:::]")]
    [InlineData("a@[IPv6:1:2:3:4:5:6:192.0.2.1]", "a@[IPv6:1:2:3:4:5:6:192.0.2.1]")]
    [InlineData("a@[IPv6:1:2:3:4:5:6::8]", "a@[IPv6:1:2:3:4:5:6::8]")]                      // RFC 4291 2.2
    [InlineData("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v")]                             // RFC 6531 3.3
    [InlineData("δοκιμή@παράδειγμα.δοκιμή", "δοκιμή@xn--hxajbheg2az3al.xn--jxalpdlp")]
    [InlineData("\"ö ö\"@example.org", "\"ö ö\"@example.org")]
    [InlineData("🐧@example.org", "🐧@example.org")]
    public void Mailbox_has_this_wire_form(string text, string wire)
    {
        var spec = AddressSpec.Read(text);
        Assert.Equal((wire, null), (spec.Address, spec.Fault));
        Assert.Equal(wire, AddressSpec.Read(spec.Address).Address);
    }

    [Theory]
    [InlineData("", AddressReason.Empty, 0)]
    [InlineData("a", AddressReason.AtMissing, 1)]
    [InlineData(" a@example.com", AddressReason.WhiteSpace, 0)]
    [InlineData("a@example.com ", AddressReason.WhiteSpace, 13)]
    [InlineData("a(b)@example.com", AddressReason.Comment, 1)]
    [InlineData("a@(b)example.com", AddressReason.Comment, 2)]
    [InlineData("Ann <a@example.com>", AddressReason.AngleBracket, 3)]
    [InlineData("<@x.example:a@example.com>", AddressReason.AngleBracket, 0)]
    [InlineData("a@example.com,b@example.com", AddressReason.SeveralAddresses, 13)]
    [InlineData("a.\"b\"@example.com", AddressReason.LocalObsolete, 2)]
    [InlineData("\"a\".b@example.com", AddressReason.LocalObsolete, 3)]
    [InlineData("a\"b@example.com", AddressReason.LocalObsolete, 1)]
    [InlineData("\"a@example.com", AddressReason.QuoteNotClosed, 14)]
    [InlineData("\"a\tb\"@example.com", AddressReason.ControlCharacter, 2)]
    [InlineData("a@example.com.", AddressReason.DomainLabelEmpty, 14)]
    [InlineData("a@.example.com", AddressReason.DomainLabelEmpty, 2)]
    [InlineData("a@ex_ample.com", AddressReason.DomainCharacter, 4)]
    [InlineData("a@b@example.com", AddressReason.DomainCharacter, 3)]
    [InlineData("a@[192.0.2]", AddressReason.LiteralInvalid, 2)]
    [InlineData("a@[192.0.2.256]", AddressReason.LiteralInvalid, 2)]
    [InlineData("a@[2001:db8::1]", AddressReason.LiteralInvalid, 2)]
    [InlineData("a@[IPv6:1::2::3]", AddressReason.LiteralInvalid, 2)]
    [InlineData("a@[IPv6:1:2:3:4:5:6:7]", AddressReason.LiteralInvalid, 2)]
    [InlineData("a@[IPv6:1:2:3:4:5:6:7::8]", AddressReason.LiteralInvalid, 2)]
    [InlineData("a@[192.0.2.1", AddressReason.LiteralInvalid, 12)]
    [InlineData("a@[192.0.2.1]x", AddressReason.LiteralInvalid, 13)]
    [InlineData("a\u0000b@example.com", AddressReason.ControlCharacter, 1)]
    [InlineData("a\u00a0b@example.com", AddressReason.LocalCharacter, 1)]
    [InlineData("a@x\u00a0y.com", AddressReason.DomainCharacter, 3)]
    public void Refusal_says_why_and_where(string text, AddressReason reason, int offset) =>
        Assert.Equal(new AddressFault(reason, offset), AddressSpec.Read(text).Fault);

    [Theory]
    [InlineData(64, 63, true)]
    [InlineData(65, 63, false)]
    [InlineData(64, 64, false)]
    public void Local_part_and_label_have_their_limits(int local, int label, bool valid) =>
        Assert.Equal(valid, AddressSpec.Read(new string('a', local) + "@" + new string('b', label) + ".example").IsValid);

    [Theory]
    [InlineData(254, true)]     // RFC 5321 4.5.3.1.3: 256 with the brackets
    [InlineData(255, false)]
    public void Address_ends_at_254(int length, bool valid)
    {
        var domain = string.Concat(Enumerable.Repeat(new string('b', 62) + ".", 3));
        Assert.Equal(valid, AddressSpec.Read(new string('a', 60) + "@" + domain + new string('c', length - 61 - domain.Length)).IsValid);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_anywhere()
    {
        Assert.Equal(new AddressFault(AddressReason.NotUnicode, 1), AddressSpec.Read("a\ud800@example.com").Fault);
        Assert.Equal(new AddressFault(AddressReason.NotUnicode, 3), AddressSpec.Read("a@x\ud800.com").Fault);
    }

    [Theory]
    [InlineData("a@example.com", true)]
    [InlineData("a@[192.0.2.1]", false)]
    [InlineData("admin@example", false)]
    [InlineData("a@192.0.2.1", false)]
    public void What_is_valid_is_not_always_sent_to(string text, bool sent) => Assert.Equal(sent, AddressSpec.Read(text).Sendable is not null);

    [Theory]
    [InlineData("mailinator.com", true)]
    [InlineData("x.mailinator.com", true)]
    [InlineData("notmailinator.com", false)]
    [InlineData("example.com", false)]
    public void Throw_away_domains_are_known(string domain, bool known) => Assert.Equal(known, AddressClasses.IsDisposable(DomainName.Parse(domain)));
}
