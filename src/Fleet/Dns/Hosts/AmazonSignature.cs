using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Fleet.Dns.Hosts;

/// <summary>Signature version 4 of Amazon's APIs, for Route 53: the secret stays here, a signature of this one request goes out.</summary>
static class AmazonSignature
{
    const string Region = "us-east-1"; // Route 53 is one service for the world and signs for this region.
    const string Service = "route53";

    /// <param name="request">Its address is below <paramref name="root"/>; the parts of its query stand in alphabetical order.</param>
    public static void Sign(HttpRequestMessage request, Uri root, string keyId, string secret, string body, DateTimeOffset now)
    {
        var address = new Uri(root, request.RequestUri ?? root);
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/{Region}/{Service}/aws4_request";
        var canonical = $"{request.Method.Method}\n{address.AbsolutePath}\n{address.Query.TrimStart('?')}\nhost:{address.Authority}\nx-amz-date:{time}\n\nhost;x-amz-date\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}";
        var text = $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + secret), (last, part) => HMACSHA256.HashData(last, Encoding.UTF8.GetBytes(part)));
        request.Headers.Host = address.Authority;
        request.Headers.TryAddWithoutValidation("x-amz-date", time);
        request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential={keyId}/{scope}, SignedHeaders=host;x-amz-date, Signature={Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)))}");
    }

    static string Hex(byte[] octets) => Convert.ToHexStringLower(octets);
}
