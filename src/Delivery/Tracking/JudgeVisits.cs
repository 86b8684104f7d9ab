using PenguinMails.Core;

namespace PenguinMails.Delivery.Tracking;

/// <summary>open: the pixel. click: a tracked link. trap: a link no person can see.</summary>
public enum VisitKind { Open, Click, Trap }

/// <summary>Something asked for a tracked link, the pixel or the trap of one message.</summary>
/// <param name="Number">Of the link; 0 for the others.</param>
/// <param name="IsHead">Asked with HEAD.</param>
/// <param name="Agent">Its User-Agent, at most 300 characters.</param>
public sealed record Visit(Guid Id, DateTimeOffset At, VisitKind Kind, int Number, bool IsHead, string Agent);

/// <summary>Whether a person came or a machine: pure rules over all visits of one message.</summary>
/// <remarks>Wrong in both directions at times, so nothing but words and counts rests on it: no message is sent or withheld for a visit.</remarks>
public static class JudgeVisits
{
    /// <summary>How near in time visits belong together.</summary>
    public static readonly TimeSpan Together = TimeSpan.FromSeconds(10);

    /// <summary>How near the trap taints: a scanner works through a message within this.</summary>
    public static readonly TimeSpan NearTrap = TimeSpan.FromSeconds(60);

    /// <summary>As many different links at once no person follows.</summary>
    public const int LinksAtOnce = 3;

    /// <param name="sentAt">When the receiving server took the message, or was last offered it if its answer is not known; null when it was offered to none, so nobody can have read it.</param>
    /// <param name="links">Different tracked links the message has.</param>
    /// <param name="all">Every visit of the message so far, <paramref name="visit"/> among them.</param>
    /// <param name="soon">What comes sooner after delivery than this comes from the receiving server; zero: the rule is off.</param>
    /// <returns>Code of what gave a machine away; empty for a person.</returns>
    public static string Machine(Visit visit, DateTimeOffset? sentAt, int links, IReadOnlyCollection<Visit> all, TimeSpan soon)
    {
        if (visit.Kind == VisitKind.Trap || all.Any(other => other.Kind == VisitKind.Trap && Near(other, visit, NearTrap))) return "trap";
        if (visit.IsHead || all.Any(other => other.IsHead && other.Agent == visit.Agent && Near(other, visit, NearTrap))) return "head";
        if (KnownVisitor.Of(visit) is not null) return "agent";
        if (soon > TimeSpan.Zero && (sentAt is not { } sent || visit.At < sent + soon)) return "too_soon";
        if (visit.Kind != VisitKind.Click) return "";
        var atOnce = all.Where(other => other.Kind == VisitKind.Click && Near(other, visit, Together)).Select(other => other.Number).Distinct().Count();
        return atOnce >= LinksAtOnce || (links > 1 && atOnce == links) ? "all_links" : "";
    }

    static bool Near(Visit one, Visit other, TimeSpan within) => (one.At - other.At).Duration() <= within;
}

/// <summary>One line of <c>visitors.json</c>: programs that say who they are.</summary>
/// <param name="Phrase">Found anywhere in the User-Agent in lower case; after <c>=</c> it is the whole of it.</param>
/// <param name="Visits">all, or opens: the same name is a person's where links are followed.</param>
public sealed record KnownVisitor(string Phrase, string Visits, string Meaning, string Source, DateOnly AsOf)
{
    public static readonly IReadOnlyList<KnownVisitor> All = EmbeddedJson.Read<KnownVisitor[]>("visitors.json");

    static readonly KnownVisitor Nameless = new("=", "all", "a program that gives no name", "RFC 9110 10.1.5", new DateOnly(2026, 11, 26));

    /// <summary>Null for what may be a person.</summary>
    public static KnownVisitor? Of(Visit visit)
    {
        var agent = visit.Agent.Trim().ToLowerInvariant();
        if (agent.Length == 0) return Nameless;
        return All.FirstOrDefault(known => (known.Visits == "all" || visit.Kind == VisitKind.Open)
            && (known.Phrase.StartsWith('=') ? agent == known.Phrase[1..] : agent.Contains(known.Phrase, StringComparison.Ordinal)));
    }
}
