using System.Collections.Concurrent;
using System.Reflection;

namespace PenguinMails.Core.Db;

/// <summary>Unwraps the typed ids that modules declare; the ids of Core take the fast path in <see cref="TenantTx"/>.</summary>
static class TypedIdValue
{
    static readonly ConcurrentDictionary<Type, PropertyInfo?> Known = new();

    public static object Unwrap(object value)
    {
        var property = Known.GetOrAdd(value.GetType(), static type =>
            type.IsValueType && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITypedId<>))
                ? type.GetProperty(nameof(ITypedId<>.Value))
                : null);
        return property?.GetValue(value) ?? value;
    }
}
