namespace PenguinMails.Mail.Dns;

/// <summary>Changes of one zone that happen together or not at all (RFC 2136): each only if what stood before still stands.</summary>
public sealed class DnsUpdate
{
    const int Soa = 6;
    const int AnyType = 255;
    const int ClassInternet = 1;
    const int ClassNone = 254;
    const int ClassAny = 255;
    const int OctetsMax = 60_000; // A message by TCP takes 65,535; the signature needs its part.

    readonly byte[] body;
    readonly int prerequisites;
    readonly int updates;

    DnsUpdate(byte[] body, int prerequisites, int updates) => (this.body, this.prerequisites, this.updates) = (body, prerequisites, updates);

    /// <returns>Null with the reason when a name or value cannot be written, or all of it is over 60,000 octets.</returns>
    public static DnsUpdate? Of(string zone, IReadOnlyList<DnsChange> changes, out string fault)
    {
        var output = new List<byte>();
        fault = $"{zone} is no name of a zone";
        if (!DnsWriter.Name(output, zone)) return null;
        DnsWriter.Number16(output, Soa);
        DnsWriter.Number16(output, ClassInternet);
        var (required, done) = (0, 0);
        foreach (var change in changes)
        {
            if (!Fits(change, out fault)) return null;
            required += Require(output, change);
        }
        foreach (var change in changes) done += Change(output, change);
        fault = output.Count > OctetsMax ? $"more than {OctetsMax} octets in one update" : "";
        return fault.Length > 0 ? null : new DnsUpdate([.. output], required, done);
    }

    internal byte[] Message(ushort id)
    {
        var output = new List<byte>(body.Length + 12);
        DnsWriter.Number16(output, id);
        DnsWriter.Number16(output, 5 << 11); // RFC 2136 2.2: a request with opcode UPDATE.
        DnsWriter.Number16(output, 1);
        DnsWriter.Number16(output, prerequisites);
        DnsWriter.Number16(output, updates);
        DnsWriter.Number16(output, 0);
        return [.. output, .. body];
    }

    static bool Fits(DnsChange change, out string fault)
    {
        fault = "a change without records";
        if ((change.Before ?? change.After) is null) return false;
        foreach (var set in new[] { change.Before, change.After }.OfType<DnsRecordSet>())
        {
            fault = $"{set.Name} is no name";
            if (!DnsWriter.Name([], set.Name)) return false;
            fault = $"a value of {set.Name} is no content of a {set.Type} record";
            if (set.Values.Count == 0 || set.Values.Any(value => DnsWriter.Content(set.Type, value) is null)) return false;
        }
        return true;
    }

    static int Require(List<byte> output, DnsChange change)
    {
        // RFC 2136 2.4.2: exactly these.
        var count = (change.Before?.Values ?? []).Sum(value => Record(output, change.Before, 0, value));
        if (change is not { Before: null, After: { } after }) return count;
        // RFC 2136 3.4.2.2: a server drops what would stand beside an alias without a word, so that there is none is asked first.
        return after.Type == DnsType.Cname
            ? Empty(output, after.Name, AnyType, ClassNone)
            : Empty(output, after.Name, (int)after.Type, ClassNone) + Empty(output, after.Name, (int)DnsType.Cname, ClassNone);
    }

    static int Change(List<byte> output, DnsChange change)
    {
        // RFC 2136 2.5.2: the whole set goes.
        var count = change.Before is { } before ? Empty(output, before.Name, (int)before.Type, ClassAny) : 0;
        return count + (change.After?.Values ?? []).Sum(value => Record(output, change.After, change.After?.TtlSeconds ?? 0, value));
    }

    static int Record(List<byte> output, DnsRecordSet? set, int ttl, string value)
    {
        if (set is null || DnsWriter.Content(set.Type, value) is not { } content) return 0;
        Head(output, set.Name, (int)set.Type, ClassInternet, ttl, content.Length);
        output.AddRange(content);
        return 1;
    }

    static int Empty(List<byte> output, string name, int type, int @class)
    {
        Head(output, name, type, @class, 0, 0);
        return 1;
    }

    static void Head(List<byte> output, string name, int type, int @class, int ttl, int length)
    {
        DnsWriter.Name(output, name);
        DnsWriter.Number16(output, type);
        DnsWriter.Number16(output, @class);
        DnsWriter.Number32(output, ttl);
        DnsWriter.Number16(output, length);
    }
}
