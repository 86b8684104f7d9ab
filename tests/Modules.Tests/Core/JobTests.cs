using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Modules.Tests.Core;

public sealed class JobTests(TestDatabase database)
{
    sealed record Note(string Text);

    sealed record SomethingHappened(int Number);

    static CancellationToken Ct => TestContext.Current.CancellationToken;
    readonly TestClock _clock = new();
    readonly TenantId _tenant = database.NewTenant();
    readonly string _kind = "test." + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N");

    [Fact]
    public async Task A_job_runs_once_with_its_payload()
    {
        var seen = new List<string>();
        var id = await Enqueue(new JobOrder<Note>(_kind, new Note("hello")));
        var ran = await Worker((note, _, _) => { seen.Add(note.Text); return Task.CompletedTask; }).RunDue(Ct);
        Assert.Equal((1, "hello"), (ran, Assert.Single(seen)));
        Assert.Equal("done", (await Status(id)).State);
    }

    [Fact]
    public async Task A_job_of_a_transaction_that_rolls_back_never_runs()
    {
        await using (var tx = await database.Db.Begin(_tenant, Ct)) await tx.Enqueue(new JobOrder<Note>(_kind, new Note("never")), Now, Ct);
        Assert.Equal(0, await Worker((_, _, _) => Task.CompletedTask).RunDue(Ct));
    }

    [Fact]
    public async Task A_failed_job_waits_then_runs_again_and_dies_after_its_last_attempt()
    {
        var id = await Enqueue(new JobOrder<Note>(_kind, new Note("x")) { AttemptsMax = 2 });
        var worker = Worker((_, _, _) => throw new InvalidOperationException("broken"));
        Assert.Equal(1, await worker.RunDue(Ct));
        Assert.Equal(("ready", "InvalidOperationException: broken"), (await StateAndError(id)));
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(1, await worker.RunDue(Ct));
        Assert.Equal("dead", (await Status(id)).State);
    }

    [Fact]
    public async Task A_job_whose_worker_died_is_run_by_another_when_the_lease_ends()
    {
        var id = await Enqueue(new JobOrder<Note>(_kind, new Note("x")));
        Assert.Single(await JobStore.Claim(database.Db, [_kind], 10, TimeSpan.FromSeconds(60), Now, Ct));
        var worker = Worker((_, _, _) => Task.CompletedTask);
        Assert.Equal(0, await worker.RunDue(Ct));
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(1, await worker.RunDue(Ct));
        Assert.Equal(2, (await Status(id)).Attempt);
    }

    [Fact]
    public async Task Two_claims_at_once_never_share_a_job()
    {
        for (var i = 0; i < 40; i++) await Enqueue(new JobOrder<Note>(_kind, new Note("x")));
        var claims = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => JobStore.Claim(database.Db, [_kind], 20, TimeSpan.FromSeconds(60), Now, Ct)));
        var ids = claims.SelectMany(c => c).Select(c => c.Id).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(40, ids.Count + (await JobStore.Claim(database.Db, [_kind], 40, TimeSpan.FromSeconds(60), Now, Ct)).Count);
    }

    [Fact]
    public async Task A_unique_key_makes_a_second_order_the_same_job()
    {
        var first = await Enqueue(new JobOrder<Note>(_kind, new Note("a")) { UniqueKey = "k" });
        Assert.Equal(first, await Enqueue(new JobOrder<Note>(_kind, new Note("b")) { UniqueKey = "k" }));
    }

    [Fact]
    public async Task A_running_job_stops_at_its_next_progress_report_after_a_wish_to_cancel()
    {
        var id = await Enqueue(new JobOrder<Note>(_kind, new Note("x")));
        await Worker(async (_, run, ct) =>
        {
            await JobStore.Cancel(database.Db, _tenant, run.Id, Now, ct);
            await run.Progress(1, 2, "half", ct);
        }).RunDue(Ct);
        Assert.Equal("cancelled", (await Status(id)).State);
    }

    [Fact]
    public async Task A_recurring_job_is_ready_again_after_its_interval()
    {
        var count = 0;
        await Enqueue(new JobOrder<Note>(_kind, new Note("x")) { UniqueKey = "r", EverySeconds = 60 });
        var worker = Worker((_, _, _) => { count++; return Task.CompletedTask; });
        await worker.RunDue(Ct);
        await worker.RunDue(Ct);
        Assert.Equal(1, count);
        _clock.Advance(TimeSpan.FromSeconds(60));
        await worker.RunDue(Ct);
        Assert.Equal(2, count);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    public async Task A_job_whose_workers_all_died_is_buried_by_its_kind_once(int deaths, int burials)
    {
        var id = await Enqueue(new JobOrder<Note>(_kind, new Note("x")) { AttemptsMax = 2 });
        for (var i = 0; i < deaths; i++)
        {
            Assert.Single(await JobStore.Claim(database.Db, [_kind], 10, TimeSpan.FromSeconds(60), Now, Ct));
            _clock.Advance(TimeSpan.FromSeconds(61));
        }

        var buried = new List<string>();
        var kinds = new JobKinds(new Subscribers());
        kinds.Add<Note>(_kind, (_, _, _) => Task.CompletedTask);
        kinds.Bury<Note>(_kind, (note, _, _) => { buried.Add(note.Text); return Task.CompletedTask; });
        await database.Worker(kinds, _clock).RunDue(Ct);
        Assert.Equal((burials, burials == 0 ? "done" : "dead"), (buried.Count, (await Status(id)).State));
    }

    [Fact]
    public async Task An_event_becomes_one_job_for_each_subscriber_in_the_same_transaction()
    {
        var subscribers = new Subscribers();
        var kinds = new JobKinds(subscribers);
        var heard = new List<string>();
        kinds.On<SomethingHappened>(_kind + ".a", (e, _, _) => { heard.Add($"a{e.Number}"); return Task.CompletedTask; });
        kinds.On<SomethingHappened>(_kind + ".b", (e, _, _) => { heard.Add($"b{e.Number}"); return Task.CompletedTask; });
        await using (var tx = await new TenantDb(database.Source, subscribers, new JobSignal()).Begin(_tenant, Ct))
        {
            await tx.Publish(new SomethingHappened(7), Now, Ct);
            await tx.Commit(Ct);
        }

        await database.Worker(kinds, _clock).RunDue(Ct);
        Assert.Equal(["a7", "b7"], heard.Order());
    }

    [Fact]
    public async Task Another_tenant_sees_neither_the_job_nor_can_it_cancel_it()
    {
        var id = await Enqueue(new JobOrder<Note>(_kind, new Note("x")));
        var other = database.NewTenant();
        Assert.Null(await JobStore.Status(database.Db, other, id, Ct));
        Assert.False(await JobStore.Cancel(database.Db, other, id, Now, Ct));
        Assert.Equal("ready", (await Status(id)).State);
    }

    DateTimeOffset Now => _clock.GetUtcNow();

    async Task<JobId> Enqueue(JobOrder<Note> order)
    {
        await using var tx = await database.Db.Begin(_tenant, Ct);
        var id = await tx.Enqueue(order, Now, Ct);
        await tx.Commit(Ct);
        return id;
    }

    JobWorker Worker(Func<Note, JobRun, CancellationToken, Task> handle)
    {
        var kinds = new JobKinds(new Subscribers());
        kinds.Add(_kind, handle);
        return new JobWorker(database.Db, kinds, new JobSignal(), database.Services, _clock, NullLogger<JobWorker>.Instance);
    }

    async Task<JobStatus> Status(JobId id) => await JobStore.Status(database.Db, _tenant, id, Ct) ?? throw new InvalidOperationException();

    async Task<(string, string?)> StateAndError(JobId id)
    {
        var status = await Status(id);
        return (status.State, status.LastError);
    }
}
