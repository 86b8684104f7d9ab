using Microsoft.Extensions.Configuration;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Vault;

namespace PenguinMails.Secrets;

/// <summary>Which store keeps the secrets, and under which master key.</summary>
/// <param name="Master"><c>PENGUIN__SECRETS__MASTER</c>: wraps the data keys. Default: derived from the installation's key.</param>
/// <param name="Accepted"><c>PENGUIN__SECRETS__ACCEPTED</c>: opens what earlier keys wrapped, while the master key is being rotated; sources separated by semicolons.</param>
/// <param name="Vault">Set where <c>PENGUIN__SECRETS__STORE</c> is <c>vault</c>; the sealed store otherwise.</param>
public sealed record SecretsOptions(KeySource Master, IReadOnlyList<KeySource> Accepted, VaultOptions? Vault)
{
    public static readonly SecretsOptions Sealed = new(KeySource.Installation, [], null);

    /// <param name="credentials">systemd's <c>$CREDENTIALS_DIRECTORY</c>.</param>
    /// <exception cref="InvalidOperationException">A value is not what it must be; the message names the key.</exception>
    public static SecretsOptions From(IConfiguration? configuration, string? credentials)
    {
        if (configuration is null) return Sealed;
        var master = KeySource.Parse(configuration["Secrets:Master"] ?? "", "PENGUIN__SECRETS__MASTER", credentials);
        var accepted = (configuration["Secrets:Accepted"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(text => KeySource.Parse(text, "PENGUIN__SECRETS__ACCEPTED", credentials)).ToList();
        return (configuration["Secrets:Store"] ?? "") switch
        {
            "" or "sealed" => new(master, accepted, null),
            "vault" => new(master, accepted, VaultOptions.From(configuration.GetSection("Secrets:Vault"), credentials)),
            var other => throw new InvalidOperationException($"PENGUIN__SECRETS__STORE is {other}; it must be sealed or vault."),
        };
    }
}
