using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Mail.Dns;

/// <summary>What one server said by itself.</summary>
/// <param name="IsAuthoritative">It serves the zone; what another server says comes from a cache or is a referral.</param>
/// <param name="Records">Of the type asked for, at that very name; or the alias that stands there instead.</param>
public sealed record DnsAuthorityAnswer(DnsStatus Status, bool IsAuthoritative, IReadOnlyList<DnsRecord> Records);

/// <summary>Asks name servers of a zone directly and without recursion: no cache stands between. For many threads at once.</summary>
public sealed class DnsAuthority(TimeProvider clock, RandomFill random)
{
    const int AttemptsMax = 3;
    const int NameError = 3;
    const int FormatError = 1;

    readonly DnsExchange exchange = new(random) { IsRecursive = false };

    /// <summary>Wait for one attempt; three are made. Default 2 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <returns>Never throws for what the server does; only for the caller's cancellation. A name that cannot be asked for does not exist.</returns>
    public async ValueTask<DnsAuthorityAnswer> Ask(IPEndPoint server, string name, DnsType type, CancellationToken ct)
    {
        var key = name.TrimEnd('.').ToLowerInvariant();
        var failed = DnsStatus.TimedOut;
        var extended = true;
        if (DnsMessage.Question(0, key, type, true) is null) return new DnsAuthorityAnswer(DnsStatus.NoName, false, []);
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (await Attempt(server, key, type, extended, ct).ConfigureAwait(false) is not { } reply) continue;
            if (reply.Code == FormatError) extended = false; // RFC 6891 6.2.2.
            failed = DnsStatus.ServerFailed;
            if (reply.Code is not (0 or NameError)) continue;
            var found = reply.Answers.Where(record => record.Name == key && (record.Type == type || record.Type == DnsType.Cname)).ToList();
            var status = found.Count > 0 ? DnsStatus.Found : reply.Code == NameError ? DnsStatus.NoName : DnsStatus.NoRecords;
            return new DnsAuthorityAnswer(status, reply.IsAuthoritative, found);
        }
        return new DnsAuthorityAnswer(failed, false, []);
    }

    async ValueTask<DnsMessage.Reply?> Attempt(IPEndPoint server, string name, DnsType type, bool extended, CancellationToken ct)
    {
        using var one = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(one.Token, ct);
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
