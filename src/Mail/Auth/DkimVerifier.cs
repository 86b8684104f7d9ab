using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Mail.Auth;

/// <summary>Results of RFC 8601 2.7.1, as far as they apply.</summary>
public enum DkimResult
{
    None,
    Pass,
    Fail,
    PermError,
}

/// <param name="Reason">For people; empty on pass.</param>
/// <param name="Domain">The d= of the signature, empty when there is none.</param>
public sealed record DkimVerdict(DkimResult Result, string Reason, string Domain, string Selector);

/// <summary>Checks the first DKIM signature of a message (RFC 6376 6.1, RFC 8301): rsa-sha256, simple and relaxed.</summary>
public static class DkimVerifier
{
    /// <param name="key">The TXT record of a name such as <c>s1._domainkey.example.com</c>, strings joined; null when there is none.</param>
    public static DkimVerdict Verify(ReadOnlyMemory<byte> message, DateTimeOffset now, Func<string, string?> key)
    {
        var (fields, body) = DkimText.Split(message);
        var own = fields.Find(field => DkimText.Name(field).Equals("DKIM-Signature", StringComparison.OrdinalIgnoreCase));
        if (own is null) return new DkimVerdict(DkimResult.None, "no signature", "", "");
        var tags = Tags(own[(own.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        string Tag(string name) => tags.GetValueOrDefault(name, "");
        DkimVerdict Because(DkimResult result, string reason) => new(result, reason, Tag("d"), Tag("s"));

        var forms = Tag("c").Split('/');
        var names = Tag("h").Split(':');
        if (Tag("v") != "1" || Tag("a") != "rsa-sha256") return Because(DkimResult.PermError, "version or algorithm");
        if (tags.ContainsKey("l")) return Because(DkimResult.PermError, "l= leaves text unsigned");
        if (!names.Contains("From", StringComparer.OrdinalIgnoreCase)) return Because(DkimResult.PermError, "From is not signed");
        if (long.TryParse(Tag("x"), NumberStyles.None, CultureInfo.InvariantCulture, out var expiry) && expiry < now.ToUnixTimeSeconds()) return Because(DkimResult.Fail, "expired");
        if (key($"{Tag("s")}._domainkey.{Tag("d")}") is not { } record) return Because(DkimResult.PermError, "no key");
        if (DkimText.BodyHash(body.Span, forms.Length > 1 && forms[1] == "relaxed") != Tag("bh")) return Because(DkimResult.Fail, "body changed");
        return Checks(DkimText.Signed(fields.Where(field => !ReferenceEquals(field, own)).ToList(), names, WithoutValue(own), forms[0] == "relaxed"), Tag("b"), record) is { } reason
            ? Because(reason == "signature" ? DkimResult.Fail : DkimResult.PermError, reason)
            : Because(DkimResult.Pass, "");
    }

    static string? Checks(byte[] signed, string value, string record)
    {
        var published = Tags(record).GetValueOrDefault("p", "");
        if (published.Length == 0) return "key revoked";
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String(published), out _);
            if (rsa.KeySize < 1024) return "key too short"; // RFC 8301 3.2.
            return rsa.VerifyData(signed, Convert.FromBase64String(value), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ? null : "signature";
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return "key or signature unreadable";
        }
    }

    /// <summary>The field with the value of b= taken out and everything else as it was (3.5, b=).</summary>
    static string WithoutValue(string field)
    {
        var text = new StringBuilder();
        foreach (var piece in field.Split(';'))
        {
            if (text.Length > 0) text.Append(';');
            var equals = piece.IndexOf('=', StringComparison.Ordinal);
            var isValue = equals > 0 && piece[..equals].Split(':')[^1].Trim() == "b";
            text.Append(isValue ? piece[..(equals + 1)] : piece);
        }
        return text.ToString();
    }

    static Dictionary<string, string> Tags(string text)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var piece in text.Split(';'))
        {
            var equals = piece.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) tags.TryAdd(piece[..equals].Trim(), string.Concat(piece[(equals + 1)..].Where(c => !char.IsWhiteSpace(c))));
        }
        return tags;
    }
}
