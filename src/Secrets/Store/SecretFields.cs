using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PenguinMails.Secrets.Store;

/// <summary>The value of a secret: named texts, such as <c>password</c>. Prints and serialises as <c>(secret)</c>, so that no log or answer shows it by mistake.</summary>
/// <remarks>1 to 32 fields; names of 1 to 64 characters out of a to z, 0 to 9 and underscore; 64 KiB of UTF-8 in all. Values may be empty, not NUL.</remarks>
[JsonConverter(typeof(Redacting))]
public sealed class SecretFields
{
    public const int FieldsMax = 32;
    public const int NameLengthMax = 64;
    public const int BytesMax = 64 * 1024;

    readonly SortedDictionary<string, string> _values;

    SecretFields(SortedDictionary<string, string> values) => _values = values;

    public IEnumerable<string> Names => _values.Keys;

    /// <summary>Null when there is no such field.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <param name="fault">What is wrong, without any value.</param>
    public static bool TryCreate(IReadOnlyDictionary<string, string> values, [NotNullWhen(true)] out SecretFields? fields, out string fault)
    {
        fields = null;
        fault = values.Count is 0 or > FieldsMax ? $"1 to {FieldsMax} fields."
            : !values.Keys.All(IsName) ? $"Names of fields have 1 to {NameLengthMax} characters: a to z, 0 to 9 and underscore."
            : values.Values.Any(value => value.Contains('\0', StringComparison.Ordinal)) ? "Values cannot hold the character NUL."
            : values.Sum(pair => (long)pair.Key.Length + Encoding.UTF8.GetByteCount(pair.Value)) > BytesMax ? $"At most {BytesMax / 1024} KiB in all."
            : "";
        if (fault.Length > 0) return false;
        fields = new SecretFields(new SortedDictionary<string, string>(values.ToDictionary(), StringComparer.Ordinal));
        return true;
    }

    /// <exception cref="ArgumentException">Outside the limits: a caller's bug. The message names no value.</exception>
    public static SecretFields Of(params ReadOnlySpan<(string Name, string Value)> values)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in values) given[name] = value;
        return TryCreate(given, out var fields, out var fault) ? fields : throw new ArgumentException(fault, nameof(values));
    }

    /// <summary>A copy of the values, for whoever must hand them on: the wire to a store, a log-in, a break-glass answer.</summary>
    public IReadOnlyDictionary<string, string> Reveal() => new Dictionary<string, string>(_values, StringComparer.Ordinal);

    public bool IsSame(SecretFields other) => _values.SequenceEqual(other._values);

    public override string ToString() => "(secret)";

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(_values);

    internal static SecretFields FromBytes(ReadOnlySpan<byte> json) =>
        new(new SortedDictionary<string, string>(JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [], StringComparer.Ordinal));

    static bool IsName(string name) => name.Length is > 0 and <= NameLengthMax && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_');

    sealed class Redacting : JsonConverter<SecretFields>
    {
        public override SecretFields Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new JsonException("The value of a secret is not read from JSON of this kind.");

        public override void Write(Utf8JsonWriter writer, SecretFields value, JsonSerializerOptions options) => writer.WriteStringValue("(secret)");
    }
}
