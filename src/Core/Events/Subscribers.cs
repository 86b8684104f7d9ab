namespace PenguinMails.Core.Events;

/// <summary>Who hears of what: event type to job kinds. Filled at start by the modules, then only read.</summary>
/// <remarks>An event is a <c>record</c> its producer declares. A subscriber is a job kind whose payload is that record;
/// delivery is at least once, so a handler must be idempotent.</remarks>
public sealed class Subscribers
{
    readonly Dictionary<Type, List<string>> _kinds = [];

    public void Add<TEvent>(string jobKind) where TEvent : class
    {
        if (!_kinds.TryGetValue(typeof(TEvent), out var kinds)) _kinds[typeof(TEvent)] = kinds = [];
        if (!kinds.Contains(jobKind, StringComparer.Ordinal)) kinds.Add(jobKind);
    }

    public IReadOnlyList<string> KindsFor(Type eventType) => _kinds.TryGetValue(eventType, out var kinds) ? kinds : [];
}
