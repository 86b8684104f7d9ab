namespace PenguinMails.Mail.Auth;

/// <summary>The words of RFC 8601 2.7, one list for SPF, DKIM, DMARC and ARC; each method uses some of them.</summary>
public enum AuthResult
{
    /// <summary>Nothing to check: no signature, no record, no chain.</summary>
    None,
    Pass,
    Fail,

    /// <summary>SPF only: probably not allowed (RFC 7208 2.6.5).</summary>
    Softfail,

    /// <summary>The domain says nothing (SPF), or the signature cannot be processed as it stands (DKIM, RFC 8601 2.7.1).</summary>
    Neutral,

    /// <summary>DKIM only: right by arithmetic, refused by rule, as rsa-sha1 is (RFC 8301 3.1).</summary>
    Policy,

    /// <summary>DNS gave no answer: another try may end differently.</summary>
    Temperror,

    /// <summary>What was published or signed cannot be understood, and will not be later.</summary>
    Permerror,
}

/// <summary>How results are written.</summary>
public static class AuthResultWords
{
    /// <summary>The word of RFC 8601 2.7, lower case.</summary>
    public static string Word(this AuthResult result) => result switch
    {
        AuthResult.None => "none",
        AuthResult.Pass => "pass",
        AuthResult.Fail => "fail",
        AuthResult.Softfail => "softfail",
        AuthResult.Neutral => "neutral",
        AuthResult.Policy => "policy",
        AuthResult.Temperror => "temperror",
        AuthResult.Permerror => "permerror",
    };
}
