using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Smtp;

/// <summary>One TLSA record (RFC 6698 2.1).</summary>
/// <param name="Usage">2: a certificate the chain leads to (DANE-TA); 3: the server's own (DANE-EE). Others are not for SMTP (RFC 7672 3.1.3).</param>
/// <param name="Selector">0: the whole certificate; 1: its public key.</param>
/// <param name="Matching">0: as it is; 1: SHA-256; 2: SHA-512.</param>
public sealed record TlsaRecord(int Usage, int Selector, int Matching, ReadOnlyMemory<byte> Association)
{
    /// <summary>True when the record can authenticate a mail server.</summary>
    public bool IsUsable => Usage is 2 or 3 && Selector is 0 or 1 && Matching is 0 or 1 or 2;

    /// <param name="record">As the resolver gives it: usage, selector, matching type and hex.</param>
    /// <returns>Null when it is not four such words.</returns>
    public static TlsaRecord? Read(DnsRecord record)
    {
        var words = record.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (record.Type != DnsType.Tlsa || words.Length != 4 || words[3].Length % 2 != 0 || !words[3].All(char.IsAsciiHexDigit)) return null;
        var numbers = words.Take(3).Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToArray();
        return numbers.Contains(-1) ? null : new(numbers[0], numbers[1], numbers[2], Convert.FromHexString(words[3]));
    }

    internal bool Fits(X509Certificate2 certificate)
    {
        var selected = Selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        var association = Matching switch { 1 => SHA256.HashData(selected), 2 => SHA512.HashData(selected), _ => selected };
        return Association.Span.SequenceEqual(association);
    }
}

/// <summary>Judges a server's certificate by TLSA records (RFC 7672). The records must come from a resolver that validates DNSSEC; this code cannot see that.</summary>
public static class Dane
{
    /// <param name="chain">As sent, the server's own first.</param>
    /// <param name="names">The host's name and the recipient's domain: one must stand in the certificate for DANE-TA; DANE-EE asks for neither name nor date (RFC 7672 3.1.1).</param>
    /// <returns>True when a usable record fits. False also without any usable record: the caller decides what then (RFC 7672 2.2).</returns>
    public static bool Accepts(IReadOnlyList<TlsaRecord> records, IReadOnlyList<X509Certificate2> chain, IReadOnlyList<string> names)
    {
        if (chain.Count == 0) return false;
        var usable = records.Where(record => record.IsUsable).ToList();
        if (usable.Exists(record => record.Usage == 3 && record.Fits(chain[0]))) return true;
        var anchors = chain.Skip(1).Where(certificate => usable.Exists(record => record.Usage == 2 && record.Fits(certificate))).ToList();
        return anchors.Count > 0 && names.Any(name => chain[0].MatchesHostname(name)) && LeadsTo(anchors, chain);
    }

    static bool LeadsTo(List<X509Certificate2> anchors, IReadOnlyList<X509Certificate2> chain)
    {
        using var built = new X509Chain();
        built.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        built.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        built.ChainPolicy.DisableCertificateDownloads = true;
        built.ChainPolicy.CustomTrustStore.AddRange(anchors.ToArray());
        built.ChainPolicy.ExtraStore.AddRange(chain.ToArray());
        return built.Build(chain[0]);
    }
}
