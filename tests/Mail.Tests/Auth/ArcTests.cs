using System.Security.Cryptography;
using System.Text;
using PenguinMails.Mail.Auth;

namespace PenguinMails.Mail.Tests.Auth;

/// <summary>RFC 8617 5.2 as a table: each case breaks one rule of a chain that is otherwise signed as it should be.</summary>
public sealed class ArcTests
{
    static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_795_230_000);
    static readonly RSA Rsa = RSA.Create(1024);

    const string Message = "From: a@example.com\r\nTo: b@example.net\r\nSubject: x\r\n\r\nHello\r\n";
    const string Hash = "BODYHASH", Value = "";

    static string BodyHash => Convert.ToBase64String(Canonical.BodyHash("Hello\r\n"u8, true, HashAlgorithmName.SHA256, null, out _));

    /// <summary>One forwarder's set on top, whatever its tags say, signed over what stands there.</summary>
    static string Forward(string message, int instance, string? results = null, string? signature = null, string? seal = null, HashAlgorithmName? algorithm = null)
    {
        results ??= $"i={instance}; mx.example.org; spf=pass";
        signature ??= $"i={instance}; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; t=12345; h=from:to:subject; bh={Hash}";
        seal ??= $"i={instance}; a=rsa-sha256; cv={(instance == 1 ? "none" : "pass")}; d=example.org; s=s; t=12345";
        signature = signature.Replace(Hash, BodyHash, StringComparison.Ordinal);
        var unsigned = RawMessage.Read(Encoding.Latin1.GetBytes($"ARC-Message-Signature: {signature}; b={Value}\r\n{message}"));
        var own = unsigned.Fields[0];
        var digest = TagList.Parse(own.Value, out _) is { } tags
            ? SignedHeader.Hash(SignedHeader.Select(unsigned.Fields, tags.Compact("h").Split(':'), own), own, tags.Place("b"), !signature.Contains("c=simple", StringComparison.Ordinal) && signature.Contains("c=", StringComparison.Ordinal), algorithm ?? HashAlgorithmName.SHA256) : new byte[32];
        var signed = $"ARC-Authentication-Results: {results}\r\nARC-Message-Signature: {signature}; b={Signature(digest, algorithm)}\r\n{message}";

        var covered = RawMessage.Read(Encoding.Latin1.GetBytes($"ARC-Seal: {seal}; b=\r\n{signed}")).Fields;
        using var hash = IncrementalHash.CreateHash(algorithm ?? HashAlgorithmName.SHA256);
        string[] order = ["ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"];
        foreach (var set in covered.Where(field => field.Name.StartsWith("ARC-", StringComparison.Ordinal)).Select((field, at) => (field, at)).GroupBy(one => one.at / 3).Reverse())
            foreach (var field in set.Select(one => one.field).OrderBy(field => Array.IndexOf(order, field.Name)))
                if (field != covered[0]) Canonical.Header(field, true, hash.AppendData);
        if (TagList.Parse(covered[0].Value, out _) is { } own2) SignedHeader.Own(covered[0], own2.Place("b"), true, hash.AppendData);
        return $"ARC-Seal: {seal}; b={Signature(hash.GetHashAndReset(), algorithm)}\r\n{signed}";
    }

    static string Signature(byte[] digest, HashAlgorithmName? algorithm) => Convert.ToBase64String(Rsa.SignHash(digest, algorithm ?? HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    static async Task<ArcVerdict> Verify(string message, string? zone = null) => await ArcVerifier.Verify(Encoding.Latin1.GetBytes(message),
        ZoneText.Read(zone ?? $"s._domainkey.example.org TXT v=DKIM1; k=rsa; p={Convert.ToBase64String(Rsa.ExportSubjectPublicKeyInfo())}"), Now, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(0, AuthResult.None)]
    [InlineData(1, AuthResult.Pass)]
    [InlineData(2, AuthResult.Pass)]
    [InlineData(3, AuthResult.Pass)]
    [InlineData(50, AuthResult.Pass)]
    public async Task Whole_chain_passes(int sets, AuthResult result)
    {
        var message = Message;
        for (var i = 1; i <= sets; i++) message = Forward(message, i);
        var verdict = await Verify(message);
        Assert.Equal((result, sets), (verdict.Result, verdict.ChainLength));
        Assert.Equal(result, (await Verify(message.Replace("\r\n", "\n", StringComparison.Ordinal))).Result);
    }

    [Fact]
    public async Task Set_that_arrives_twice_whole_is_one_set_but_one_field_of_it_is_not()
    {
        var message = Forward(Message, 1);
        var set = message[..message.IndexOf("From:", StringComparison.Ordinal)];
        var seal = set[..set.IndexOf("ARC-Authentication-Results", StringComparison.Ordinal)];
        Assert.Equal(AuthResult.Pass, (await Verify(set + message)).Result);
        Assert.Equal("set 1 has a field twice", (await Verify(seal + message)).Reason);
        Assert.Equal("two ARC-Seal of instance 1", (await Verify(set.Replace("t=12345; b", "t=12346; b", StringComparison.Ordinal) + message)).Reason);
    }

    [Fact]
    public async Task Set_51_is_one_too_many()
    {
        var message = Message;
        for (var i = 1; i <= 51; i++) message = Forward(message, i);
        Assert.Equal(AuthResult.Fail, (await Verify(message)).Result);
    }

    [Theory]
    [InlineData("Subject: x", "Subject: y", "message signature 2: signature")]
    [InlineData("Hello", "Hallo", "message signature 2: body changed")]
    [InlineData("i=1; mx.example.org; spf=pass", "i=1; mx.example.org; spf=fail", "seal 2: signature")]
    [InlineData("ARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.org; s=s; t=12345", "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.org; s=s; t=12346", "seal 2: signature")]
    [InlineData("ARC-Seal: i=1;", "X-Seal: i=1;", "set 1 is not whole")]
    [InlineData("ARC-Message-Signature: i=1;", "X: i=1;", "set 1 is not whole")]
    [InlineData("ARC-Authentication-Results: i=1;", "X: i=1;", "set 1 is not whole")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=3;", "set 1 is not whole")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=2;", "two ARC-Seal of instance 2")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=0;", "ARC-Seal without an instance")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=;", "ARC-Seal without an instance")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=one;", "ARC-Seal without an instance")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal:", "ARC-Seal without an instance")]
    [InlineData("ARC-Authentication-Results: i=1; ", "ARC-Authentication-Results: ", "ARC-Authentication-Results without an instance")]
    [InlineData("From: a@example.com", "X-Added: 1\r\nFrom: a@example.com", null)]
    [InlineData("ARC-Authentication-Results: i=1; mx", "ARC-Authentication-Results:   i=1;  mx", null)]
    public async Task Change_on_the_way(string from, string to, string? reason)
    {
        var message = Forward(Forward(Message, 1), 2);
        Assert.Contains(from, message, StringComparison.Ordinal);
        var verdict = await Verify(message.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal((reason is null ? AuthResult.Pass : AuthResult.Fail, reason ?? ""), (verdict.Result, verdict.Reason));
    }

    [Theory]
    [InlineData("i=1; a=rsa-sha256; cv=none; d=example.org; s=s", null)]                       // t= is optional
    [InlineData("a=rsa-sha256; cv=none; d=example.org; s=s; t=1; i=1", null)]
    [InlineData("i=1;a=rsa-sha256;cv=none;d=example.org;s=s;t=1;x_unknown=1", null)]
    [InlineData("i = 1 ; a = rsa-sha256 ;\r\n\tcv = none ; d = example.org ; s = s", null)]
    [InlineData("i=1; a=rsa-sha256; cv=pass; d=example.org; s=s", "seal 1 has cv=pass")]
    [InlineData("i=1; a=rsa-sha256; cv=NONE; d=example.org; s=s", "seal 1 has cv=NONE")]
    [InlineData("i=1; a=rsa-sha256; cv=; d=example.org; s=s", "seal 1 has cv=")]
    [InlineData("i=1; a=rsa-sha256; d=example.org; s=s", "seal 1 has cv=")]
    [InlineData("i=1; a=rsa-sha256; cv=fail; d=example.org; s=s", "seal 1 says the chain was broken")]
    [InlineData("i=1; a=rsa-sha256; cv=none; d=example.org; s=s; h=from", "ARC-Seal 1 has h=")]
    [InlineData("i=1; a=rsa-sha256; cv=none; d=example.org; s=s; t=", "seal 1: t= is no number")]
    [InlineData("i=1; a=rsa-sha256; cv=none; d=example.org; s=s; t=now", "seal 1: t= is no number")]
    [InlineData("i=1; a=rsa-sha512; cv=none; d=example.org; s=s", "seal 1: unknown algorithm rsa-sha512")]
    [InlineData("i=1; a=; cv=none; d=example.org; s=s", "seal 1: a= is missing")]
    [InlineData("i=1; A=rsa-sha256; cv=none; d=example.org; s=s", "seal 1: a= is missing")]
    [InlineData("i=1; a=RSA-SHA256; cv=none; d=example.org; s=s", "seal 1: unknown algorithm RSA-SHA256")]
    [InlineData("i=1; a=rsa-sha256; cv=none; s=s", "seal 1: d= is missing")]
    [InlineData("i=1; a=rsa-sha256; cv=none; d=example.org; s=", "seal 1: s= is missing")]
    [InlineData("i=1; a=rsa-sha256; cv=none; d=example.net; s=s", "seal 1: no key at s._domainkey.example.net")]
    [InlineData("i=1; a=rsa-sha256; cv=none; d=example.org; s=s; s=s", "ARC-Seal unreadable: s= twice")]
    [InlineData("i=1;; a=rsa-sha256; cv=none; d=example.org; s=s", "ARC-Seal unreadable: an empty tag")]
    [InlineData("i=1; 2a=rsa-sha256; cv=none; d=example.org; s=s", "ARC-Seal unreadable: a tag name that is none")]
    public async Task Seal_with_these_tags(string seal, string? reason)
    {
        var verdict = await Verify(Forward(Message, 1, seal: seal));
        Assert.Equal((reason is null ? AuthResult.Pass : AuthResult.Fail, reason ?? ""), (verdict.Result, verdict.Reason));
    }

    [Theory]
    [InlineData("i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from:to:subject; bh=BODYHASH", null)]
    [InlineData("i=1; a=rsa-sha256; c=simple/relaxed; d=example.org; s=s; h=From:Subject:x-none; bh=BODYHASH", null)]
    [InlineData("i=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=BODYHASH", null)]            // simple/simple, the same for this body
    [InlineData("i=1; v=1; a=rsa-sha256; c=relaxed; d=example.org; s=s; h=from; bh=BODYHASH", null)]
    [InlineData("i=1; a=rsa-sha256; c=; d=example.org; s=s; h=from; bh=BODYHASH", "message signature 1: unknown canonical form in c=")]
    [InlineData("i=1; a=rsa-sha256; c=nowsp/relaxed; d=example.org; s=s; h=from; bh=BODYHASH", "message signature 1: unknown canonical form in c=")]
    [InlineData("i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from:arc-seal; bh=BODYHASH", "message signature 1: h= names ARC-Seal")]
    [InlineData("i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=; bh=BODYHASH", "message signature 1: h= is missing")]
    [InlineData("i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=to; bh=BODYHASH", "message signature 1: From is not signed")]
    [InlineData("i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from", "message signature 1: bh= is missing")]
    [InlineData("i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from; bh=", "message signature 1: bh= is missing")]
    [InlineData("i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from; bh=!!", "message signature 1: bh= is no hash")]
    [InlineData("i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from; bh=AAAA", "message signature 1: bh= is no hash")]
    [InlineData("i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from; bh=BODYHASH; t=x", "message signature 1: t= is no number")]
    [InlineData("i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from; bh=BODYHASH; x=1", "message signature 1: expired")]
    [InlineData("a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from; bh=BODYHASH", "ARC-Message-Signature without an instance")]
    public async Task Message_signature_with_these_tags(string signature, string? reason)
    {
        var verdict = await Verify(Forward(Message, 1, signature: signature));
        Assert.Equal((reason is null ? AuthResult.Pass : AuthResult.Fail, reason ?? ""), (verdict.Result, verdict.Reason));
    }

    [Fact]
    public async Task Sha1_is_no_chain() => Assert.Equal(AuthResult.Fail, (await Verify(Forward(Message, 1, seal: "i=1; a=rsa-sha1; cv=none; d=example.org; s=s", algorithm: HashAlgorithmName.SHA1))).Result);

    [Theory]
    [InlineData("i=1; a.example; none", null)]
    [InlineData(" i = 1 ; a.example", null)]
    [InlineData("(one; two) i=1 (x); a.example", null)]
    [InlineData("i=1", "ARC-Authentication-Results without an instance")]
    [InlineData("i=x; a.example", "ARC-Authentication-Results without an instance")]
    [InlineData("a.example; i=1", "ARC-Authentication-Results without an instance")]
    public async Task Results_begin_with_their_instance(string results, string? reason)
    {
        var verdict = await Verify(Forward(Message, 1, results: results));
        Assert.Equal((reason is null ? AuthResult.Pass : AuthResult.Fail, reason ?? ""), (verdict.Result, verdict.Reason));
    }

    [Theory]
    [InlineData("s._domainkey.example.org TXT v=DKIM1; p=", "message signature 1: key revoked")]
    [InlineData("s._domainkey.example.org TXT v=DKIM1; k=foo; p=AAAA", "message signature 1: key of another kind")]
    [InlineData("s._domainkey.example.org TXT v=DKIM2; p=AAAA", "message signature 1: key record of another version")]
    [InlineData("s._domainkey.example.org TXT TIMEOUT", "message signature 1: no answer from DNS for s._domainkey.example.org")]
    [InlineData("", "message signature 1: no key at s._domainkey.example.org")]
    public async Task Key_that_fails_breaks_the_chain(string zone, string reason) =>
        Assert.Equal((AuthResult.Fail, reason), await Verify(Forward(Message, 1), zone) is var verdict ? (verdict.Result, verdict.Reason) : default);
}
