using System.Security.Cryptography;

namespace PenguinMails.Mail.Auth;

/// <summary>The hash over header fields that a signature signs (RFC 6376 3.7, 5.4.2).</summary>
static class SignedHeader
{
    /// <summary>The fields named, each name taking the next one up from the bottom; a name without a field left gives none.</summary>
    /// <param name="own">The signature's field, which is none of them.</param>
    public static IEnumerable<RawField> Select(List<RawField> fields, IEnumerable<string> names, RawField own)
    {
        var wanted = names.ToList();
        var left = ByName(fields, wanted, own);
        foreach (var name in wanted)
            if (left.TryGetValue(name, out var same) && same.TryPop(out var field))
                yield return field;
    }

    /// <summary>The fields selected, then the signature's own field without the value of b= and without its final line end.</summary>
    public static byte[] Hash(IEnumerable<RawField> selected, RawField own, (int From, int To) value, bool isRelaxed, HashAlgorithmName algorithm)
    {
        using var hash = new HashSink(algorithm);
        foreach (var field in selected) Canonical.Header(field, isRelaxed, hash.Add);
        Own(own, value, isRelaxed, hash.Add);
        return hash.Finish();
    }

    // Only names that are wanted: a message may have very many others.
    static Dictionary<string, Stack<RawField>> ByName(List<RawField> fields, List<string> names, RawField own)
    {
        var left = new Dictionary<string, Stack<RawField>>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names) left.TryAdd(name, new Stack<RawField>());
        foreach (var field in fields)
            if (field != own && left.TryGetValue(field.Name, out var same)) same.Push(field);
        return left;
    }

    /// <summary>A signature's own field as it was before the value of b= came in, without the final line end.</summary>
    /// <param name="value">Counted from the colon on, as in the tag list.</param>
    public static void Own(RawField own, (int From, int To) value, bool isRelaxed, Action<ReadOnlySpan<byte>> feed)
    {
        var octets = own.Octets.Span;
        var from = own.Colon + 1;
        byte[] bare = [.. octets[..(from + value.From)], .. octets[(from + value.To)..]];
        // A signature that ends in its b= may have the line end inside that value's blanks.
        if (!bare.AsSpan().EndsWith("\r\n"u8)) bare = [.. bare, (byte)'\r', (byte)'\n'];
        Canonical.Header(bare, own.Colon, isRelaxed, piece => feed(piece[..^2]));
    }
}
