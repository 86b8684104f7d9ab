using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>PostgreSQL alone is killed in the middle of the send, as the kernel does when memory runs out: the same program starts it again and goes on.</summary>
public sealed class DatabaseKillTests(ITestOutputHelper output)
{
    const int Kills = 2;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 900_000)]
    public async Task The_program_outlives_its_database_and_nobody_is_mailed_twice_or_forgotten()
    {
        await using var send = await KilledSend.Launch(output, Ct);
        for (var kill = 1; kill <= Kills; kill++)
        {
            await send.Kill(150, () => send.Penguin.KillDatabase(), Ct);
            await send.Api.Until<object>("The program answers again", TimeSpan.FromMinutes(1), async () => await Answers(send) ? this : null, Ct);
        }

        await send.IsWhole(Ct);
        Assert.False(send.Penguin.HasEnded);
        Assert.Equal(Kills, send.Penguin.Output.Split("PostgreSQL runs again.").Length - 1);
    }

    // While the database is away a request fails as a whole, which the demo's API calls a failure.
    static async Task<bool> Answers(KilledSend send)
    {
        try
        {
            await send.Api.Get($"/api/v1/campaigns/{send.Campaign}", Ct);
            return true;
        }
        catch (DemoFailed)
        {
            return false;
        }
    }
}
