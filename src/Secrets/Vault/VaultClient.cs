using PenguinMails.Core;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Vault;

/// <summary>Calls Vault with a token that works, and turns what cannot be answered into refusals.</summary>
sealed class VaultClient(VaultWire wire, VaultSession session, TimeProvider clock)
{
    static readonly TimeSpan CallMax = TimeSpan.FromSeconds(20);

    public async Task<Result<VaultAnswer>> Call(VaultCall call, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(CallMax, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return await WithToken(call, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return SecretProblems.Unavailable($"Vault did not answer within {CallMax.TotalSeconds:0} s.");
        }
        catch (TimeoutException slow)
        {
            return SecretProblems.Unavailable(slow.Message);
        }
        catch (HttpRequestException)
        {
            return SecretProblems.Unavailable("Vault cannot be reached, or broke the connection off. Check PENGUIN__SECRETS__VAULT__ADDRESS and, for TLS, PENGUIN__SECRETS__VAULT__CAFILE.");
        }
        catch (Exception unreadable) when (unreadable is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return SecretProblems.Unavailable(unreadable.Message); // A token or secret id that cannot be read: the message names the file.
        }
    }

    /// <summary>Without a token: health only.</summary>
    public Task<VaultAnswer> Ask(VaultCall call, CancellationToken ct) => wire.Send(call, ct);

    // A token that ended early (revoked, or Vault restarted) is replaced once; a second refusal is about the policy.
    async Task<Result<VaultAnswer>> WithToken(VaultCall call, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var token = await session.Token(ct);
            if (token.Problem is { } problem) return problem;
            var answer = await wire.Send(call with { Token = token.Value }, ct);
            if (answer.Status != 403 || attempt == 2) return answer;
            session.Forget(token.Value);
        }
    }
}
