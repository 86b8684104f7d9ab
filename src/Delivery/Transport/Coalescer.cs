namespace PenguinMails.Delivery.Transport;

/// <summary>Joins calls that wait at the same moment into one round trip: while one flush runs, the next callers gather.</summary>
/// <remarks>A flush that throws fails every call of its batch and no other. The batch is as large as there are callers.</remarks>
sealed class Coalescer<TIn, TOut>(Func<IReadOnlyList<TIn>, Task<IReadOnlyList<TOut>>> flush)
{
    readonly Lock _gate = new();
    Batch? _open;
    Task _last = Task.CompletedTask;

    sealed class Batch
    {
        public List<TIn> Items { get; } = [];
        public Task<IReadOnlyList<TOut>>? Results { get; set; }
    }

    public async Task<TOut> Add(TIn item)
    {
        Task<IReadOnlyList<TOut>> results;
        int index;
        lock (_gate)
        {
            if (_open is null)
            {
                _open = new Batch();
                _open.Results = Run(_open, _last);
                _last = _open.Results;
            }

            index = _open.Items.Count;
            _open.Items.Add(item);
            results = _open.Results ?? throw new InvalidOperationException("A batch has its results from the start.");
        }

        return (await results)[index];
    }

    async Task<IReadOnlyList<TOut>> Run(Batch batch, Task previous)
    {
        await Task.WhenAny(previous); // Waits without sharing its failure.
        await Task.Yield();           // Lets callers that were released together gather.
        lock (_gate)
        {
            if (_open == batch) _open = null;
        }

        return await flush(batch.Items);
    }
}
