using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;

namespace PenguinMails.Core.Jobs;

/// <summary>What a handler gets besides its payload.</summary>
public sealed class JobRun(ClaimedJob job, TenantDb db, IServiceProvider services)
{
    public JobId Id => job.Id;
    public TenantId Tenant => job.Tenant;

    /// <summary>1 for the first run.</summary>
    public int Attempt => job.Attempt;

    /// <summary>True when a failure now buries the job.</summary>
    public bool IsLastAttempt => job.Attempt >= job.AttemptsMax;

    public TenantDb Db => db;

    public T Need<T>() where T : notnull => services.GetRequiredService<T>();

    /// <summary>Shows how far the work is. Call it every few seconds, not every row.</summary>
    /// <exception cref="JobCancelled">A person asked to cancel; let it pass through.</exception>
    public async Task Progress(long done, long? total, string? note, CancellationToken ct)
    {
        if (await JobStore.Progress(db, job, done, total, note, ct).ConfigureAwait(false)) throw new JobCancelled();
    }

    /// <summary>The same job once more, so much later: it stays one, under its unique key. Counts as no failure.</summary>
    public void Again(TimeSpan after) => LooksAgainAfter = after;

    internal TimeSpan? LooksAgainAfter { get; private set; }

    public Task Result<T>(T result, CancellationToken ct) => JobStore.Result(db, job, result, ct);
}

/// <summary>Job kinds this process can run: name to handler. Filled at start by the modules.</summary>
public sealed class JobKinds(Subscribers subscribers)
{
    readonly Dictionary<string, Func<string, JobRun, CancellationToken, Task>> _handlers = new(StringComparer.Ordinal);
    readonly Dictionary<string, Func<string, JobRun, CancellationToken, Task>> _burials = new(StringComparer.Ordinal);
    readonly List<(string Kind, int EverySeconds)> _recurring = [];

    public string[] Names => [.. _handlers.Keys];

    public IReadOnlyList<(string Kind, int EverySeconds)> Recurring => _recurring;

    /// <exception cref="ArgumentException">The kind is registered already.</exception>
    public void Add<TPayload>(string kind, Func<TPayload, JobRun, CancellationToken, Task> handle) =>
        _handlers.Add(kind, (payload, run, ct) => handle(Json.Read<TPayload>(payload), run, ct));

    /// <summary>What follows when the workers of every attempt died without a word: ends what the job left half done.</summary>
    /// <remarks>Must bear running twice. A job that fails at its last attempt ends its own work; this is for one that never could.</remarks>
    public void Bury<TPayload>(string kind, Func<TPayload, JobRun, CancellationToken, Task> handle) =>
        _burials.Add(kind, (payload, run, ct) => handle(Json.Read<TPayload>(payload), run, ct));

    /// <summary>A job that hears of an event.</summary>
    public void On<TEvent>(string kind, Func<TEvent, JobRun, CancellationToken, Task> handle) where TEvent : class
    {
        Add(kind, handle);
        subscribers.Add<TEvent>(kind);
    }

    /// <summary>A job of the platform that runs again and again, <paramref name="everySeconds"/> after it ended.</summary>
    public void Every(string kind, int everySeconds, Func<JobRun, CancellationToken, Task> handle)
    {
        Add<NoPayload>(kind, (_, run, ct) => handle(run, ct));
        _recurring.Add((kind, everySeconds));
    }

    internal Func<string, JobRun, CancellationToken, Task>? Find(string kind) => _handlers.GetValueOrDefault(kind);

    internal Func<string, JobRun, CancellationToken, Task> Burial(string kind) => _burials.GetValueOrDefault(kind, (_, _, _) => Task.CompletedTask);
}

/// <summary>Payload of a job that needs none.</summary>
public sealed record NoPayload;
