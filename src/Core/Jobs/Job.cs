namespace PenguinMails.Core.Jobs;

/// <summary>A wish for durable work.</summary>
/// <param name="Kind">Registered name such as <c>campaigns.import_contacts</c>.</param>
/// <param name="Payload">Written as JSON into the tenant's row.</param>
public sealed record JobOrder<T>(string Kind, T Payload)
{
    /// <summary>Not before; null means at once.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>1 (first) to 9 (last).</summary>
    public int Priority { get; init; } = 5;

    /// <summary>1 to 50. After that many failures the job is dead and waits for a person.</summary>
    public int AttemptsMax { get; init; } = 10;

    /// <summary>With a key, a second order while the first is ready or running is the same job.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>Set for a recurring job: seconds between the end of one run and the start of the next.</summary>
    public int? EverySeconds { get; init; }
}

/// <summary>A job a worker holds under a lease.</summary>
public sealed record ClaimedJob(JobId Id, TenantId Tenant, string Kind, int Attempt, int AttemptsMax, Guid LeaseToken, int? EverySeconds);

/// <summary>What a person sees of a job.</summary>
/// <param name="ProgressTotal">Null while unknown.</param>
public sealed record JobStatus(
    JobId Id, string Kind, string State, int Attempt, long ProgressDone, long? ProgressTotal, string? ProgressNote,
    bool CancelRequested, string? Result, string? LastError, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt);

/// <summary>Thrown by a handler that saw the wish to cancel and stopped cleanly.</summary>
public sealed class JobCancelled : Exception;

/// <summary>Wakes the workers of this process when a transaction with a new job commits; other processes poll.</summary>
public sealed class JobSignal
{
    volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Pulse() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    public Task Wait() => _next.Task;
}
