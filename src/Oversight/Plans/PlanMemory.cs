using PenguinMails.Core;

namespace PenguinMails.Oversight.Plans;

/// <summary>Plans as they were read last. A version never changes, so what was read of it holds as long as the program runs; which version is the newest is asked of the database each time.</summary>
/// <param name="plansMax">Versions kept, of all accounts together.</param>
/// <param name="charactersMax">Characters of their texts; a longer text is read anew each time. A plan takes about ten octets for each in memory.</param>
sealed class PlanMemory(int plansMax, long charactersMax)
{
    sealed record Entry((TenantId, PlanVersionId) Key, PlanReading Reading, int Characters);

    readonly Lock _gate = new();
    readonly LinkedList<Entry> _used = new(); // The one asked for last stands first.
    readonly Dictionary<(TenantId, PlanVersionId), LinkedListNode<Entry>> _entries = [];
    long _characters;

    /// <summary>Null when it was not kept, or had to make room.</summary>
    public PlanReading? Find(TenantId tenant, PlanVersionId version)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue((tenant, version), out var entry)) return null;
            _used.Remove(entry);
            _used.AddFirst(entry);
            return entry.Value.Reading;
        }
    }

    public void Keep(TenantId tenant, PlanVersionId version, PlanReading reading, int characters)
    {
        if (characters > charactersMax) return;
        lock (_gate)
        {
            if (_entries.ContainsKey((tenant, version))) return;
            _entries[(tenant, version)] = _used.AddFirst(new Entry((tenant, version), reading, characters));
            _characters += characters;
            while ((_entries.Count > plansMax || _characters > charactersMax) && _used.Last is { } oldest)
            {
                _used.RemoveLast();
                _entries.Remove(oldest.Value.Key);
                _characters -= oldest.Value.Characters;
            }
        }
    }
}
