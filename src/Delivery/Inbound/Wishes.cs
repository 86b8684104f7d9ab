namespace PenguinMails.Delivery.Inbound;

/// <summary>What people write when they want no more mail.</summary>
static class Wishes
{
    const int LengthMax = 60; // A longer text may be about unsubscribing without asking for it.

    static readonly string[] Words =
        ["unsubscribe", "stop", "remove", "remove me", "opt out", "take me off", "please remove me", "please unsubscribe me", "unsubscribe me", "abmelden", "austragen", "désabonner", "baja", "cancellami", "uitschrijven"];

    public static bool IsUnsubscribe(string text, string? subject)
    {
        var said = Plain(text);
        return said.Length == 0 ? Plain(subject ?? "") is "unsubscribe" : said.Length <= LengthMax && Words.Contains(said, StringComparer.Ordinal);
    }

    static string Plain(string text) => string.Join(' ', new string([.. text.ToLowerInvariant().Select(c => char.IsLetter(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
