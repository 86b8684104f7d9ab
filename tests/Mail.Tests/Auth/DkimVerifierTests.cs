using System.Security.Cryptography;
using System.Text;
using PenguinMails.Mail.Auth;

namespace PenguinMails.Mail.Tests.Auth;

/// <summary>Signatures of other signers: made field by field here.</summary>
public sealed class DkimVerifierTests
{
    static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_795_230_000);
    static readonly RSA Rsa = RSA.Create(2048);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A signature by the rules, from tags that may break them.</summary>
    static byte[] Signed(string tags, string headers, string body, HashAlgorithmName? algorithm = null, RSA? rsa = null, bool isRelaxed = true)
    {
        var octets = Encoding.Latin1.GetBytes($"DKIM-Signature: {tags}; b=\r\n{headers}\r\n{body}");
        var message = RawMessage.Read(octets);
        var list = TagList.Parse(message.Fields[0].Value, out var fault);
        Assert.True(list is not null, fault);
        var digest = SignedHeader.Hash(SignedHeader.Select(message.Fields, list.Compact("h").Split(':'), message.Fields[0]), message.Fields[0], list.Place("b"), isRelaxed, algorithm ?? HashAlgorithmName.SHA256);
        var value = Convert.ToBase64String((rsa ?? Rsa).SignHash(digest, algorithm ?? HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        return Encoding.Latin1.GetBytes($"DKIM-Signature: {tags}; b={value}\r\n{headers}\r\n{body}");
    }

    static string Hash(string body, HashAlgorithmName? algorithm = null, long? limit = null, bool isRelaxed = true) =>
        Convert.ToBase64String(Canonical.BodyHash(Encoding.Latin1.GetBytes(body), isRelaxed, algorithm ?? HashAlgorithmName.SHA256, limit, out _));

    static async Task<DkimVerdict> Verify(byte[] message, string? key = null, RSA? rsa = null) =>
        (await DkimVerifier.Verify(message, ZoneText.Read($"s._domainkey.example.com TXT {key ?? "p=" + Convert.ToBase64String((rsa ?? Rsa).ExportSubjectPublicKeyInfo())}"), Now, Ct))[0];

    const string Headers = "From: a@example.com\r\nSubject: x\r\n";
    const string Body = "Hello\r\nWorld\r\n";

    [Theory]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From:Subject", AuthResult.Pass, "")]
    [InlineData("v=1;a=rsa-sha256;c=relaxed/relaxed;d=EXAMPLE.com;s=s;h=from:subject:x-missing", AuthResult.Pass, "")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; x=1795230000", AuthResult.Pass, "")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; x=1795229999", AuthResult.Fail, "expired")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; t=1800000001; x=1800000000", AuthResult.Permerror, "x= is not after t=")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; t=soon", AuthResult.Permerror, "t= is no number")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=Subject", AuthResult.Permerror, "From is not signed")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From:", AuthResult.Permerror, "h= is no list of names")]
    [InlineData("v=1; a=rsa-sha256; c=nowsp; d=example.com; s=s; h=From", AuthResult.Permerror, "unknown canonical form in c=")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; q=http", AuthResult.Permerror, "unknown query method in q=")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; q=dns/txt", AuthResult.Pass, "")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; i=a@sub.example.com", AuthResult.Pass, "")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; i=a@badexample.com", AuthResult.Permerror, "i= is not within d=")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; s=s; h=From", AuthResult.Permerror, "d= is missing")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; h=From", AuthResult.Permerror, "s= is missing")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=exa mple; s=s; h=From", AuthResult.Permerror, "d= is no domain name")]
    [InlineData("a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From", AuthResult.Permerror, "v= is missing")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; z=From:a|To:b; foo=bar", AuthResult.Pass, "")]
    [InlineData("v=1; a=rsa-sha256; c=relaxed; d=example.com; s=s; h=From", AuthResult.Pass, "")]
    public async Task Tags_give(string tags, AuthResult result, string reason)
    {
        var isBodyRelaxed = tags.Contains("relaxed/relaxed", StringComparison.Ordinal);
        var verdict = await Verify(Signed($"{tags}; bh={Hash(Body, isRelaxed: isBodyRelaxed)}", Headers, Body));
        Assert.Equal((result, reason), (verdict.Result, verdict.Reason));
    }

    [Theory]
    [InlineData("v=1; a=rsa-sha256; v=1", "v= twice")]
    [InlineData("v=1;; a=rsa-sha256", "an empty tag")]
    [InlineData("v=1; rsa-sha256", "a tag without a value")]
    [InlineData("v=1; =x", "a tag name that is none")]
    [InlineData("", "an empty tag")]
    public async Task Broken_list_is_named(string tags, string fault) =>
        Assert.Equal((AuthResult.Permerror, "signature unreadable: " + fault), await Verify(Encoding.ASCII.GetBytes($"DKIM-Signature: {tags}\r\n{Headers}\r\n{Body}")) is var verdict ? (verdict.Result, verdict.Reason) : default);

    [Theory]
    [InlineData(7, AuthResult.Pass, "covers only 7 of 14 octets of the body")]
    [InlineData(14, AuthResult.Pass, "")]
    [InlineData(0, AuthResult.Pass, "covers only 0 of 14 octets of the body")]
    [InlineData(15, AuthResult.Permerror, "l=15 is more than the 14 octets of the body")]
    public async Task Length_is_honoured_and_reported(int length, AuthResult result, string reason)
    {
        var verdict = await Verify(Signed($"v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; l={length}; bh={Hash(Body, limit: length)}", Headers, Body));
        Assert.Equal((result, reason), (verdict.Result, verdict.Reason));
    }

    [Fact]
    public async Task Simple_form_passes_and_minds_every_blank()
    {
        const string Folded = "From:  a@example.com\r\nSubject: a\r\n\t b \r\n";
        var signed = Signed($"v=1; a=rsa-sha256; d=example.com; s=s;\r\n\th=From:Subject; bh={Hash("x \r\n\r\n", isRelaxed: false)}", Folded, "x \r\n\r\n\r\n", isRelaxed: false);
        Assert.Equal(AuthResult.Pass, (await Verify(signed)).Result);
        Assert.Equal("signature", (await Verify(Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(signed).Replace("\t b ", " b ", StringComparison.Ordinal)))).Reason);
        Assert.Equal("body changed", (await Verify(Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(signed).Replace("x \r\n", "x\r\n", StringComparison.Ordinal)))).Reason);
    }

    [Fact] // RFC 6376 5.4.2: of several fields the lowest comes first, and one more named than there are must stay missing.
    public async Task Repeated_fields_count_from_the_bottom()
    {
        const string Two = "Received: two\r\nFrom: a@example.com\r\nReceived: one\r\n";
        var once = Signed($"v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From:Received; bh={Hash(Body)}", Two, Body);
        var text = Encoding.Latin1.GetString(once);
        Assert.Equal(AuthResult.Pass, (await Verify(Encoding.Latin1.GetBytes("Received: three\r\n" + text.Replace("Received: two", "Received: zwei", StringComparison.Ordinal)))).Result);
        Assert.Equal(AuthResult.Fail, (await Verify(Encoding.Latin1.GetBytes(text.Replace("Received: one", "Received: eins", StringComparison.Ordinal)))).Result);
        var over = Signed($"v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From:From; bh={Hash(Body)}", Two, Body);
        Assert.Equal(AuthResult.Fail, (await Verify(Encoding.Latin1.GetBytes("From: b@evil.example\r\n" + Encoding.Latin1.GetString(over)))).Result);
    }

    [Fact] // RFC 8301 3.1 and 3.2.
    public async Task Right_by_arithmetic_is_not_enough()
    {
        var sha1 = Signed($"v=1; a=rsa-sha1; c=relaxed/relaxed; d=example.com; s=s; h=From; bh={Hash(Body, HashAlgorithmName.SHA1)}", Headers, Body, HashAlgorithmName.SHA1);
        Assert.Equal((AuthResult.Policy, "rsa-sha1"), await Verify(sha1) is var old ? (old.Result, old.Algorithm) : default);
        using var small = RSA.Create(512);
        var weak = Signed($"v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; bh={Hash(Body)}", Headers, Body, rsa: small);
        Assert.Equal((AuthResult.Policy, "key too short: 512 bits"), await Verify(weak, rsa: small) is var verdict ? (verdict.Result, verdict.Reason) : default);
    }

    [Theory]
    [InlineData("v=DKIM1; k=rsa; t=y; p=", AuthResult.Pass, "key in test", "")]
    [InlineData("v=DKIM1; t=s; p=", AuthResult.Pass, "", "")]
    [InlineData("v=DKIM1; t=y:s; p=", AuthResult.Permerror, "the key demands i= of the domain itself", "; i=a@sub.example.com")]
    [InlineData("v=DKIM1; t=s; p=", AuthResult.Pass, "", "; i=a@example.com")]
    [InlineData("h=sha1:sha256; s=web:email; n=note \u00e9; p=", AuthResult.Pass, "", "")]
    [InlineData("s=*; g=x; p=", AuthResult.Pass, "", "")]
    public async Task Key_flags(string record, AuthResult result, string reason, string tags)
    {
        var signed = Signed($"v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; bh={Hash(Body)}{tags}", Headers, Body);
        var verdict = await Verify(signed, record + Convert.ToBase64String(Rsa.ExportSubjectPublicKeyInfo()));
        Assert.Equal((result, reason), (verdict.Result, verdict.Reason));
    }

    [Fact]
    public async Task Key_may_be_pkcs1_or_stand_beside_other_text()
    {
        var signed = Signed($"v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From; bh={Hash(Body)}", Headers, Body);
        Assert.Equal(AuthResult.Pass, (await Verify(signed, "p=" + Convert.ToBase64String(Rsa.ExportRSAPublicKey()))).Result);
        var spki = Convert.ToBase64String(Rsa.ExportSubjectPublicKeyInfo());
        Assert.Equal(AuthResult.Pass, (await Verify(signed, $"v=spf1 -all\ns._domainkey.example.com TXT p={spki}")).Result);
        using var other = RSA.Create(1024);
        Assert.Equal(AuthResult.Pass, (await Verify(signed, $"p={Convert.ToBase64String(other.ExportSubjectPublicKeyInfo())}\ns._domainkey.example.com TXT p={spki}")).Result);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    public async Task Signatures_beyond_ten_are_left_out(int count) => Assert.Equal(10, (await DkimVerifier.Verify(
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("DKIM-Signature: x\r\n", count)) + "From: a@b.example\r\n\r\n"), ZoneText.Read(""), Now, Ct)).Count);

    [Theory]
    [InlineData(64 * 1024, "signature unreadable: a tag without a value")]
    [InlineData((64 * 1024) + 1, "signature of more than 65536 octets")]
    public async Task Signature_beyond_its_limit_is_not_read(int octets, string reason) => Assert.Equal(reason, (await Verify(
        Encoding.ASCII.GetBytes($"DKIM-Signature: {new string('x', octets - 18)}\r\n{Headers}\r\n{Body}"))).Reason);

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    [InlineData("From: a@b.example")]
    [InlineData("no header at all")]
    public async Task Unsigned_message_has_no_verdict(string text) => Assert.Empty(await DkimVerifier.Verify(Encoding.ASCII.GetBytes(text), ZoneText.Read(""), Now, Ct));
}
