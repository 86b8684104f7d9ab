using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PenguinMails.Core;

/// <summary>An id that knows its noun: a version 7 Guid inside, <c>cmp_</c> and 26 characters outside.</summary>
/// <remarks>A version 7 id reveals when it was made; tokens and links use 256 random bits instead.</remarks>
public interface ITypedId<TSelf> where TSelf : struct, ITypedId<TSelf>
{
    static abstract string Prefix { get; }
    static abstract TSelf From(Guid value);
    Guid Value { get; }
}

public readonly record struct TenantId(Guid Value) : ITypedId<TenantId>
{
    /// <summary>The platform itself: owner of system jobs. No person ever acts in it.</summary>
    public static readonly TenantId Platform;
    public static string Prefix => "ten";
    public static TenantId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out TenantId id) => TypedId.TryParse(text, out id);
}

public readonly record struct WorkspaceId(Guid Value) : ITypedId<WorkspaceId>
{
    public static string Prefix => "wsp";
    public static WorkspaceId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out WorkspaceId id) => TypedId.TryParse(text, out id);
}

public readonly record struct UserId(Guid Value) : ITypedId<UserId>
{
    public static string Prefix => "usr";
    public static UserId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out UserId id) => TypedId.TryParse(text, out id);
}

/// <summary>Shown as <c>cmp_…</c>. Here because the ledger names campaigns, and lies below them.</summary>
public readonly record struct CampaignId(Guid Value) : ITypedId<CampaignId>
{
    public static string Prefix => "cmp";
    public static CampaignId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out CampaignId id) => TypedId.TryParse(text, out id);
}

/// <summary>Shown as <c>con_…</c>. Here for the same reason.</summary>
public readonly record struct ContactId(Guid Value) : ITypedId<ContactId>
{
    public static string Prefix => "con";
    public static ContactId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out ContactId id) => TypedId.TryParse(text, out id);
}

public readonly record struct JobId(Guid Value) : ITypedId<JobId>
{
    public static string Prefix => "job";
    public static JobId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out JobId id) => TypedId.TryParse(text, out id);
}

/// <summary>Text form of ids: prefix, underscore, 26 characters of Crockford base 32 in lower case, sortable like the Guid.</summary>
public static class TypedId
{
    const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    const int TextLength = 26; // 130 bits for 128; the first character is 0 to 7.

    public static string Show<T>(T id) where T : struct, ITypedId<T> => $"{T.Prefix}_{Encode(id.Value)}";

    /// <summary>False for a wrong prefix, length or character; never throws.</summary>
    public static bool TryParse<T>(string? text, out T id) where T : struct, ITypedId<T>
    {
        id = default;
        if (text is null || !text.StartsWith(T.Prefix + "_", StringComparison.Ordinal)) return false;
        if (!TryDecode(text.AsSpan(T.Prefix.Length + 1), out var value)) return false;
        id = T.From(value);
        return true;
    }

    public static T New<T>(DateTimeOffset now) where T : struct, ITypedId<T> => T.From(Guid.CreateVersion7(now));

    static string Encode(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        var number = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        Span<char> text = stackalloc char[TextLength];
        for (var i = TextLength - 1; i >= 0; i--, number >>= 5) text[i] = Alphabet[(int)(number & 31)];
        return new string(text);
    }

    static bool TryDecode(ReadOnlySpan<char> text, out Guid value)
    {
        value = default;
        if (text.Length != TextLength || text[0] > '7') return false;
        UInt128 number = 0;
        foreach (var letter in text)
        {
            var digit = Alphabet.IndexOf(letter, StringComparison.Ordinal);
            if (digit < 0) return false;
            number = (number << 5) | (uint)digit;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        value = new Guid(bytes, bigEndian: true);
        return true;
    }
}

/// <summary>Writes and reads every <see cref="ITypedId{TSelf}"/> as its text form. A malformed id is a <see cref="JsonException"/>: HTTP 400.</summary>
public sealed class TypedIdJson : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsValueType && typeToConvert.GetInterfaces()
        .Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITypedId<>));

    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "The program is not trimmed.")]
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert)) as JsonConverter
            ?? throw new InvalidOperationException($"No converter for {typeToConvert}.");

    sealed class Converter<T> : JsonConverter<T> where T : struct, ITypedId<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TypedId.TryParse<T>(reader.GetString(), out var id)
                ? id
                : throw new JsonException($"Expected an id that starts with {T.Prefix}_.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(TypedId.Show(value));
    }
}
