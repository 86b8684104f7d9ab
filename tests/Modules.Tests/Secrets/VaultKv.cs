using System.Globalization;
using System.Text.Json;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>The KV engine of version 2 as Vault describes it: data, metadata, delete, undelete, destroy, list.</summary>
public sealed class VaultKv
{
    const int VersionsMax = 10;
    readonly Lock _gate = new();
    readonly SortedDictionary<string, Held> _secrets = new(StringComparer.Ordinal);

    sealed class Held
    {
        public int Current;
        public SortedDictionary<int, Version> Versions { get; } = [];
    }

    sealed class Version
    {
        public Dictionary<string, JsonElement>? Data;
        public string Created = Now();
        public string Deleted = "";
        public bool Destroyed;

        public object About(int number) => new { created_time = Created, deletion_time = Deleted, destroyed = Destroyed, version = number, custom_metadata = (object?)null };
    }

    /// <summary>Everything that is held, to see that a value is really gone.</summary>
    public string Dump()
    {
        lock (_gate) return JsonSerializer.Serialize(_secrets.ToDictionary(pair => pair.Key, pair => pair.Value.Versions.Values.Select(version => version.Data)));
    }

    public (int Status, object? Body) Answer(string method, string path, string version, bool isList, JsonElement body)
    {
        var (verb, name) = (path[..path.IndexOf('/')], path[(path.IndexOf('/') + 1)..]);
        lock (_gate)
        {
            return (verb, method) switch
            {
                ("data", "POST" or "PUT") => Write(name, body),
                ("data", "GET") => Read(name, version),
                ("metadata", "GET") when isList => List(name),
                ("metadata", "GET") => Describe(name),
                ("metadata", "DELETE") => _secrets.Remove(name) ? (204, null) : (204, null),
                ("delete", "POST") => Mark(name, body, one => one.Deleted = one.Deleted.Length > 0 ? one.Deleted : Now()),
                ("undelete", "POST") => Mark(name, body, one => one.Deleted = one.Destroyed ? one.Deleted : ""),
                ("destroy", "POST" or "PUT") => Mark(name, body, one => (one.Destroyed, one.Data) = (true, null)),
                _ => (405, new { errors = new[] { "1 error occurred:\n\t* unsupported operation\n\n" } }),
            };
        }
    }

    (int, object?) Write(string name, JsonElement body)
    {
        var held = _secrets.GetValueOrDefault(name) ?? new Held();
        if (body.TryGetProperty("options", out var options) && options.TryGetProperty("cas", out var cas) && cas.GetInt32() != held.Current)
            return (400, new { errors = new[] { "check-and-set parameter did not match the current version" } });
        _secrets[name] = held;
        var one = new Version { Data = body.GetProperty("data").EnumerateObject().ToDictionary(field => field.Name, field => field.Value.Clone()) };
        held.Versions[++held.Current] = one;
        held.Versions.Remove(held.Current - VersionsMax);
        return (200, new { data = one.About(held.Current) });
    }

    (int, object?) Read(string name, string version)
    {
        if (!_secrets.TryGetValue(name, out var held)) return (404, new { errors = Array.Empty<string>() });
        var number = version.Length == 0 ? held.Current : int.Parse(version, CultureInfo.InvariantCulture);
        if (!held.Versions.TryGetValue(number, out var one)) return (404, new { errors = Array.Empty<string>() });
        return one.Destroyed || one.Deleted.Length > 0
            ? (404, new { data = new { data = (object?)null, metadata = one.About(number) } })
            : (200, new { data = new { data = one.Data, metadata = one.About(number) } });
    }

    (int, object?) Describe(string name) => _secrets.TryGetValue(name, out var held)
        ? (200, new { data = new { current_version = held.Current, versions = held.Versions.ToDictionary(pair => pair.Key.ToString(CultureInfo.InvariantCulture), pair => pair.Value.About(pair.Key)) } })
        : (404, new { errors = Array.Empty<string>() });

    (int, object?) List(string folder)
    {
        var prefix = folder.TrimEnd('/') + "/";
        string[] keys = [.. _secrets.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..])
            .Select(rest => rest.Contains('/') ? rest[..(rest.IndexOf('/') + 1)] : rest).Distinct()];
        return keys.Length == 0 ? (404, new { errors = Array.Empty<string>() }) : (200, new { data = new { keys } });
    }

    (int, object?) Mark(string name, JsonElement body, Action<Version> mark)
    {
        if (!_secrets.TryGetValue(name, out var held)) return (404, new { errors = Array.Empty<string>() });
        foreach (var number in body.GetProperty("versions").EnumerateArray())
            if (held.Versions.TryGetValue(number.GetInt32(), out var one)) mark(one);
        return (204, null);
    }

    static string Now() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
