using PenguinMails.Mail.Auth;

namespace PenguinMails.Mail.Tests.Auth;

/// <summary>Messages signed and sealed by another program, dkimpy 1.1.4, with a key made for them and thrown away.</summary>
public sealed class PeerSignatureTests
{
    const string Key = "s._domainkey.example.org TXT v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA70tguwUXCGWmVNWSCzeFGI3pPsxMR0QwxQ/5gAAc8qu9/ooK6WxmXlg7sb1CI8G/Hg3iNWzaPg6tlCfbkuJXQ+hkf0cGHG2LCamEbcvxr2zoAFiYkvMW8XshQeYqgPI1Vs5wOUsCwgJpNcdz+f+GRMs8HKPgcxXjzMPTR/7A7WoM+EWMsE6LBbOpdx/NBYD83v3w7sOEAHVDxy/d1ij8Gi9YzFeIg8a/p4tediI4Gi40Id7eQNAxrN9dZQgiGf3UOBfMJfmEtjoTLaxR8CMmvx2cbYuw7yfqb3KT1RljJIReEg4uF/3p1A3nOFYhLZbOejk1cUa+TdzCMVzuxK2bPwIDAQAB";

    static async Task<AuthenticationVerdicts> Judge(string sample) => await AuthenticationCheck.Run(
        await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Samples", sample), TestContext.Current.CancellationToken), null, ZoneText.Read(Key), null,
        DateTimeOffset.FromUnixTimeSeconds(1_795_230_000), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Chain_of_three_sets_passes() => Assert.Equal(new ArcVerdict(AuthResult.Pass, 3, ""), (await Judge("arc-three-sets.eml")).Arc);

    [Fact]
    public async Task Simple_form_with_a_length_passes() => Assert.Equal((AuthResult.Pass, ""), Assert.Single((await Judge("dkim-simple-with-length.eml")).Dkim) is var verdict ? (verdict.Result, verdict.Reason) : default);
}
