namespace PenguinMails.Mail.Auth;

/// <summary>What a domain asks receivers to do with mail that fails (RFC 9989 4.7, p=).</summary>
public enum DmarcPolicy
{
    None,
    Quarantine,
    Reject,
}

/// <summary>What psd= says of a domain (RFC 9989 4.7).</summary>
public enum DmarcSuffix
{
    /// <summary>Not said, or u.</summary>
    Unknown,

    /// <summary>n: an organization's own domain.</summary>
    No,

    /// <summary>y: a suffix below which others register.</summary>
    Yes,
}

/// <summary>A DMARC record (RFC 9989 4.7): unknown tags ignored, what is broken replaced by its default.</summary>
/// <param name="Policy">p=; null when absent.</param>
/// <param name="SubdomainPolicy">sp=; null when absent.</param>
/// <param name="MissingPolicy">np=, for names that do not exist; null when absent.</param>
/// <param name="HasBrokenPolicy">One of these three is there with a word that is no policy.</param>
/// <param name="HasReportAddress">rua= holds at least one URI that can be read.</param>
/// <param name="IsTest">t=y: the policy is one level lower for now.</param>
public sealed record DmarcRecord(
    DmarcPolicy? Policy, DmarcPolicy? SubdomainPolicy, DmarcPolicy? MissingPolicy, bool HasBrokenPolicy, bool IsDkimStrict, bool IsSpfStrict,
    DmarcSuffix Suffix, bool IsTest, bool HasReportAddress)
{
    /// <returns>Null for any text that is no DMARC record: the version stands first, in capitals.</returns>
    public static DmarcRecord? Parse(string text)
    {
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in text.Split(';'))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 && tags.Count == 0) return null;
            if (equals < 0) continue;
            var (name, value) = (pair[..equals].Trim(' ', '\t'), pair[(equals + 1)..].Trim(' ', '\t'));
            // RFC 9989 4.7: precisely this value, and first in the list.
            if (tags.Count == 0 && (!name.Equals("v", StringComparison.OrdinalIgnoreCase) || value != "DMARC1")) return null;
            tags.TryAdd(name, value);
        }
        var isBroken = false;
        DmarcPolicy? Policy(string name)
        {
            if (!tags.TryGetValue(name, out var word)) return null;
            var policy = Named(word);
            isBroken |= policy is null;
            return policy;
        }
        bool Is(string name, string word) => tags.TryGetValue(name, out var value) && value.Equals(word, StringComparison.OrdinalIgnoreCase);
        var (p, sp, np) = (Policy("p"), Policy("sp"), Policy("np"));
        return new DmarcRecord(p, sp, np, isBroken, Is("adkim", "s"), Is("aspf", "s"), Is("psd", "y") ? DmarcSuffix.Yes : Is("psd", "n") ? DmarcSuffix.No : DmarcSuffix.Unknown,
            Is("t", "y"), tags.TryGetValue("rua", out var addresses) && addresses.Split(',').Any(IsAddress));
    }

    static DmarcPolicy? Named(string word) => word.ToLowerInvariant() switch
    {
        "none" => DmarcPolicy.None,
        "quarantine" => DmarcPolicy.Quarantine,
        "reject" => DmarcPolicy.Reject,
        _ => null,
    };

    // RFC 9989 4.7: a size after an exclamation mark is old and ignored.
    static bool IsAddress(string text)
    {
        var mark = text.IndexOf('!', StringComparison.Ordinal);
        var bare = (mark < 0 ? text : text[..mark]).Trim();
        return Uri.TryCreate(bare, UriKind.Absolute, out var uri) && (uri.Scheme != Uri.UriSchemeMailto || bare.Contains('@', StringComparison.Ordinal));
    }
}
