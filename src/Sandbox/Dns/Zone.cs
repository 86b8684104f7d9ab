using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Sandbox.Dns;

/// <summary>The records of one name and type, as they stand in <c>zone.json</c>.</summary>
sealed record RecordSet(string Host, DnsType Type, IReadOnlyList<string> Values);

/// <summary>All names the sandbox knows, kept in a file that is replaced as a whole.</summary>
sealed class Zone
{
    const int SetsMax = 10_000;
    const int ValuesMax = 50;
    const int TextOctetsMax = 16_000;

    readonly string _path;
    readonly Lock _gate = new();
    volatile IReadOnlyDictionary<(string Host, DnsType Type), RecordSet> _sets;

    /// <exception cref="JsonException">The file was edited and is not readable any more.</exception>
    public Zone(string path)
    {
        _path = path;
        _sets = File.Exists(path) ? Json.Read<List<RecordSet>>(File.ReadAllText(path)).ToDictionary(set => (set.Host, set.Type)) : [];
    }

    public Result<Done> Publish(string host, DnsType type, IReadOnlyList<string> values)
    {
        var name = Normal(host);
        if (DnsWire.Name(name) is null) return Problem.Invalid("sandbox.dns_host_invalid", new FieldProblem("host", "A name of labels with 1 to 63 ASCII characters, at most 253 in all."));
        if (values.Count > ValuesMax || values.FirstOrDefault(value => !Fits(type, value)) is not null)
            return Problem.Invalid("sandbox.dns_value_invalid", new FieldProblem("values", $"Not the content of a {type} record, or more than {ValuesMax} of them."));
        lock (_gate)
        {
            var next = _sets.ToDictionary();
            if (values.Count == 0) next.Remove((name, type));
            else next[(name, type)] = new RecordSet(name, type, [.. values]);
            if (next.Count > SetsMax) return new Problem(ProblemKind.TooLarge, "sandbox.dns_full", $"The sandbox keeps {SetsMax} sets of records.");
            File.WriteAllText(_path + ".new", Json.Write(next.Values.OrderBy(set => set.Host, StringComparer.Ordinal).ThenBy(set => set.Type)));
            File.Move(_path + ".new", _path, overwrite: true);
            _sets = next;
        }

        return default(Done);
    }

    /// <summary>Null when there are none of that type.</summary>
    public RecordSet? Find(string host, DnsType type) => _sets.GetValueOrDefault((host, type));

    /// <summary>True also for a name that has only names below it (RFC 8020 2).</summary>
    public bool Exists(string host) => _sets.Keys.Any(key => key.Host == host || key.Host.EndsWith("." + host, StringComparison.Ordinal));

    /// <summary>The SOA of the name or the nearest one above it, which a negative answer carries (RFC 2308 3).</summary>
    public RecordSet? Authority(string host)
    {
        for (var name = host; name.Length > 0; name = name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? name[(dot + 1)..] : "")
            if (Find(name, DnsType.Soa) is { } found) return found;
        return null;
    }

    public static string Normal(string host) => host.Trim().TrimEnd('.').ToLowerInvariant();

    static bool Fits(DnsType type, string value) => type switch
    {
        DnsType.A => IPAddress.TryParse(value, out var v4) && v4.AddressFamily == AddressFamily.InterNetwork,
        DnsType.Aaaa => IPAddress.TryParse(value, out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6,
        DnsType.Txt => System.Text.Encoding.UTF8.GetByteCount(value) <= TextOctetsMax,
        DnsType.Mx => value.Split(' ') is [var preference, var host] && ushort.TryParse(preference, NumberStyles.None, CultureInfo.InvariantCulture, out _) && DnsWire.Name(host) is not null,
        DnsType.Cname or DnsType.Ptr or DnsType.Ns => DnsWire.Name(value) is not null,
        DnsType.Soa => value.Split(' ') is { Length: 7 } fields && DnsWire.Name(fields[0]) is not null && DnsWire.Name(fields[1]) is not null
            && fields[2..].All(field => uint.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out _)),
        DnsType.Srv or DnsType.Tlsa or DnsType.Caa => false,
    };
}
