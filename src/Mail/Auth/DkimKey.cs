using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Auth;

/// <summary>A domain's signing key under one selector (RFC 6376, rsa-sha256, relaxed/relaxed). Safe for many threads at once.</summary>
public sealed class DkimKey : IDisposable
{
    const int KeyBits = 2048; // RFC 8301 3.2.
    const int TxtStringMax = 255; // RFC 1035 3.3.14.

    // What a reader acts on; Received and Return-Path change on the way and stay out (RFC 6376 5.4.1).
    static readonly string[] Names =
    [
        "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post", "List-ID", "Feedback-ID",
    ];

    readonly RSA rsa;

    DkimKey(DomainName domain, string selector, RSA rsa)
    {
        Domain = domain;
        Selector = selector;
        this.rsa = rsa;
    }

    public DomainName Domain { get; }

    /// <summary>Letters, digits, hyphens and inner dots, at most 63.</summary>
    public string Selector { get; }

    /// <summary>Where the record goes.</summary>
    public string RecordName => $"{Selector}._domainkey.{Domain}";

    /// <summary>The record as one text.</summary>
    public string Record => "v=DKIM1; k=rsa; p=" + Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());

    /// <summary>The record as strings of at most 255, quoted, as zone files and most panels want it.</summary>
    public string ZoneText => string.Join(' ', Record.Chunk(TxtStringMax).Select(part => "\"" + new string(part) + "\""));

    /// <summary>A new RSA key of 2048 bits; takes tens of milliseconds.</summary>
    /// <exception cref="ArgumentException">The selector is no label.</exception>
    public static DkimKey Create(DomainName domain, string selector) => new(domain, Checked(selector), RSA.Create(KeyBits));

    /// <param name="pem">PKCS#8 or PKCS#1, as <see cref="ExportPem"/> gives it.</param>
    /// <exception cref="ArgumentException">The selector is no label, or the text holds no key.</exception>
    public static DkimKey FromPem(DomainName domain, string selector, string pem)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return new DkimKey(domain, Checked(selector), rsa);
    }

    /// <summary>The private key: a secret.</summary>
    public string ExportPem() => rsa.ExportPkcs8PrivateKeyPem();

    /// <summary>The message with a DKIM-Signature on top.</summary>
    /// <param name="message">As <see cref="Mime.MessageWriter"/> writes it.</param>
    /// <param name="at">Goes into t=, to the second.</param>
    public byte[] Sign(ReadOnlyMemory<byte> message, DateTimeOffset at)
    {
        var (fields, body) = DkimText.Split(message);
        var names = new List<string>();
        foreach (var name in Names) names.AddRange(fields.Where(field => DkimText.Name(field).Equals(name, StringComparison.OrdinalIgnoreCase)).Select(_ => name));
        names.Add("From"); // RFC 6376 8.15: one From more than there is, so that none can be added.
        var head = new StringBuilder("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n")
            .Append(CultureInfo.InvariantCulture, $" d={Domain}; s={Selector}; t={at.ToUnixTimeSeconds()};\r\n bh={DkimText.BodyHash(body.Span, true)};\r\n h=");
        for (var (i, column) = (0, 3); i < names.Count; i++)
        {
            if (column + names[i].Length > 70) { head.Append("\r\n  "); column = 2; }
            head.Append(names[i]).Append(i == names.Count - 1 ? ";" : ":");
            column += names[i].Length + 1;
        }
        head.Append("\r\n b=");
        var digest = DkimText.Signed(fields, names, head.ToString(), true);
        var value = Convert.ToBase64String(rsa.SignData(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        head.AppendJoin("\r\n  ", value.Chunk(70).Select(part => new string(part))).Append(CrLf.Text);
        return [.. Encoding.ASCII.GetBytes(head.ToString()), .. message.Span];
    }

    public void Dispose() => rsa.Dispose();

    static string Checked(string selector) => DomainName.TryParse(selector + ".example", out _, out _) && selector.Length <= 63
        ? selector.ToLowerInvariant()
        : throw new ArgumentException("A selector is made of labels, 63 characters at most.", nameof(selector));
}
