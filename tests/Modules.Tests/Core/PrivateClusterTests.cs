using System.Collections.Concurrent;
using Npgsql;
using PenguinMails.Core.Db;

namespace PenguinMails.Modules.Tests.Core;

public sealed class PrivateClusterTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task Who_comes_second_is_a_guest_and_takes_over_when_the_host_has_ended()
    {
        var folder = Directory.CreateTempSubdirectory("penguin-guest-").FullName;
        try
        {
            var told = new ConcurrentQueue<string>();
            var host = await PrivateCluster.Start(folder, durable: false, TimeProvider.System, Ct);
            await using var guest = await PrivateCluster.Start(folder, durable: false, TimeProvider.System, Ct, told.Enqueue);
            Assert.Equal((false, true), (host.IsGuest, guest.IsGuest));
            await host.DisposeAsync();
            while (!await Answers(guest)) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ct);
            Assert.False(guest.IsGuest);
            Assert.Empty(told);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<bool> Answers(PrivateCluster cluster)
    {
        try
        {
            await using var connection = new NpgsqlConnection(cluster.Connection("penguin_owner", "penguin") + ";Pooling=false");
            await connection.OpenAsync(Ct);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
