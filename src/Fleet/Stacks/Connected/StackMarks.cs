using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Fleet.Stacks.Connected;

/// <summary>The words by which we know again on somebody else's server what we made there. What bears none of ours is never changed or removed.</summary>
/// <remarks>A mailbox's mark also tells which passwords were set last: a keyed digest of them, useless without the key, which lies in the secret store.</remarks>
/// <param name="owner">Stable for one server in one workspace; letters, digits and dash.</param>
/// <param name="key">At least 16 octets.</param>
sealed class StackMarks(string owner, byte[] key)
{
    const string Opening = "Kept by PenguinMails (";
    const int DigestOctets = 12;

    public string Owner => owner;

    /// <summary>A person who writes exactly this into the comment of a domain hands it over.</summary>
    public string Plain => $"{Opening}{owner})";

    /// <param name="selectors">Of the DKIM keys we put there.</param>
    public string Domain(IEnumerable<string> selectors) => string.Join(' ', [$"{Opening}{owner}", .. selectors.Order(StringComparer.Ordinal)]) + ")";

    public string Mailbox(StackMailbox mailbox, IEnumerable<string> passwords) => $"{Opening}{owner} {Digest(mailbox.Address, passwords)})";

    /// <summary>Not reversible; the same for the same passwords of the same mailbox in the same order.</summary>
    public string Digest(string address, IEnumerable<string> passwords)
    {
        var said = Encoding.UTF8.GetBytes(string.Join('\n', [address, .. passwords])); // Neither holds control characters.
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, said)[..DigestOctets]);
    }

    public bool IsOurs(string? text) => Words(text) is not null;

    /// <summary>What stands behind the owner in a mark of ours; null for anything else.</summary>
    public IReadOnlyList<string>? Words(string? text)
    {
        var plain = (text ?? "").Trim();
        if (!plain.StartsWith(Opening, StringComparison.Ordinal) || !plain.EndsWith(')')) return null;
        var words = plain[Opening.Length..^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 && words[0] == owner ? words[1..] : null;
    }
}
