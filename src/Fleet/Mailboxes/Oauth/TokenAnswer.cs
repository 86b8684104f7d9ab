using System.Text.Json;
using PenguinMails.Fleet.Apis;

namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>What a token end point gives (RFC 6749 5.1). No record: its text would show the tokens.</summary>
sealed class TokenAnswer
{
    const int SecondsUsual = 3600, SecondsMin = 61, SecondsMax = 86_400;
    const int TokenLengthMax = 16 * 1024;

    public required string Access { get; init; }

    /// <summary>Null when the one that was shown stays.</summary>
    public string? Refresh { get; init; }

    /// <summary>How long the access token lasts; 61 s to 24 h, an hour when the provider does not say.</summary>
    public required TimeSpan Life { get; init; }

    /// <summary>Null when it is what was asked for (5.1).</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    public string? IdToken { get; init; }

    /// <summary>Null for what is no such answer.</summary>
    public static TokenAnswer? Read(JsonElement json)
    {
        if (Token(json, "access_token") is not { } access || (ApiJson.Text(json, "token_type") is { } type && !type.Equals("Bearer", StringComparison.OrdinalIgnoreCase))) return null;
        var seconds = ApiJson.Decimal(json, "expires_in") is { } said ? (double)Math.Clamp(said, SecondsMin, SecondsMax) : SecondsUsual;
        return new TokenAnswer
        {
            Access = access, Refresh = Token(json, "refresh_token"), Life = TimeSpan.FromSeconds(seconds), IdToken = Token(json, "id_token"),
            Scopes = ApiJson.Text(json, "scope") is { } scope ? scope.Split(' ', StringSplitOptions.RemoveEmptyEntries) : null,
        };
    }

    // RFC 6749 A.12: printable ASCII; anything else would end up in a command line of SMTP.
    static string? Token(JsonElement json, string name) =>
        ApiJson.Text(json, name) is { Length: > 0 and <= TokenLengthMax } token && !token.AsSpan().ContainsAnyExceptInRange('!', '~') ? token : null;
}
