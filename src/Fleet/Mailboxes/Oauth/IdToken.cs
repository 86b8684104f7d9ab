using System.Buffers.Text;
using System.Text.Json;
using PenguinMails.Fleet.Apis;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>Who gave the consent.</summary>
/// <param name="Subject">The provider's own name for the account, which never changes; at most 255.</param>
/// <param name="Address">Null when the provider does not say, or says something that is no address.</param>
sealed record Identity(string Subject, EmailAddress? Address);

/// <summary>Reads the id_token that came with the tokens.</summary>
/// <remarks>Straight from the token end point over TLS, so the connection vouches for who made it and the signature may be left alone (OpenID Connect Core 3.1.3.7, 6); issuer, audience and time are looked at all the same.</remarks>
static class IdToken
{
    const int SubjectLengthMax = 255; // OpenID Connect Core 2.
    static readonly TimeSpan SkewMax = TimeSpan.FromMinutes(5);

    /// <returns>Null when it does not hold.</returns>
    public static Identity? Read(OauthProvider provider, string token, DateTimeOffset now)
    {
        if (Claims(token) is not { } claims) return null;
        if (ApiJson.Text(claims, "sub") is not { Length: > 0 and <= SubjectLengthMax } subject || !IsFrom(provider, claims) || !IsFor(provider, claims)) return null;
        if (ApiJson.Decimal(claims, "exp") is not { } ends || ends < (now - SkewMax).ToUnixTimeSeconds()) return null;
        return new Identity(subject, Address(provider, claims));
    }

    static bool IsFrom(OauthProvider provider, JsonElement claims)
    {
        var wanted = provider.Issuer.Replace("{tid}", ApiJson.Text(claims, "tid") is { Length: > 0 and <= 64 } tenant && tenant.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? tenant : "?", StringComparison.Ordinal);
        return ApiJson.Text(claims, "iss") is { } issuer && (issuer == wanted || "https://" + issuer == wanted); // Google also writes its own without the scheme.
    }

    static bool IsFor(OauthProvider provider, JsonElement claims) => ApiJson.Text(claims, "aud") == provider.ClientId
        || ApiJson.List(claims, "aud").Any(one => one.ValueKind == JsonValueKind.String && one.GetString() == provider.ClientId);

    static EmailAddress? Address(OauthProvider provider, JsonElement claims)
    {
        var text = provider.ProvesAddress
            ? ApiJson.Flag(claims, "email_verified") == true || ApiJson.Text(claims, "email_verified") == "true" ? ApiJson.Text(claims, "email") : null
            : ApiJson.Text(claims, "email") ?? ApiJson.Text(claims, "preferred_username");
        return text is not null && EmailAddress.TryParse(text, out var address, out _) ? address : null;
    }

    static JsonElement? Claims(string token)
    {
        if (token.Split('.') is not [_, var payload, _] || !Base64Url.IsValid(payload)) return null;
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(payload), new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
