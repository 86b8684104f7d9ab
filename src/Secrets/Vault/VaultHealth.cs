using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Vault;

/// <summary>Asks <c>sys/health</c>, whose status tells the state, and then whether the log-in holds.</summary>
static class VaultHealth
{
    public static async Task<StoreHealth> Ask(VaultClient client, VaultOptions options, CancellationToken ct)
    {
        VaultAnswer answer;
        try
        {
            answer = await client.Ask(new VaultCall(HttpMethod.Get, "sys/health"), ct);
        }
        catch (Exception lost) when (lost is HttpRequestException or TimeoutException)
        {
            return new StoreHealth(VaultStore.StoreName, StoreState.Unreachable, $"Vault at {options.Address.Authority} does not answer. Check PENGUIN__SECRETS__VAULT__ADDRESS, and CAFILE for TLS.", null);
        }

        var (state, detail) = answer.Status switch
        {
            200 => (StoreState.Ready, $"Vault at {options.Address.Authority} is active."),
            429 or 473 => (StoreState.Standby, "Vault is a standby; it passes requests on to the active node."),
            472 => (StoreState.Standby, "Vault is a secondary for recovery and takes no requests. Give the primary's address."),
            501 => (StoreState.Uninitialised, "Vault was never initialised. Run: vault operator init"),
            503 => (StoreState.Sealed, "Vault is sealed. Unseal it; nothing is lost."),
            _ => (StoreState.Unreachable, $"Vault's health answers {answer.Status}."),
        };
        if (state == StoreState.Ready)
        {
            var token = await client.Call(new VaultCall(HttpMethod.Get, "auth/token/lookup-self", IsRepeatable: true), ct);
            if ((token.Problem ?? (token.Value.IsOk ? null : token.Value.Refusal())) is { } problem) return new StoreHealth(VaultStore.StoreName, StoreState.Unreachable, problem.Detail, answer.Text("version"));
        }

        return new StoreHealth(VaultStore.StoreName, state, detail, answer.Text("version"));
    }
}
