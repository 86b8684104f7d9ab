using System.Text.Json;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>DNS records as JSON: <c>{"name":[{"type":"TXT","data":"…"},{"type":"*","timeout":true}]}</c>. A name that is absent does not exist.</summary>
static class ZoneJson
{
    /// <exception cref="JsonException">Not of that shape.</exception>
    public static MemoryZone Read(JsonElement root)
    {
        var zone = new MemoryZone();
        if (root.ValueKind == JsonValueKind.Null) return zone;
        if (root.ValueKind != JsonValueKind.Object) throw new JsonException("A zone is an object with a member for each name.");
        foreach (var name in root.EnumerateObject())
        {
            zone.Add(name.Name);
            if (name.Value.ValueKind != JsonValueKind.Array) Record(zone, name.Name, name.Value);
            else
                foreach (var record in name.Value.EnumerateArray()) Record(zone, name.Name, record);
        }
        return zone;
    }

    /// <exception cref="IOException">The file cannot be read, or holds no zone.</exception>
    public static MemoryZone Load(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(GivenFile.Checked(path)));
            var root = document.RootElement;
            // The same file may hold a zone alone or, as a case of a batch does, under that key.
            return Read(root.ValueKind == JsonValueKind.Object && root.TryGetProperty("zone", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : root);
        }
        catch (JsonException broken)
        {
            throw new IOException($"{path} is no zone: {broken.Message}", broken);
        }
    }

    static void Record(MemoryZone zone, string name, JsonElement record)
    {
        if (record.ValueKind != JsonValueKind.Object || !record.TryGetProperty("type", out var word) || word.ValueKind != JsonValueKind.String)
            throw new JsonException($"A record of {name} is an object with a type.");
        var isAny = word.GetString() == "*";
        var isKnown = Enum.TryParse<DnsType>(word.GetString(), ignoreCase: true, out var type) && Enum.IsDefined(type);
        if (record.TryGetProperty("timeout", out var timeout) && timeout.ValueKind == JsonValueKind.True)
        {
            if (isAny || isKnown) zone.AddTimeout(name, isAny ? null : type);
            return;
        }
        // Types nobody asks for any more, such as SPF (RFC 7208 3.1), only make the name exist.
        if (isKnown && record.TryGetProperty("data", out var data)) zone.Add(name, type, Text(data, type == DnsType.Txt ? "" : " "));
    }

    static string Text(JsonElement data, string between) => data.ValueKind switch
    {
        JsonValueKind.Array => string.Join(between, data.EnumerateArray().Select(part => Text(part, between))),
        JsonValueKind.String => data.GetString() ?? "",
        _ => data.GetRawText(),
    };
}
