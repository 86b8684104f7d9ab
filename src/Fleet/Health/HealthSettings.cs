using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;

namespace PenguinMails.Fleet.Health;

/// <summary>Whom the checks of a domain's health ask. No record: its text would show the key.</summary>
public sealed class HealthSettings
{
    /// <summary>Where IANA says which registry answers for which top-level domain (RFC 9224).</summary>
    public static readonly Uri Iana = new("https://data.iana.org/rdap/dns.json");

    const int KeyLengthMax = 63; // One label of a name: RFC 1035 2.3.4.

    /// <summary>Key of Spamhaus's Data Query Service; empty asks the public mirrors. From <c>PENGUIN__SPAMHAUS__DQSKEY</c>. Secret: it stands in no log and no finding.</summary>
    public string SpamhausKey { get; init; } = "";

    /// <summary>From <c>PENGUIN__RDAP__BOOTSTRAP</c>; default <see cref="Iana"/>.</summary>
    public Uri Bootstrap { get; init; } = Iana;

    /// <summary>Where mail servers take mail of their users; 587 everywhere but in tests.</summary>
    public int SubmissionPort { get; init; } = 587;

    /// <summary>Where mail servers show mail to their users; 993 everywhere but in tests.</summary>
    public int ImapsPort { get; init; } = 993;

    /// <summary>Roots that are trusted instead of the system's; empty, the default, takes the system's.</summary>
    public X509Certificate2Collection Roots { get; init; } = [];

    /// <summary>Wait for one answer of a registry or one step with a mail server. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <exception cref="InvalidOperationException">A setting cannot be used; names it, and shows no key.</exception>
    public static HealthSettings From(IConfiguration? configuration)
    {
        var key = configuration?["Spamhaus:DqsKey"]?.Trim() ?? "";
        if (key.Length > KeyLengthMax || !key.All(char.IsAsciiLetterOrDigit))
            throw new InvalidOperationException($"PENGUIN__SPAMHAUS__DQSKEY is no key of the Data Query Service. It has letters and digits only, at most {KeyLengthMax}.");
        var bootstrap = configuration?["Rdap:Bootstrap"] is { Length: > 0 } given ? given : Iana.AbsoluteUri;
        if (!Uri.TryCreate(bootstrap, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0)
            throw new InvalidOperationException($"PENGUIN__RDAP__BOOTSTRAP is {bootstrap}. Give the address of an RDAP bootstrap file for domains, such as {Iana}.");
        return new HealthSettings { SpamhausKey = key, Bootstrap = address };
    }
}
