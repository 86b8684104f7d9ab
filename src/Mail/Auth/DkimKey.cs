using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Auth;

/// <summary>A domain's signing key under one selector (RFC 6376; rsa-sha256, or ed25519-sha256 of RFC 8463; relaxed/relaxed). Safe for many threads at once.</summary>
public sealed class DkimKey : IDisposable
{
    const int KeyBits = 2048; // RFC 8301 3.2.
    const int TxtStringMax = 255; // RFC 1035 3.3.14.

    // RFC 8410 7: what comes before the seed in PKCS#8.
    static readonly byte[] Ed25519Prefix = Convert.FromHexString("302e020100300506032b657004220420");

    // What a reader acts on; Received and Return-Path change on the way and stay out (RFC 6376 5.4.1).
    static readonly string[] Names =
    [
        "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post", "List-ID", "Feedback-ID",
    ];

    readonly RSA? rsa;
    readonly byte[] seed = [];

    DkimKey(DomainName domain, string selector, RSA rsa) => (Domain, Selector, this.rsa) = (domain, selector, rsa);

    DkimKey(DomainName domain, string selector, byte[] seed) => (Domain, Selector, this.seed) = (domain, selector, seed);

    public DomainName Domain { get; }

    /// <summary>Letters, digits, hyphens and inner dots, at most 63.</summary>
    public string Selector { get; }

    /// <summary>As in a=: <c>rsa-sha256</c> or <c>ed25519-sha256</c>.</summary>
    public string Algorithm => rsa is null ? "ed25519-sha256" : "rsa-sha256";

    /// <summary>Where the record goes.</summary>
    public string RecordName => $"{Selector}._domainkey.{Domain}";

    /// <summary>The record as one text.</summary>
    public string Record => rsa is null
        ? "v=DKIM1; k=ed25519; p=" + Convert.ToBase64String(Ed25519.PublicKey(seed))
        : "v=DKIM1; k=rsa; p=" + Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());

    /// <summary>The record as strings of at most 255, quoted, as zone files and most panels want it.</summary>
    public string ZoneText => string.Join(' ', Record.Chunk(TxtStringMax).Select(part => "\"" + new string(part) + "\""));

    /// <summary>A new RSA key of 2048 bits; takes tens of milliseconds.</summary>
    /// <exception cref="ArgumentException">The selector is no label.</exception>
    public static DkimKey Create(DomainName domain, string selector) => new(domain, Checked(selector), RSA.Create(KeyBits));

    /// <summary>A new Ed25519 key: many receivers do not know it yet, so it goes beside an RSA signature (RFC 8463 3).</summary>
    /// <param name="random">Fills the seed: unguessable in production.</param>
    /// <exception cref="ArgumentException">The selector is no label.</exception>
    public static DkimKey CreateEd25519(DomainName domain, string selector, RandomFill random)
    {
        var seed = new byte[Ed25519.SeedOctets];
        random(seed);
        return new DkimKey(domain, Checked(selector), seed);
    }

    /// <param name="pem">PKCS#8 (RSA or Ed25519) or PKCS#1, as <see cref="ExportPem"/> gives it.</param>
    /// <exception cref="ArgumentException">The selector is no label, or the text holds no key.</exception>
    public static DkimKey FromPem(DomainName domain, string selector, string pem)
    {
        if (Seed(pem) is { } seed) return new DkimKey(domain, Checked(selector), seed);
        var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return new DkimKey(domain, Checked(selector), rsa);
    }

    static byte[]? Seed(string pem)
    {
        if (!PemEncoding.TryFind(pem, out var found) || pem[found.Label] != "PRIVATE KEY") return null;
        var octets = Convert.FromBase64String(pem[found.Base64Data]);
        return octets.Length == Ed25519Prefix.Length + Ed25519.SeedOctets && octets.AsSpan().StartsWith(Ed25519Prefix) ? octets[Ed25519Prefix.Length..] : null;
    }

    /// <summary>The private key: a secret.</summary>
    public string ExportPem() => rsa?.ExportPkcs8PrivateKeyPem() ?? PemEncoding.WriteString("PRIVATE KEY", [.. Ed25519Prefix, .. seed]);

    /// <summary>The message with a DKIM-Signature on top.</summary>
    /// <param name="message">As <see cref="Mime.MessageWriter"/> writes it; bare line feeds are made whole, since they are sent that way.</param>
    /// <param name="at">Goes into t=, to the second.</param>
    public byte[] Sign(ReadOnlyMemory<byte> message, DateTimeOffset at)
    {
        var raw = RawMessage.Read(message);
        var (names, selected) = (new List<string>(), new List<RawField>());
        foreach (var name in Names)
            for (var i = raw.Fields.Count - 1; i >= 0; i--)
                if (raw.Fields[i].Is(name))
                {
                    names.Add(name);
                    selected.Add(raw.Fields[i]); // From the bottom up, as a verifier takes them (RFC 6376 5.4.2).
                }
        names.Add("From"); // RFC 6376 8.15: one From more than there is, so that none can be added.
        var head = Head(names, raw.Body.Span, at);
        var octets = Encoding.ASCII.GetBytes(head.ToString() + CrLf.Text);
        var own = new RawField(octets, "DKIM-Signature".Length);
        var end = octets.Length - own.Colon - 3; // Nothing after b= yet.
        AppendValue(head, SignedHeader.Hash(selected, own, (end, end), true, HashAlgorithmName.SHA256));
        return Joined(head, raw.Octets.Span);
    }

    /// <summary>The field up to its b=.</summary>
    StringBuilder Head(List<string> names, ReadOnlySpan<byte> body, DateTimeOffset at)
    {
        var hash = Convert.ToBase64String(Canonical.BodyHash(body, true, HashAlgorithmName.SHA256, null, out _));
        var head = new StringBuilder("DKIM-Signature: v=1;", 1024)
            .Append(CultureInfo.InvariantCulture, $" a={Algorithm}; c=relaxed/relaxed;\r\n d={Domain}; s={Selector}; t={at.ToUnixTimeSeconds()};\r\n bh={hash};\r\n h=");
        for (var (i, column) = (0, 3); i < names.Count; i++)
        {
            if (column + names[i].Length > 70) { head.Append("\r\n  "); column = 2; }
            head.Append(names[i]).Append(i == names.Count - 1 ? ";" : ":");
            column += names[i].Length + 1;
        }
        return head.Append("\r\n b=");
    }

    /// <summary>The signature of a digest, folded, and the line end of its field.</summary>
    void AppendValue(StringBuilder head, byte[] digest)
    {
        var value = Convert.ToBase64String(rsa?.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ?? Ed25519.Sign(seed, digest));
        for (var at = 0; at < value.Length; at += 70)
            head.Append(at == 0 ? "" : "\r\n  ").Append(value, at, Math.Min(70, value.Length - at));
        head.Append(CrLf.Text);
    }

    static byte[] Joined(StringBuilder head, ReadOnlySpan<byte> message)
    {
        var output = new byte[head.Length + message.Length];
        Encoding.ASCII.GetBytes(head.ToString(), output);
        message.CopyTo(output.AsSpan(head.Length));
        return output;
    }

    public void Dispose() => rsa?.Dispose();

    static string Checked(string selector) => DomainName.TryParse(selector + ".example", out _, out _) && selector.Length <= 63
        ? selector.ToLowerInvariant()
        : throw new ArgumentException("A selector is made of labels, 63 characters at most.", nameof(selector));
}
