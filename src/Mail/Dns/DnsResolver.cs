using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Mail.Dns;

/// <summary>A stub resolver (RFC 1034 5.3.1): asks recursive servers, never adds a search domain, keeps answers for their time to live. For many threads at once.</summary>
/// <param name="random">Fills the octets it is given; unguessable in production (RFC 5452 9.2).</param>
public sealed class DnsResolver(DnsResolverOptions options, TimeProvider clock, RandomFill random) : IDnsLookup
{
    const int AliasesMax = 8;
    const int NameError = 3;
    const int FormatError = 1;

    readonly DnsCache cache = new(options.CacheEntriesMax, clock);
    readonly DnsExchange exchange = new(random);
    readonly IPEndPoint[] servers = [options.Server, .. options.Others];

    /// <param name="name">ASCII, with or without a final dot; underscores allowed.</param>
    /// <returns>Never throws for what a server does; only for the caller's cancellation.</returns>
    /// <exception cref="ArgumentException">No name that could be asked for.</exception>
    public async ValueTask<DnsAnswer> Ask(string name, DnsType type, CancellationToken ct)
    {
        var key = Checked(name, type);
        if (cache.Find(key, type) is { } known) return known;
        var (answer, ttl) = await Walk(key, type, servers, ct).ConfigureAwait(false);
        cache.Keep(key, type, answer, ttl);
        return answer;
    }

    /// <summary>Asks other servers than usual, and neither reads nor fills what is kept.</summary>
    /// <param name="asked">At least one; asked in turn.</param>
    /// <exception cref="ArgumentException">No name that could be asked for, or no server.</exception>
    public async ValueTask<DnsAnswer> Ask(string name, DnsType type, IReadOnlyList<IPEndPoint> asked, CancellationToken ct)
    {
        if (asked.Count == 0) throw new ArgumentException("At least one server.", nameof(asked));
        return (await Walk(Checked(name, type), type, asked, ct).ConfigureAwait(false)).Answer;
    }

    /// <inheritdoc/>
    public ValueTask<DnsAnswer> Look(string name, DnsType type, CancellationToken ct) =>
        DnsMessage.Question(0, name, type, true) is null ? ValueTask.FromResult(new DnsAnswer(DnsStatus.NoName, [], name)) : Ask(name, type, ct);

    static string Checked(string name, DnsType type) => DnsMessage.Question(0, name, type, true) is not null
        ? name.TrimEnd('.').ToLowerInvariant()
        : throw new ArgumentException("Not a name that can be asked for.", nameof(name));

    /// <summary>Follows aliases across answers; each time to live is the least met on the way.</summary>
    async ValueTask<(DnsAnswer Answer, int Ttl)> Walk(string name, DnsType type, IReadOnlyList<IPEndPoint> asked, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(options.TotalTimeout, clock);
        var (at, ttl) = (name, int.MaxValue);
        for (var hops = 0; hops <= AliasesMax; hops++)
        {
            var (status, reply) = await Exchange(at, type, asked, limit.Token, ct).ConfigureAwait(false);
            if (reply is null) return (new DnsAnswer(status, [], at), 0);
            var end = Follow(reply.Answers, at, type, ref ttl);
            if (end is null) break;
            var found = reply.Answers.Where(record => record.Type == type && record.Name == end).ToList();
            if (found.Count > 0) return (new DnsAnswer(DnsStatus.Found, found, end), Math.Min(ttl, found.Min(record => record.TtlSeconds)));
            if (reply.Code == NameError) return (new DnsAnswer(DnsStatus.NoName, [], end), Math.Min(ttl, reply.NegativeTtlSeconds));
            if (end == at) return (new DnsAnswer(DnsStatus.NoRecords, [], end), Math.Min(ttl, reply.NegativeTtlSeconds));
            at = end;
        }
        return (new DnsAnswer(DnsStatus.ServerFailed, [], at), 0);
    }

    /// <summary>The end of the aliases inside one answer; null for a loop.</summary>
    static string? Follow(List<DnsRecord> answers, string name, DnsType type, ref int ttl)
    {
        if (type == DnsType.Cname) return name;
        for (var hops = 0; hops <= AliasesMax; hops++)
        {
            var alias = answers.Find(record => record.Type == DnsType.Cname && record.Name == name);
            if (alias is null) return name;
            (name, ttl) = (alias.Value, Math.Min(ttl, alias.TtlSeconds));
        }
        return null;
    }

    async ValueTask<(DnsStatus Status, DnsMessage.Reply? Reply)> Exchange(
        string name, DnsType type, IReadOnlyList<IPEndPoint> asked, CancellationToken limit, CancellationToken ct)
    {
        if (DnsMessage.Question(0, name, type, true) is null) return (DnsStatus.ServerFailed, null); // An alias to what is no name.
        var failed = DnsStatus.TimedOut;
        var extended = true;
        for (var attempt = 0; attempt < options.AttemptsMax && !limit.IsCancellationRequested; attempt++)
        {
            var reply = await Attempt(asked[attempt % asked.Count], name, type, extended, limit, ct).ConfigureAwait(false);
            if (reply is { Code: 0 or NameError }) return (DnsStatus.Found, reply);
            // RFC 6891 6.2.2: an old server answers FORMERR to what it does not know.
            if (reply?.Code == FormatError) extended = false;
            if (reply is not null) failed = DnsStatus.ServerFailed;
        }
        return (failed, null);
    }

    async ValueTask<DnsMessage.Reply?> Attempt(IPEndPoint server, string name, DnsType type, bool extended, CancellationToken limit, CancellationToken ct)
    {
        using var one = new CancellationTokenSource(options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(one.Token, limit, ct);
        try
        {
            return await exchange.Ask(server, name, type, extended, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return null;
        }
    }
}
