namespace PenguinMails.Fleet.Dns;

/// <summary>The record that names a domain's logo, once the domain has earned it: receivers show one only where DMARC keeps forgers out.</summary>
/// <param name="Finding">What is still missing.</param>
sealed record DesiredBimi(DesiredRecord? Record, ZoneFinding? Finding)
{
    static readonly string[] Strict = ["quarantine", "reject"];

    public static string NameOf(string domain) => $"default._bimi.{domain}";

    /// <param name="above">DMARC record of the organization's own domain; null when there is none or the domain is that one.</param>
    public static DesiredBimi Of(string domain, DnsSetup setup, ZoneView view, DmarcAbove? above)
    {
        if (setup.BimiLogo.Length == 0) return new(null, null);
        var name = NameOf(domain);
        if (Missing(domain, [.. view.Texts($"_dmarc.{domain}", "v=DMARC1")], above) is { } missing)
            return new(null, new ZoneFinding("bimi.not_earned", name, $"The logo is not published yet: {missing}", "Make the DMARC policy stricter once reports show that all of your own mail passes, write it to DNS, then plan again.", false));
        var text = $"v=BIMI1; l={setup.BimiLogo}; a={setup.BimiEvidence}";
        var note = setup.BimiEvidence.Length > 0 ? "" : "Without a certificate (VMC or CMC) Gmail and Apple Mail show no logo; Yahoo and Fastmail do.";
        return new(DesiredRecords.Text(view, "bimi", name, "v=BIMI1", [text], "Names the logo that mail programs show beside your messages.", false, note), null);
    }

    /// <summary>What keeps the DMARC policy that stands in DNS from being one that BIMI counts; null when nothing does. What a plan is about to write does not stand yet.</summary>
    internal static string? Missing(string domain, IReadOnlyList<string> found, DmarcAbove? above)
    {
        if (found.Count > 1) return $"_dmarc.{domain} has {found.Count} DMARC records, which makes all of them void.";
        if (found.Count == 0 && above is null) return $"_dmarc.{domain} has no DMARC record. BIMI asks for p=quarantine or p=reject.";
        return (found.Count == 0 ? null : Weak($"the DMARC record of {domain}", found[0])) ?? (above is null ? null : Weak("the DMARC record of the domain above", above.Text));
    }

    static string? Weak(string whose, string record)
    {
        var tags = record.Split(';').Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2)
            .DistinctBy(pair => pair[0].Trim().ToLowerInvariant()).ToDictionary(pair => pair[0].Trim().ToLowerInvariant(), pair => pair[1].Trim().ToLowerInvariant());
        var policy = tags.GetValueOrDefault("p", "none");
        if (!Strict.Contains(policy)) return $"{whose} has p={policy}. BIMI asks for quarantine or reject.";
        if (tags.GetValueOrDefault("pct", "100") is not "100" and var share) return $"{whose} has pct={share}. BIMI asks for the policy to hold for all mail: pct=100, or no pct.";
        if (tags.GetValueOrDefault("sp") is { } below && !Strict.Contains(below)) return $"{whose} has sp={below}. BIMI asks for quarantine or reject for sub-domains too.";
        return tags.GetValueOrDefault("t") == "y" ? $"{whose} has t=y, so the policy is only tested." : null; // RFC 9989 4.7.
    }
}
