using Microsoft.Extensions.Configuration;

namespace PenguinMails.Accounts;

/// <summary>Settings of accounts, below <c>PENGUIN__ACCOUNTS__</c>.</summary>
public sealed record AccountsOptions
{
    /// <summary>Rounds of PBKDF2-HMAC-SHA512 for a password. <c>PASSWORDITERATIONS</c>, default 600,000, 1,000 to 10,000,000.
    /// An older hash is renewed at the next log-in.</summary>
    public int PasswordIterations { get; init; } = 600_000;

    /// <summary>Requests each key or session may make per second on average. <c>RATEPERSECOND</c>, default 100, 1 to 100,000.</summary>
    public int RatePerSecond { get; init; } = 100;

    /// <summary>Requests at once after a quiet time. <c>RATEBURST</c>, default 200, 1 to 1,000,000.</summary>
    public int RateBurst { get; init; } = 200;

    /// <exception cref="InvalidOperationException">A value is no number or out of its range; the message names the key.</exception>
    public static AccountsOptions From(IConfiguration? configuration)
    {
        var section = configuration?.GetSection("Accounts");
        return new AccountsOptions
        {
            PasswordIterations = Number(section, "PasswordIterations", 600_000, 1_000, 10_000_000),
            RatePerSecond = Number(section, "RatePerSecond", 100, 1, 100_000),
            RateBurst = Number(section, "RateBurst", 200, 1, 1_000_000),
        };
    }

    static int Number(IConfigurationSection? section, string key, int otherwise, int min, int max)
    {
        if (section?[key] is not { Length: > 0 } text) return otherwise;
        return int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new InvalidOperationException($"PENGUIN__ACCOUNTS__{key.ToUpperInvariant()} is {text}; it must be {min} to {max}.");
    }
}

/// <summary>The web server's address as people reach it; links in mails begin with it. From <c>PENGUIN__HOSTS__WEBURL</c>.</summary>
/// <param name="Root">Absolute, http or https.</param>
public sealed record PublicWeb(Uri Root)
{
    /// <exception cref="InvalidOperationException">Not an absolute http or https address.</exception>
    public static PublicWeb From(IConfiguration? configuration)
    {
        var text = configuration?["Hosts:WebUrl"] is { Length: > 0 } given ? given : "http://localhost:8080/";
        return Uri.TryCreate(text, UriKind.Absolute, out var root) && root.Scheme is "http" or "https"
            ? new PublicWeb(root)
            : throw new InvalidOperationException($"PENGUIN__HOSTS__WEBURL is {text}; it must begin with https:// (or http:// on this machine).");
    }

    /// <summary>A page of ours with a token that was mailed.</summary>
    public string Link(string page, string token) => new Uri(Root, $"{page}?token={Uri.EscapeDataString(token)}").ToString();
}
