using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Tests.Mime;

public sealed class TypedValueTests
{
    public static TheoryData<string> Injections => ["a\rb", "a\nb", "a\r\nBcc: x@example.com", "a\0b", "a\u0085b", "a\u2028b", "\u001bx", "a\ud800"];

    [Theory]
    [MemberData(nameof(Injections))]
    public void No_type_takes_a_line_end_a_control_or_half_a_character(string text)
    {
        Assert.False(HeaderText.TryCreate(text, out _, out var fault));
        Assert.InRange(fault.Offset, 0, 1);
        Assert.False(ExtraHeader.TryCreate("X-" + text, HeaderText.Create("v"), out _, out _));
        Assert.False(MessageId.TryParse(text + "@example.com", out _, out _));
        Assert.False(EmailAddress.TryParse(text + "@example.com", out _, out _));
        Assert.False(EmailAddress.TryParse("\"" + text + "\"@example.com", out _, out _));
        Assert.False(DomainName.TryParse(text + ".example.com", out _, out _));
        Assert.False(Attachment.TryCreate(HeaderText.Create("v"), "text/" + text, default, out _, out _));
    }

    [Theory]
    [InlineData("X-Campaign", null)]
    [InlineData("Feedback-ID", null)]
    [InlineData("", TextReason.Empty)]
    [InlineData("X Y", TextReason.NotAllowedHere)]
    [InlineData("X:Y", TextReason.NotAllowedHere)]
    [InlineData("X-Ü", TextReason.NotAllowedHere)]
    [InlineData("bcc", TextReason.NameManaged)]
    [InlineData("SUBJECT", TextReason.NameManaged)]
    [InlineData("Content-Type", TextReason.NameManaged)]
    [InlineData("DKIM-Signature", TextReason.NameManaged)]
    public void Extra_header_name_is_checked(string name, TextReason? reason)
    {
        Assert.Equal(reason is null, ExtraHeader.TryCreate(name, HeaderText.Create("v"), out _, out var fault));
        Assert.Equal(reason, fault?.Reason);
    }

    [Theory]
    [InlineData(2000, true)]
    [InlineData(2001, false)]
    public void Header_text_ends_at_2000(int length, bool accepted) => Assert.Equal(accepted, HeaderText.TryCreate(new string('x', length), out _, out _));

    [Theory]
    [InlineData("https://u.example/x?a=1", true)]
    [InlineData("http://127.0.0.1:8080/u/x", true)]
    [InlineData("http://u.example/x", false)]   // RFC 8058 3.1
    [InlineData("ftp://u.example/x", false)]
    public void Unsubscribe_link_is_https_or_local(string link, bool accepted) =>
        Assert.Equal(accepted, ListUnsubscribe.TryCreate(new Uri(link), null, out _, out _));

    [Fact]
    public void New_message_id_is_random_at_the_sending_domain()
    {
        var id = MessageId.Create(DomainName.Parse("example.com"), bits => bits.Fill(0xab));
        Assert.Equal("<abababababababababababababababab@example.com>", id.ToString());
    }
}
