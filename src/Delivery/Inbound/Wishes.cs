using System.Text.RegularExpressions;
using PenguinMails.Core;

namespace PenguinMails.Delivery.Inbound;

/// <summary>What people write when they want no more mail; the words are in <c>wishes.json</c>.</summary>
/// <remarks>A sentence counts only as a whole, so "don't unsubscribe me" and "how do I unsubscribe?" are answers like any other. One that names what it means counts anywhere in a short answer;
/// a single word, such as "stop", only when nothing else but a courtesy is said.</remarks>
static class Wishes
{
    const int LengthMax = 400; // A longer text may be about unsubscribing without asking for it.

    /// <param name="Courtesies">Said around a wish, and no part of it.</param>
    /// <param name="Words">A wish when nothing else is said.</param>
    /// <param name="Sentences">Patterns of whole sentences in small letters, without punctuation.</param>
    sealed record Phrases(IReadOnlyList<string> Courtesies, IReadOnlyList<string> Words, IReadOnlyList<string> Sentences);

    static readonly Phrases Known = EmbeddedJson.Read<Phrases>("wishes.json");

    static readonly Regex[] Sentences = [.. Known.Sentences.Select(sentence => new Regex($"^(?:{sentence})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant))];

    static readonly string[] Courtesies = [.. Known.Courtesies.OrderByDescending(courtesy => courtesy.Length)];

    public static bool IsUnsubscribe(string text, string? subject)
    {
        if (text.Length > LengthMax) return false;
        var said = Said(text);
        if (said.Count == 0) return Plain(text).Length == 0 && Plain(subject ?? "") is "unsubscribe";
        return said.Exists(one => !one.IsQuestion && Sentences.Any(sentence => sentence.IsMatch(one.Words))) || (said is [{ IsQuestion: false, Words: var alone }] && Known.Words.Contains(alone, StringComparer.Ordinal));
    }

    /// <summary>The sentences, without courtesies at their ends; those that are nothing else are left out.</summary>
    static List<(string Words, bool IsQuestion)> Said(string text)
    {
        var said = new List<(string, bool)>();
        for (var start = 0; start < text.Length;)
        {
            var end = text.AsSpan(start).IndexOfAny(".!?;\n");
            end = end < 0 ? text.Length : start + end;
            var words = Bare(Plain(text[start..end]));
            if (words.Length > 0) said.Add((words, end < text.Length && text[end] == '?'));
            start = end + 1;
        }

        return said;
    }

    static string Bare(string words)
    {
        while (Courtesies.FirstOrDefault(courtesy => words == courtesy || words.StartsWith(courtesy + " ", StringComparison.Ordinal) || words.EndsWith(" " + courtesy, StringComparison.Ordinal)) is { } courtesy)
            words = words.StartsWith(courtesy, StringComparison.Ordinal) ? words[courtesy.Length..].TrimStart() : words[..^courtesy.Length].TrimEnd();
        return words;
    }

    static string Plain(string text) => string.Join(' ', new string([.. text.ToLowerInvariant().Select(c => char.IsLetter(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
