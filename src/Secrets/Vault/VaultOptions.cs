using System.Net;
using Microsoft.Extensions.Configuration;
using PenguinMails.Secrets.Keys;

namespace PenguinMails.Secrets.Vault;

/// <summary>How the program proves itself to Vault.</summary>
public enum VaultAuth { Token, AppRole, Kubernetes }

/// <summary>Where Vault or OpenBao is and how to log in; each from <c>PENGUIN__SECRETS__VAULT__…</c>.</summary>
/// <param name="Address"><c>ADDRESS</c>. https, or http to this machine only. That this address was configured is what lets the program connect to it, private or not; nothing else is reached through it.</param>
/// <param name="Auth"><c>AUTH</c>: token (default), approle or kubernetes.</param>
public sealed record VaultOptions(Uri Address, VaultAuth Auth)
{
    const string Section = "PENGUIN__SECRETS__VAULT__";

    /// <summary><c>NAMESPACE</c>: of Vault Enterprise or OpenBao; null for the root.</summary>
    public string? Namespace { get; init; }

    /// <summary><c>MOUNT</c>: where the KV version 2 engine is mounted; default secret.</summary>
    public string Mount { get; init; } = "secret";

    /// <summary><c>PREFIX</c>: the folder of this installation in it; default penguinmails. Below it lies one folder for each account.</summary>
    public string Prefix { get; init; } = "penguinmails";

    /// <summary><c>AUTHMOUNT</c>: where the log-in method is mounted; default its own name.</summary>
    public string AuthMount { get; init; } = "";

    /// <summary><c>TOKENFILE</c> or <c>TOKEN</c>.</summary>
    public string? TokenFile { get; init; }

    public string? Token { get; init; }

    /// <summary><c>ROLE</c>: the role id of AppRole, the role name of Kubernetes.</summary>
    public string? Role { get; init; }

    /// <summary><c>SECRETIDFILE</c>: mode 0600. With <c>SECRETIDWRAPPED</c> it holds a wrapping token, which is spent at the first log-in.</summary>
    public string? SecretIdFile { get; init; }

    public bool IsSecretIdWrapped { get; init; }

    /// <summary><c>JWTFILE</c>: the service account's token, read anew at each log-in.</summary>
    public string JwtFile { get; init; } = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    /// <summary><c>CAFILE</c>: PEM of the authority that signed Vault's certificate; null for those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary><c>TIMEOUTSECONDS</c>: longest wait for one answer, 1 to 10; default 5.</summary>
    public int TimeoutSeconds { get; init; } = 5;

    /// <exception cref="InvalidOperationException">Missing or unfit; the message names the key.</exception>
    public static VaultOptions From(IConfiguration section, string? credentials)
    {
        var auth = (section["Auth"] ?? "") switch
        {
            "" or "token" => VaultAuth.Token,
            "approle" => VaultAuth.AppRole,
            "kubernetes" => VaultAuth.Kubernetes,
            var other => throw new InvalidOperationException($"{Section}AUTH is {other}; it must be token, approle or kubernetes."),
        };
        return new VaultOptions(ReadAddress(section["Address"]), auth)
        {
            Namespace = section["Namespace"] is { Length: > 0 } space ? space : null,
            Mount = Segment(section["Mount"], "secret", "MOUNT"),
            Prefix = Segment(section["Prefix"], "penguinmails", "PREFIX"),
            AuthMount = Segment(section["AuthMount"], auth.ToString().ToLowerInvariant(), "AUTHMOUNT"),
            TokenFile = File(section["TokenFile"], credentials),
            Token = section["Token"] is { Length: > 0 } token ? token : null,
            Role = section["Role"] is { Length: > 0 } role ? role : null,
            SecretIdFile = File(section["SecretIdFile"], credentials),
            IsSecretIdWrapped = section["SecretIdWrapped"] == "true",
            JwtFile = section["JwtFile"] is { Length: > 0 } jwt ? jwt : "/var/run/secrets/kubernetes.io/serviceaccount/token",
            CaFile = section["CaFile"] is { Length: > 0 } authority ? authority : null,
            TimeoutSeconds = section.GetValue("TimeoutSeconds", 5),
        }.Checked();
    }

    /// <exception cref="InvalidOperationException">Something the chosen log-in needs is missing.</exception>
    public VaultOptions Checked()
    {
        if (TimeoutSeconds is < 1 or > 10) throw new InvalidOperationException($"{Section}TIMEOUTSECONDS is {TimeoutSeconds}; it must be 1 to 10.");
        if (Auth == VaultAuth.Token && Token is null && TokenFile is null) throw new InvalidOperationException($"{Section}TOKENFILE is missing: name a file of mode 0600 that holds the token.");
        if (Auth != VaultAuth.Token && Role is null) throw new InvalidOperationException($"{Section}ROLE is missing: the role to log in with.");
        if (Auth == VaultAuth.AppRole && SecretIdFile is null) throw new InvalidOperationException($"{Section}SECRETIDFILE is missing: name a file of mode 0600 that holds the secret id.");
        return this;
    }

    /// <summary>The configured token, read anew each time so that a renewed file counts.</summary>
    internal string ReadToken() => Token ?? KeySource.ReadGuarded(TokenFile ?? throw new InvalidOperationException($"{Section}TOKENFILE is missing."));

    // A record would print its token.
    public override string ToString() => $"{Address} by {Auth}";

    static Uri ReadAddress(string? text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0)
            throw new InvalidOperationException($"{Section}ADDRESS is missing or not an address such as https://vault.example.com:8200.");
        var isHere = address.Host == "localhost" || IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip);
        return address.Scheme == "https" || isHere ? address : throw new InvalidOperationException($"{Section}ADDRESS is {address}; without https the token could be read on its way.");
    }

    static string Segment(string? given, string otherwise, string key)
    {
        var text = given is { Length: > 0 } ? given.Trim('/') : otherwise;
        return text.Length is > 0 and <= 200 && text.Split('/').All(part => part.Length > 0 && part[0] != '.' && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
            ? text
            : throw new InvalidOperationException($"{Section}{key} is {given}; it may have letters, figures, dot, dash and underscore, in parts separated by /.");
    }

    static string? File(string? given, string? credentials) => given switch
    {
        null or "" => null,
        _ when given.StartsWith("credential:", StringComparison.Ordinal) => Path.Combine(credentials ?? "", Path.GetFileName(given["credential:".Length..])),
        _ => given,
    };
}
