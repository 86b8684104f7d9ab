using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Tests.Auth;

public sealed class DkimTests
{
    static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_795_230_000);

    static readonly byte[] Message = MessageWriter.Write(new OutgoingMessage
    {
        From = new Mailbox(EmailAddress.Parse("a@example.com"), HeaderText.Create("Änn")),
        To = [new Mailbox(EmailAddress.Parse("b@example.net"))], Subject = HeaderText.Create("Hello there, a subject"), Date = Now, MessageId = MessageId.Parse("1@example.com"),
        Text = "Grüße  \n\n.dot\n\n\n", Html = "<p>x</p>", ListUnsubscribe = ListUnsubscribe.Create(new Uri("https://u.example/1"), null),
    });

    [Theory]
    [InlineData(true, "a:X\r\nb:Y Z\r\n", " C\r\nD E\r\n")]          // RFC 6376 3.4.5 example 1
    [InlineData(false, "A: X\r\nB : Y\t\r\n\tZ  \r\n", " C \r\nD \t E\r\n")]   // RFC 6376 3.4.5 example 2
    public void Canonical_forms_of_the_rfc(bool isRelaxed, string header, string body)
    {
        var (fields, raw) = DkimText.Split("A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n"u8.ToArray());
        Assert.Equal(header, string.Concat(fields.Select(field => DkimText.Header(field, isRelaxed))));
        Assert.Equal(body, Encoding.ASCII.GetString(DkimText.Body(raw.Span, isRelaxed)));
    }

    [Theory]
    [InlineData("", true, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]   // RFC 6376 3.4.4
    [InlineData("", false, "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=")]  // RFC 6376 3.4.3
    [InlineData("\r\n\r\n", true, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("\r\n\r\n", false, "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=")]
    [InlineData("Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n", false, "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=")]   // RFC 6376 A.2
    public void Body_hash_of_the_rfc(string body, bool isRelaxed, string hash) => Assert.Equal(hash, DkimText.BodyHash(Encoding.ASCII.GetBytes(body), isRelaxed));

    [Fact]
    public void Signed_message_verifies_and_covers_what_readers_act_on()
    {
        using var key = DkimKey.Create(DomainName.Parse("example.com"), "s1");
        using var same = DkimKey.FromPem(key.Domain, "s1", key.ExportPem());
        var signed = same.Sign(Message, Now);
        var header = Encoding.ASCII.GetString(signed).Split("\r\nFrom:")[0];
        Assert.All(header.Split("\r\n"), line => Assert.InRange(line.Length, 1, 78));
        Assert.Contains("From:To:Subject:Date:Message-ID:", header.Replace("\r\n  ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("List-Unsubscribe:List-Unsubscribe-Post:From;", header.Replace("\r\n  ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(new DkimVerdict(DkimResult.Pass, "", "example.com", "s1"), DkimVerifier.Verify(signed, Now, name => name == key.RecordName ? key.Record : null));
    }

    [Theory]
    [InlineData("Subject: Hello", "Subject: hello", DkimResult.Fail, "signature")]
    [InlineData("<p>x</p>", "<p>y</p>", DkimResult.Fail, "body changed")]
    [InlineData("\r\nSubject:", "\r\nFrom: evil@example.com\r\nSubject:", DkimResult.Fail, "signature")]
    [InlineData("To: b@", "To:   b@", DkimResult.Pass, "")]
    [InlineData("Subject: Hello there", "Subject: Hello\r\n\tthere", DkimResult.Pass, "")]
    [InlineData("\r\nMIME-Version", "\r\nReceived: from x\r\nMIME-Version", DkimResult.Pass, "")]
    [InlineData("a=rsa-sha256", "a=rsa-sha1", DkimResult.PermError, "version or algorithm")]
    [InlineData(" bh=", " l=1; bh=", DkimResult.PermError, "l= leaves text unsigned")]
    [InlineData(" d=example.com", " d=example.org", DkimResult.PermError, "no key")]
    [InlineData("DKIM-Signature", "X-Signature", DkimResult.None, "no signature")]
    public void Change_on_the_way_has_this_verdict(string from, string to, DkimResult result, string reason)
    {
        using var key = DkimKey.Create(DomainName.Parse("example.com"), "s1");
        var text = Encoding.Latin1.GetString(key.Sign(Message, Now));
        Assert.Contains(from, text, StringComparison.Ordinal);
        var at = text.IndexOf(from, StringComparison.Ordinal);
        var verdict = DkimVerifier.Verify(Encoding.Latin1.GetBytes(text[..at] + to + text[(at + from.Length)..]), Now, name => name == key.RecordName ? key.Record : null);
        Assert.Equal((result, reason), (verdict.Result, verdict.Reason));
    }

    [Fact]
    public void Record_is_split_into_strings_of_255()
    {
        using var key = DkimKey.Create(DomainName.Parse("example.com"), "s1");
        var strings = key.ZoneText.Split("\" \"").Select(part => part.Trim('"')).ToArray();
        Assert.Equal(255, strings[0].Length);
        Assert.All(strings, part => Assert.InRange(part.Length, 1, 255));
        Assert.Equal(key.Record, string.Concat(strings));
        Assert.Equal("s1._domainkey.example.com", key.RecordName);
    }

    [Theory]
    [InlineData("v=DKIM1; p=", DkimResult.PermError, "key revoked")]
    [InlineData("v=DKIM1; p=nonsense!", DkimResult.PermError, "key or signature unreadable")]
    public void Broken_key_record_is_an_error_of_the_domain(string record, DkimResult result, string reason)
    {
        using var key = DkimKey.Create(DomainName.Parse("example.com"), "s1");
        var verdict = DkimVerifier.Verify(key.Sign(Message, Now), Now, _ => record);
        Assert.Equal((result, reason), (verdict.Result, verdict.Reason));
    }
}
