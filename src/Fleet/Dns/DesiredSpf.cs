using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>The SPF record of a domain with us in it: merged into what stands there, within the look-ups receivers allow.</summary>
/// <param name="Record">Null when what stands there cannot be read, or cannot be made to fit, so that nothing is proposed.</param>
/// <param name="Parts">Records that hold flattened addresses, by their names.</param>
sealed record DesiredSpf(string? Record, IReadOnlyList<(string Name, string Record)> Parts, string Note, IReadOnlyList<ZoneFinding> Findings)
{
    /// <summary>One is kept for the return path, whose record refers to this one (RFC 7208 4.6.4 allows 10).</summary>
    public const int LookupsMax = SpfChecker.LookupsMax - 1;

    /// <summary>Pieces of a flattened record: each costs a look-up, and so does our own include.</summary>
    public const int PartsMax = LookupsMax - 1;

    const int RecordLengthMax = 450; // RFC 7208 3.4: an answer of at most 512 octets, other TXT records of the name not counted.

    /// <param name="ours">Terms that must be in it.</param>
    public static async ValueTask<DesiredSpf> Of(string name, IReadOnlyList<string> ours, IReadOnlyList<string> found, IDnsLookup dns, CancellationToken ct)
    {
        var findings = new List<ZoneFinding>();
        var merged = Merge(name, ours, found, findings);
        var cost = await SpfBudget.Count(name, merged, dns, ct);
        if (cost.Terms.Count == 0)
            return new(null, [], "", [.. findings, new("spf.broken", name, $"The SPF record cannot be read: {cost.Fault}. Receivers treat it as an error.", "Correct or remove the record by hand, then plan again; what it meant cannot be guessed.", true)]);
        if (cost.Fault is { } fault)
            findings.Add(new("spf.part_broken", name, $"A part of the SPF record does not work: {fault}. Receivers stop there with an error.",
                ours.Any(term => term.StartsWith("include:", StringComparison.Ordinal) && fault.StartsWith(term["include:".Length..] + " ", StringComparison.OrdinalIgnoreCase)) ? "That record belongs to this installation, not to your domain: whoever runs it publishes it there." : "Take that term out, or tell whoever runs that domain.", false));
        if (cost.IsUnsure)
            findings.Add(new("spf.unsure", name, "DNS did not answer for a part of the SPF record, so its look-ups may be more than were counted.", "Plan again in some minutes.", false));
        if (cost.Lookups <= LookupsMax && merged.Length <= RecordLengthMax) return new(merged, [], Said(found.Count, merged, found), findings);
        return Flattened(name, ours, merged, cost, findings);
    }

    static string Said(int count, string merged, IReadOnlyList<string> found) =>
        count == 0 || found[0].Equals(merged, StringComparison.OrdinalIgnoreCase) ? "" : count == 1 ? "Our terms were put into the record that stands there; all of its own stay." : $"{count} records were merged into one.";

    /// <summary>Every term of every record once, in order; the strictest ending wins, but nothing lets everybody send.</summary>
    static string Merge(string name, IReadOnlyList<string> ours, IReadOnlyList<string> found, List<ZoneFinding> findings)
    {
        if (found.Count > 1)
            findings.Add(new("spf.several", name, $"{name} has {found.Count} SPF records, which makes all of them void (RFC 7208 4.5).", "The plan merges them into one with every term of all.", false));
        var terms = found.SelectMany(record => record.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (terms.Exists(term => term.Equals("all", StringComparison.OrdinalIgnoreCase) || term.Equals("+all", StringComparison.OrdinalIgnoreCase)))
            findings.Add(new("spf.open", name, "The record ends in +all, which lets anyone send as this domain.", "The plan ends it in ~all.", false));
        var endings = terms.Where(IsAll).ToList();
        var redirects = terms.Where(term => term.StartsWith("redirect=", StringComparison.OrdinalIgnoreCase)).ToList();
        var rest = terms.Where(term => !IsAll(term) && !redirects.Contains(term)).ToList();
        // Before the modifiers, of which exp= may stand anywhere.
        var at = rest.FindIndex(term => term.StartsWith("exp=", StringComparison.OrdinalIgnoreCase));
        rest.InsertRange(at < 0 ? rest.Count : at, ours.Where(mine => !rest.Exists(term => term.TrimStart('+').Equals(mine, StringComparison.OrdinalIgnoreCase))).ToList());

        // RFC 7208 6.1: a redirect beside an all is never followed.
        string[] tail = endings.Count > 0 ? [endings.Contains("-all") ? "-all" : endings.Contains("?all") && !endings.Contains("~all") ? "?all" : "~all"]
            : redirects.Count == 1 ? [redirects[0]] : [.. redirects.Select(term => "include:" + term["redirect=".Length..]), "~all"];
        return string.Join(' ', ["v=spf1", .. rest, .. tail]);
    }

    static bool IsAll(string term) => term.TrimStart('+', '-', '~', '?').Equals("all", StringComparison.OrdinalIgnoreCase);

    /// <summary>The dearest terms become their addresses until the rest fits; ours never does, and what depends on the sender cannot.</summary>
    static DesiredSpf Flattened(string name, IReadOnlyList<string> ours, string merged, SpfCost cost, List<ZoneFinding> findings)
    {
        var flat = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var networks = new List<string>();
        var lookups = cost.Lookups;
        foreach (var term in cost.Terms.Where(term => term is { Lookups: > 0, Networks: not null } && !ours.Contains(term.Text.TrimStart('+'))).OrderByDescending(term => term.Lookups))
        {
            if (lookups + Chunks(networks).Count <= LookupsMax) break;
            flat.Add(term.Text);
            networks.AddRange((term.Networks ?? []).Except(networks));
            lookups -= term.Lookups;
        }

        // A record too long for one answer gives its own addresses away as well.
        var bare = cost.Terms.Where(term => term is { Lookups: 0, Networks: not null }).ToList();
        if (merged.Length > RecordLengthMax)
        {
            flat.UnionWith(bare.Select(term => term.Text));
            networks.AddRange(bare.SelectMany(term => term.Networks ?? []).Except(networks));
        }

        var parts = Chunks(networks).Select((chunk, i) => ($"_pmspf{i + 1}.{name}", $"v=spf1 {string.Join(' ', chunk)} -all")).ToList();
        var words = merged.Split(' ');
        var kept = words.Where(word => !flat.Contains(word)).ToList();
        kept.InsertRange(Math.Max(1, kept.FindIndex(word => IsAll(word) || word.StartsWith("redirect=", StringComparison.OrdinalIgnoreCase))), parts.Select(part => "include:" + part.Item1));
        var sum = lookups + parts.Count;
        findings.Add(new("spf.too_many_lookups", name,
            $"With us in it the SPF record costs {cost.Lookups} look-ups; receivers stop after {SpfChecker.LookupsMax} with an error (RFC 7208 4.6.4){(flat.Count > 0 ? $". These are written as addresses: {string.Join(", ", flat.Take(8))}" : "")}.",
            sum > SpfChecker.LookupsMax || parts.Count > PartsMax ? "Take terms out that are no longer needed: services that were given up are the usual ones." : "Addresses change without notice. Take out services that were given up, and put the includes of the others back when there is room.", sum > SpfChecker.LookupsMax || parts.Count > PartsMax));
        if (sum > SpfChecker.LookupsMax || parts.Count > PartsMax) return new(null, [], "", findings);
        return new(string.Join(' ', kept), parts, flat.Count > 0 ? $"{flat.Count} terms were flattened into {networks.Count} addresses, so that {sum} look-ups remain." : "", findings);
    }

    static List<List<string>> Chunks(IReadOnlyList<string> networks)
    {
        var chunks = new List<List<string>>();
        var length = RecordLengthMax;
        foreach (var network in networks)
        {
            if (length + network.Length + 1 > RecordLengthMax)
            {
                chunks.Add([]);
                length = "v=spf1 -all".Length;
            }

            chunks[^1].Add(network);
            length += network.Length + 1;
        }

        return chunks;
    }
}
