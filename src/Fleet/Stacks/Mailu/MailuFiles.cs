using System.Globalization;
using System.Text;

namespace PenguinMails.Fleet.Stacks.Mailu;

/// <summary>What Mailu takes only from its operator: DKIM keys through <c>flask mailu config-import --update</c>, and settings of its environment.</summary>
/// <remarks>Every value is a YAML string in double quotes (YAML 1.2, 7.3.1), so that none is read as anything else.</remarks>
static class MailuFiles
{
    /// <summary>A file for <c>config-import --update</c>. Holds private keys.</summary>
    public static string Import(IReadOnlyList<StackDomain> domains)
    {
        var text = new StringBuilder("# Adds the DKIM keys of these domains to Mailu and changes nothing else. It holds private keys: delete it afterwards.\n")
            .Append("# docker exec -i $(docker compose ps -q admin) flask mailu config-import -u -n -v < mail-config.yml\n")
            .Append("# Look at what it would do, then run it again without -n.\n");
        foreach (var line in Notes(domains)) text.Append("# ").Append(line).Append('\n');
        text.Append("domain:\n");
        foreach (var domain in Signed(domains))
            text.Append("  - name: ").Append(Quoted(domain.Name)).Append("\n    dkim_key: ").Append(Quoted(StackPlanFault.CanonicalKey(domain.Keys[0].PrivateKeyPem) ?? "")).Append('\n');
        return text.ToString();
    }

    /// <summary>Lines for <c>mailu.env</c>. No secret.</summary>
    /// <param name="hourlyLimit">The largest any mailbox needs; null when there is no mailbox.</param>
    public static string Environment(IReadOnlyList<StackDomain> domains, int? hourlyLimit)
    {
        var text = new StringBuilder("# Lines for mailu.env; restart Mailu afterwards.\n");
        if (Selector(domains) is { } selector) text.Append("DKIM_SELECTOR=").Append(selector).Append('\n');
        if (hourlyLimit is { } limit) text.Append("MESSAGE_RATELIMIT=").Append(limit.ToString(CultureInfo.InvariantCulture)).Append("/hour\n");
        return text.ToString();
    }

    static IEnumerable<StackDomain> Signed(IReadOnlyList<StackDomain> domains) => domains.Where(domain => domain.Keys.Count > 0);

    // Mailu has one selector for all domains.
    static string? Selector(IReadOnlyList<StackDomain> domains) => Signed(domains).Select(domain => domain.Keys[0].Selector).Distinct().ToList() is [var only] ? only : null;

    static IEnumerable<string> Notes(IReadOnlyList<StackDomain> domains)
    {
        if (!Signed(domains).Any()) yield return "No domain has a key.";
        else if (Selector(domains) is null) yield return "Mailu signs for all domains under one selector, and these have several: only those whose selector is its DKIM_SELECTOR will pass.";
        else yield return $"Mailu must sign under the selector {Selector(domains)}: DKIM_SELECTOR in mailu.env.";
    }

    /// <summary>A double-quoted YAML scalar on one line that is read back as exactly this text.</summary>
    public static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
        {
            quoted.Append(letter switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                >= ' ' and <= '~' => letter.ToString(),
                _ => "\\u" + ((int)letter).ToString("X4", CultureInfo.InvariantCulture),
            });
        }

        return quoted.Append('"').ToString();
    }
}
