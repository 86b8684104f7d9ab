using System.Net;

namespace PenguinMails.Mail.Dns;

/// <summary>Whom to ask and how patiently.</summary>
public sealed record DnsResolverOptions
{
    /// <summary>A recursive resolver, by UDP and TCP.</summary>
    public required IPEndPoint Server { get; init; }

    /// <summary>Asked in turn when <see cref="Server"/> fails or stays silent. Default none.</summary>
    public IReadOnlyList<IPEndPoint> Others { get; init; } = [];

    /// <summary>Wait for one attempt. Default 2 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Wait for a question with all attempts, servers and aliases. Default 10 s, half of what RFC 7208 4.6.4 grants a whole evaluation.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts per question. Default 3.</summary>
    public int AttemptsMax { get; init; } = 3;

    /// <summary>Answers remembered. Default 1000; 0 for none.</summary>
    public int CacheEntriesMax { get; init; } = 1000;
}
