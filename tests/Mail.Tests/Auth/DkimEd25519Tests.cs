using System.Security.Cryptography;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Auth;

namespace PenguinMails.Mail.Tests.Auth;

/// <summary>The message printed in RFC 8463 A, and keys made here.</summary>
public sealed class DkimEd25519Tests
{
    static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_795_230_000);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    const string Football = """
        DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=brisbane; t=1528637909; h=from : to :
         subject : date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
         Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
        DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=test; t=1528637909; h=from : to : subject :
         date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
         DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
         dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
        From: Joe SixPack <joe@football.example.com>
        To: Suzie Q <suzie@shopping.example.net>
        Subject: Is dinner ready?
        Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
        Message-ID: <20030712040037.46341.5F8J@football.example.com>

        Hi.

        We lost the game.  Are you hungry yet?

        Joe.

        """;

    const string FootballKeys = """
        brisbane._domainkey.football.example.com TXT v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
        test._domainkey.football.example.com TXT v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB
        """;

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task Both_signatures_of_the_rfc_pass_whatever_line_ends_the_file_has(string lineEnd)
    {
        var text = Football.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", lineEnd, StringComparison.Ordinal);
        var verdicts = await DkimVerifier.Verify(Encoding.ASCII.GetBytes(text), ZoneText.Read(FootballKeys), Now, Ct);
        Assert.Equal([("ed25519-sha256", AuthResult.Pass), ("rsa-sha256", AuthResult.Pass)], verdicts.Select(verdict => (verdict.Algorithm, verdict.Result)));
    }

    [Fact]
    public async Task Ed25519_key_signs_what_it_verifies()
    {
        using var key = DkimKey.CreateEd25519(DomainName.Parse("example.com"), "e1", RandomNumberGenerator.Fill);
        using var same = DkimKey.FromPem(key.Domain, "e1", key.ExportPem());
        var signed = same.Sign("From: a@example.com\r\nSubject: x\r\n\r\nHello\r\n"u8.ToArray(), Now);
        var verdict = Assert.Single(await DkimVerifier.Verify(signed, ZoneText.Read($"{key.RecordName} TXT {key.Record}"), Now, Ct));
        Assert.Equal(AuthResult.Pass, verdict.Result);
    }
}
