using System.Globalization;

namespace PenguinMails.Mail.Auth;

/// <summary>The list of publicsuffix.org, for organizational domains as RFC 7489 3.2 found them. Nothing of it is built in: the caller gives the file, and so knows its date.</summary>
public sealed class PublicSuffixList
{
    static readonly IdnMapping Idn = new();

    readonly HashSet<string> rules = new(StringComparer.Ordinal);

    /// <param name="text">The file as published: a rule a line, * for any label, ! for an exception, // for comments. Lines that are no rule are left out.</param>
    public static PublicSuffixList Parse(string text)
    {
        var list = new PublicSuffixList();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var rule = line.Trim();
            if (rule.IsEmpty || rule.StartsWith("//")) continue;
            var end = rule.IndexOfAny(' ', '\t');
            list.rules.Add(Ascii((end < 0 ? rule : rule[..end]).ToString()));
        }
        return list;
    }

    /// <summary>The suffix and one label more; the domain itself when it is a suffix.</summary>
    /// <param name="domain">Lower case, A-labels, no final dot.</param>
    public string Organization(string domain)
    {
        var labels = domain.Split('.');
        for (var i = 0; i < labels.Length; i++)
        {
            var name = string.Join('.', labels[i..]);
            var above = string.Join('.', labels[(i + 1)..]);
            if (rules.Contains("!" + name)) return name;
            // The first from the left is the longest. A suffix that no rule names is one label: the rule * of the list's own algorithm.
            if (rules.Contains(name) || rules.Contains("*." + above) || i == labels.Length - 1) return i == 0 ? domain : string.Join('.', labels[(i - 1)..]);
        }
        return domain;
    }

    static string Ascii(string rule)
    {
        if (System.Text.Ascii.IsValid(rule)) return rule.ToLowerInvariant();
        try { return string.Join('.', rule.Split('.').Select(label => label is "*" ? label : label.StartsWith('!') ? "!" + Idn.GetAscii(label[1..]) : Idn.GetAscii(label))).ToLowerInvariant(); }
        catch (ArgumentException) { return ""; }
    }
}
