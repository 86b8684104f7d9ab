namespace PenguinMails.Mail.Reports;

/// <summary>A DMARC aggregate report (RFC 7489 appendix C, RFC 9990), as far as it could be read.</summary>
/// <remarks>Words are in lower case and trimmed; what a report leaves out is null. Numbers that are none are null, counts 0.</remarks>
public sealed record DmarcReport
{
    /// <summary>Schema version as written, often absent.</summary>
    public string? Version { get; init; }
    public string? OrgName { get; init; }
    public string? Email { get; init; }
    public string? ExtraContactInfo { get; init; }
    public string? ReportId { get; init; }

    /// <summary>Start and end of the time covered, in seconds since 1970.</summary>
    public long? Begin { get; init; }

    public long? End { get; init; }

    /// <summary>The program that made it (RFC 9990).</summary>
    public string? Generator { get; init; }

    /// <summary>The domain whose policy is reported.</summary>
    public string? Domain { get; init; }
    public string? Adkim { get; init; }
    public string? Aspf { get; init; }
    public string? P { get; init; }
    public string? Sp { get; init; }
    public string? Np { get; init; }

    /// <summary>0 to 100; RFC 9989 has no such tag any more.</summary>
    public int? Pct { get; init; }
    public string? Fo { get; init; }

    /// <summary>RFC 9990: y when the policy is only tested.</summary>
    public string? Testing { get; init; }

    /// <summary>RFC 9990: psl or treewalk.</summary>
    public string? DiscoveryMethod { get; init; }

    /// <summary>What the receiver itself reports as wrong, and what reading stumbled over.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>At most 500,000.</summary>
    public IReadOnlyList<DmarcRow> Records { get; init; } = [];
}

/// <summary>One row of an aggregate report: what came from one address with one outcome.</summary>
/// <param name="SourceIp">As written; normal form where it is an address.</param>
/// <param name="Dkim">The evaluated result with alignment: pass or fail.</param>
/// <param name="Spf">The evaluated result with alignment: pass or fail.</param>
public sealed record DmarcRow(
    string? SourceIp, long Count, string? Disposition, string? Dkim, string? Spf, IReadOnlyList<DmarcReason> Reasons,
    string? EnvelopeTo, string? EnvelopeFrom, string? HeaderFrom, DmarcAuth Auth);

/// <summary>Why a receiver did otherwise than the policy says.</summary>
public sealed record DmarcReason(string? Type, string? Comment);

/// <summary>The raw results, before alignment.</summary>
public sealed record DmarcAuth(IReadOnlyList<DmarcDkim> Dkim, IReadOnlyList<DmarcSpf> Spf);

/// <summary>One DKIM signature as the receiver saw it; the result in the words of RFC 8601 2.7.1.</summary>
public sealed record DmarcDkim(string? Domain, string? Selector, string? Result, string? HumanResult);

/// <summary>One SPF check; scope is helo or mfrom.</summary>
public sealed record DmarcSpf(string? Domain, string? Scope, string? Result, string? HumanResult);
