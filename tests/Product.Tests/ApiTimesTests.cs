using Npgsql;

namespace PenguinMails.Product.Tests;

/// <summary>Requests to the API are counted by how long they took, whatever they were answered, and pages are not.</summary>
[Collection(RunningProgram.Name)]
public sealed class ApiTimesTests(TwoAccounts world)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_counted_within_seconds()
    {
        const int requests = 40;
        using var http = new HttpClient { BaseAddress = world.Penguin.Web };
        var before = await Counted();
        for (var i = 0; i < requests; i++)
            using (var answer = await http.GetAsync(new Uri(i % 2 == 0 ? "/api/v1/domains" : "/api/v1/no-such-thing", UriKind.Relative), Ct))
                Assert.InRange((int)answer.StatusCode, 400, 499);
        for (var waited = 0; await Counted() < before + requests; waited++)
        {
            Assert.True(waited < 60, $"{await Counted() - before} of {requests} requests were counted within a minute.");
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Ct);
        }
    }

    async Task<long> Counted()
    {
        await using var connection = new NpgsqlConnection($"Host={world.Penguin.Folder}/db;Username=postgres;Database=penguin;Pooling=false");
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand("select coalesce(sum(requests), 0)::bigint from oversight.api_time", connection);
        return (long)(await command.ExecuteScalarAsync(Ct) ?? 0L);
    }
}
