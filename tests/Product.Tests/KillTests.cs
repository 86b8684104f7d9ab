namespace PenguinMails.Product.Tests;

/// <summary>The program is killed in the middle of the send and started again: nobody is mailed twice, nobody is forgotten.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 900_000)]
    public async Task Five_kills_at_random_moments_cost_no_message_and_double_none()
    {
        await using var send = await KilledSend.Launch(output, Ct);
        for (var kill = 1; kill <= 5; kill++)
        {
            await send.Kill(120, send.Penguin.Kill, Ct);
            await send.Penguin.Launch(Ct);
        }

        await send.IsWhole(Ct);
    }
}
