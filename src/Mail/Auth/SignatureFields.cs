using System.Globalization;

namespace PenguinMails.Mail.Auth;

/// <summary>Which arithmetic a signature uses; every other name is unknown.</summary>
enum SignatureAlgorithm
{
    RsaSha256,

    /// <summary>Readable but never good (RFC 8301 3.1).</summary>
    RsaSha1,
    Ed25519Sha256,
}

/// <summary>Which of the three fields carries the signature.</summary>
enum SignatureKind
{
    Dkim,
    ArcMessage,
    ArcSeal,
}

/// <summary>What a DKIM-Signature, an ARC-Message-Signature or an ARC-Seal says of itself, read by the rules of RFC 6376 3.5 and RFC 8617 4.1.</summary>
/// <param name="Names">h=, in order; empty for a seal.</param>
/// <param name="Length">l=, null when absent.</param>
/// <param name="Identity">i= of DKIM; empty when absent.</param>
sealed record SignatureFields(
    TagList Tags, SignatureAlgorithm Algorithm, string Domain, string Selector, byte[] Value, byte[] BodyHash, bool IsHeaderRelaxed, bool IsBodyRelaxed,
    string[] Names, long? Length, long? SignedAt, long? ExpiresAt, string Identity)
{
    const int NamesMax = 1000;
    const int NumberDigitsMax = 12; // RFC 6376 3.5, t= and x=.

    /// <returns>Null with the reason when a verifier must not go on (RFC 6376 6.1.1).</returns>
    public static SignatureFields? Read(TagList tags, SignatureKind kind, out string fault)
    {
        fault = Missing(tags, kind) ?? Unknown(tags, kind) ?? "";
        if (fault.Length > 0) return null;
        var (domain, selector) = (tags.Of("d").ToLowerInvariant(), tags.Of("s"));
        var algorithm = Named(tags.Of("a"));
        var names = kind == SignatureKind.ArcSeal ? [] : tags.Compact("h").Split(':');
        if (Fault(tags, kind, algorithm, domain, selector, names) is { } wrong)
        {
            fault = wrong;
            return null;
        }
        var forms = (tags.Has("c") ? tags.Of("c") : "simple/simple").Split('/');
        var isSeal = kind == SignatureKind.ArcSeal;
        return new SignatureFields(tags, algorithm ?? default, domain, selector, tags.Octets("b") ?? [], tags.Octets("bh") ?? [],
            isSeal || forms[0] == "relaxed", forms.Length > 1 && forms[1] == "relaxed", names, isSeal ? null : Number(tags, "l", 76), Number(tags, "t", NumberDigitsMax),
            isSeal ? null : Number(tags, "x", NumberDigitsMax), kind == SignatureKind.Dkim ? tags.Of("i") : "");
    }

    static string? Missing(TagList tags, SignatureKind kind)
    {
        string[] names = kind switch { SignatureKind.Dkim => ["v", "a", "b", "bh", "d", "h", "s"], SignatureKind.ArcMessage => ["a", "b", "bh", "d", "h", "s"], SignatureKind.ArcSeal => ["a", "b", "d", "s"] };
        return Array.Find(names, name => tags.Of(name).Length == 0) is { } missing ? $"{missing}= is missing" : null;
    }

    static string? Unknown(TagList tags, SignatureKind kind)
    {
        if (kind == SignatureKind.Dkim && tags.Of("v") != "1") return "v= is not 1";
        return Named(tags.Of("a")) is null ? $"unknown algorithm {SpfRecord.Shown(tags.Of("a"))}" : null;
    }

    static string? Fault(TagList tags, SignatureKind kind, SignatureAlgorithm? algorithm, string domain, string selector, string[] names)
    {
        if (!IsName(domain)) return "d= is no domain name";
        if (!IsName(selector)) return "s= is no selector";
        if (tags.Octets("b") is null) return "b= is no base64";
        if (tags.Has("t") && Number(tags, "t", NumberDigitsMax) is null) return "t= is no number";
        return kind == SignatureKind.ArcSeal ? null : MessageFault(tags, kind, algorithm, domain, names);
    }

    static string? MessageFault(TagList tags, SignatureKind kind, SignatureAlgorithm? algorithm, string domain, string[] names)
    {
        if (tags.Octets("bh") is not { } hash || hash.Length != (algorithm == SignatureAlgorithm.RsaSha1 ? 20 : 32)) return "bh= is no hash";
        if (tags.Has("c") && tags.Of("c") is not ("simple" or "relaxed" or "simple/simple" or "simple/relaxed" or "relaxed/simple" or "relaxed/relaxed")) return "unknown canonical form in c=";
        if (names.Length > NamesMax || Array.Exists(names, name => name.Length == 0 || name.AsSpan().ContainsAnyExceptInRange('!', '~'))) return "h= is no list of names";
        if (!Array.Exists(names, name => name.Equals("From", StringComparison.OrdinalIgnoreCase))) return "From is not signed"; // RFC 6376 5.4.
        if (tags.Has("l") && Number(tags, "l", 76) is null) return "l= is no number";
        if (tags.Has("q") && !tags.Compact("q").Split(':').Any(method => method is "dns/txt" or "dns")) return "unknown query method in q=";
        if (tags.Has("x"))
        {
            if (Number(tags, "x", NumberDigitsMax) is not { } expires) return "x= is no number";
            if (Number(tags, "t", NumberDigitsMax) is { } signed && expires <= signed) return "x= is not after t=";
        }
        return kind == SignatureKind.Dkim && tags.Has("i") ? IdentityFault(tags.Of("i"), domain) : null;
    }

    // RFC 6376 3.5: the domain of i= is that of d= or below it.
    static string? IdentityFault(string identity, string domain)
    {
        var at = identity.LastIndexOf('@');
        var own = at < 0 ? "" : identity[(at + 1)..].ToLowerInvariant();
        return own == domain || own.EndsWith("." + domain, StringComparison.Ordinal) ? null : "i= is not within d=";
    }

    static SignatureAlgorithm? Named(string word) => word switch
    {
        "rsa-sha256" => SignatureAlgorithm.RsaSha256,
        "rsa-sha1" => SignatureAlgorithm.RsaSha1,
        "ed25519-sha256" => SignatureAlgorithm.Ed25519Sha256,
        _ => null,
    };

    static bool IsName(string name) =>
        name.Length is > 0 and <= 253 && name.Split('.').All(label => label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' || c > '\x7f'));

    static long? Number(TagList tags, string name, int digitsMax)
    {
        var text = tags.Of(name);
        if (text.Length == 0 || text.Length > digitsMax || !text.All(char.IsAsciiDigit)) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
    }
}
