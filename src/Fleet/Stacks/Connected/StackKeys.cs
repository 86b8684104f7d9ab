using System.Security.Cryptography;
using PenguinMails.Core;

namespace PenguinMails.Fleet.Stacks.Connected;

/// <summary>A domain and its DKIM keys on a server that somebody else runs. The domain's comment names the selectors we put there, written before the first and shortened after the last.</summary>
static class StackKeys
{
    public static Result<(List<StackOp> Before, List<StackOp> After)> Between(StackDomain wanted, DomainFact? known, StackMarks marks, string name, StackAbilities abilities, List<string> notes)
    {
        var keys = wanted.Keys.Take(abilities.KeysMax).ToList();
        var listed = marks.Words(known?.Comment) ?? [];
        var puts = new List<StackOp>();
        foreach (var key in keys)
        {
            var there = known?.Keys.GetValueOrDefault(key.Selector);
            if (there is not null && there.Public == Public(key)) continue;
            if (there is not null && !listed.Contains(key.Selector))
                return new Problem(ProblemKind.Conflict, "stack.key_foreign", $"{name} signs mail of {wanted.Name} under the selector {key.Selector} with a key that is not ours. Remove that signature there, or change the domain's key here.");
            if (abilities.KeysMax == 1 && known?.Keys.Keys.FirstOrDefault(selector => selector != key.Selector && !listed.Contains(selector)) is { } other)
            {
                notes.Add($"{name} signs mail of {wanted.Name} with a key of its own ({other}) and takes only one. What the program sends is signed before it gets there.");
                keys = [];
                break;
            }

            puts.Add(new StackOp.PutKey(wanted.Name, key, there, new("dkim", $"{key.Selector}._domainkey.{wanted.Name}", there is null ? StackAction.Add : StackAction.Change)));
        }

        // With one place for a key the new one has replaced the old one already.
        var drops = abilities.KeysMax == 1 && keys.Count > 0 ? [] : (known?.Keys ?? new Dictionary<string, KeyFact>()).Where(one => listed.Contains(one.Key) && keys.TrueForAll(key => key.Selector != one.Key))
            .Select(one => (StackOp)new StackOp.DropKey(wanted.Name, one.Value, new("dkim", $"{one.Key}._domainkey.{wanted.Name}", StackAction.Remove))).ToList();
        return (Comment(wanted.Name, known, listed.Union(keys.Select(key => key.Selector)), marks, puts), Final(wanted.Name, known, listed, keys, marks, drops));
    }

    static List<StackOp> Comment(string domain, DomainFact? known, IEnumerable<string> selectors, StackMarks marks, List<StackOp> puts)
    {
        var comment = marks.Domain(selectors);
        if (known is not null && (known.Comment.Trim() == comment || puts.Count == 0)) return puts;
        return [new StackOp.PutDomain(domain, comment, known, new("domain", domain, known is null ? StackAction.Add : StackAction.Change)), .. puts];
    }

    static List<StackOp> Final(string domain, DomainFact? known, IReadOnlyList<string> listed, List<StackDkimKey> keys, StackMarks marks, List<StackOp> drops)
    {
        if (known is null || listed.All(selector => keys.Exists(key => key.Selector == selector))) return drops;
        return [.. drops, new StackOp.PutDomain(domain, marks.Domain(keys.Select(key => key.Selector)), known, new("domain", domain, StackAction.Change))];
    }

    /// <summary>The public half as DNS publishes it.</summary>
    public static string Public(StackDkimKey key)
    {
        using var pair = RSA.Create();
        pair.ImportFromPem(key.PrivateKeyPem);
        return Convert.ToBase64String(pair.ExportSubjectPublicKeyInfo());
    }

    /// <summary>PKCS #1, which every server takes.</summary>
    public static string Pem(StackDkimKey key)
    {
        using var pair = RSA.Create();
        pair.ImportFromPem(key.PrivateKeyPem);
        return pair.ExportRSAPrivateKeyPem() + "\n";
    }

    /// <summary>What a server tells of a public key, made comparable: PEM or bare, with or without the frame of its algorithm. Empty when it is no RSA key.</summary>
    public static string Canonical(string? told)
    {
        var bare = string.Concat((told ?? "").Split('\n').Where(line => !line.StartsWith("-----", StringComparison.Ordinal))).Replace(" ", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        var octets = new byte[bare.Length];
        if (bare.Length == 0 || !Convert.TryFromBase64String(bare, octets, out var length)) return "";
        using var key = RSA.Create();
        foreach (var read in new Action[] { () => key.ImportSubjectPublicKeyInfo(octets.AsSpan(0, length), out _), () => key.ImportRSAPublicKey(octets.AsSpan(0, length), out _) })
        {
            try
            {
                read();
                return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
            }
            catch (CryptographicException)
            {
                // The other form, or no key at all.
            }
        }

        return "";
    }
}
