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

    // One key for all: making it takes longer than all the tests.
    static readonly DkimKey Key = DkimKey.Create(DomainName.Parse("example.com"), "s1");

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static async Task<DkimVerdict> Verify(ReadOnlyMemory<byte> message, DkimKey key, string? record = null) =>
        Assert.Single(await DkimVerifier.Verify(message, ZoneText.Read($"{key.RecordName} TXT {record ?? key.Record}"), Now, Ct));

    static string Header(string text, bool isRelaxed)
    {
        var output = new StringBuilder();
        foreach (var field in RawMessage.Read(Encoding.Latin1.GetBytes(text)).Fields) Canonical.Header(field, isRelaxed, piece => output.Append(Encoding.Latin1.GetString(piece)));
        return output.ToString();
    }

    static string Hash(string body, bool isRelaxed) =>
        Convert.ToBase64String(Canonical.BodyHash(Encoding.Latin1.GetBytes(body), isRelaxed, System.Security.Cryptography.HashAlgorithmName.SHA256, null, out _));

    [Theory]
    [InlineData(true, "a:X\r\nb:Y Z\r\n", " C\r\nD E\r\n")]          // RFC 6376 3.4.5 example 1
    [InlineData(false, "A: X\r\nB : Y\t\r\n\tZ  \r\n", " C \r\nD \t E\r\n")]   // RFC 6376 3.4.5 example 2
    public void Canonical_forms_of_the_rfc(bool isRelaxed, string header, string body)
    {
        Assert.Equal(header, Header("A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n", isRelaxed));
        Assert.Equal(Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.Latin1.GetBytes(body))), Hash(" C \r\nD \t E\r\n\r\n\r\n", isRelaxed));
    }

    [Theory]
    [InlineData("", true, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]   // RFC 6376 3.4.4
    [InlineData("", false, "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=")]  // RFC 6376 3.4.3
    [InlineData("\r\n\r\n", true, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("\r\n\r\n", false, "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=")]
    [InlineData("Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n", false, "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=")]   // RFC 6376 A.2
    public void Body_hash_of_the_rfc(string body, bool isRelaxed, string hash) => Assert.Equal(hash, Hash(body, isRelaxed));

    [Fact]
    public async Task Signed_message_verifies_and_covers_what_readers_act_on()
    {
        var key = Key;
        using var same = DkimKey.FromPem(key.Domain, "s1", key.ExportPem());
        var signed = same.Sign(Message, Now);
        var header = Encoding.ASCII.GetString(signed).Split("\r\nFrom:")[0];
        Assert.All(header.Split("\r\n"), line => Assert.InRange(line.Length, 1, 78));
        Assert.Contains("From:To:Subject:Date:Message-ID:", header.Replace("\r\n  ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("List-Unsubscribe:List-Unsubscribe-Post:From;", header.Replace("\r\n  ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(new DkimVerdict(AuthResult.Pass, "", "example.com", "s1", "rsa-sha256", ""), await Verify(signed, key));
    }

    [Theory]
    [InlineData("Subject: Hello", "Subject: hello", AuthResult.Fail, "signature")]
    [InlineData("<p>x</p>", "<p>y</p>", AuthResult.Fail, "body changed")]
    [InlineData("\r\nSubject:", "\r\nFrom: evil@example.com\r\nSubject:", AuthResult.Fail, "signature")]
    [InlineData("To: b@", "To:   b@", AuthResult.Pass, "")]
    [InlineData("Subject: Hello there", "Subject: Hello\r\n\tthere", AuthResult.Pass, "")]
    [InlineData("\r\nMIME-Version", "\r\nReceived: from x\r\nMIME-Version", AuthResult.Pass, "")]
    [InlineData("a=rsa-sha256", "a=rsa-sha1", AuthResult.Permerror, "bh= is no hash")]
    [InlineData("a=rsa-sha256", "a=rsa-sha512", AuthResult.Permerror, "unknown algorithm rsa-sha512")]
    [InlineData("v=1;", "v=2;", AuthResult.Permerror, "v= is not 1")]
    [InlineData(" bh=", " l=999999; bh=", AuthResult.Permerror, "l=999999 is more than the 274 octets of the body")]
    [InlineData(" d=example.com", " d=example.org", AuthResult.Permerror, "no key at s1._domainkey.example.org")]
    public async Task Change_on_the_way_has_this_verdict(string from, string to, AuthResult result, string reason)
    {
        var key = Key;
        var text = Encoding.Latin1.GetString(key.Sign(Message, Now));
        Assert.Contains(from, text, StringComparison.Ordinal);
        var at = text.IndexOf(from, StringComparison.Ordinal);
        var verdict = await Verify(Encoding.Latin1.GetBytes(text[..at] + to + text[(at + from.Length)..]), key);
        Assert.Equal((result, reason), (verdict.Result, verdict.Reason));
    }

    [Fact]
    public void Record_is_split_into_strings_of_255()
    {
        var key = Key;
        var strings = key.ZoneText.Split("\" \"").Select(part => part.Trim('"')).ToArray();
        Assert.Equal(255, strings[0].Length);
        Assert.All(strings, part => Assert.InRange(part.Length, 1, 255));
        Assert.Equal(key.Record, string.Concat(strings));
        Assert.Equal("s1._domainkey.example.com", key.RecordName);
    }

    [Theory]
    [InlineData("v=DKIM1; p=", AuthResult.Permerror, "key revoked")]
    [InlineData("v=DKIM1; p=nonsense!", AuthResult.Permerror, "key unreadable")]
    [InlineData("v=DKIM1; p=AAAA", AuthResult.Permerror, "key unreadable")]
    [InlineData("v=DKIM1", AuthResult.Permerror, "key record without p=")]
    [InlineData("v=DKIM2; p=AAAA", AuthResult.Permerror, "key record of another version")]
    [InlineData("p=AAAA; v=DKIM1", AuthResult.Permerror, "key record of another version")]
    [InlineData("k=ed25519; p=AAAA", AuthResult.Permerror, "key of another kind")]
    [InlineData("h=sha1; p=AAAA", AuthResult.Permerror, "key not for this hash")]
    [InlineData("s=web; p=AAAA", AuthResult.Permerror, "key not for e-mail")]
    [InlineData("p=AAAA; p=BBBB", AuthResult.Permerror, "key record unreadable: p= twice")]
    [InlineData("TIMEOUT", AuthResult.Temperror, "no answer from DNS for s1._domainkey.example.com")]
    public async Task Broken_key_record_is_an_error_of_the_domain(string record, AuthResult result, string reason)
    {
        var key = Key;
        var verdict = await Verify(key.Sign(Message, Now), key, record);
        Assert.Equal((result, reason), (verdict.Result, verdict.Reason));
    }
}
