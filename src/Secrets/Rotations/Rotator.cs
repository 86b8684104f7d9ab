using PenguinMails.Core;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Rotations;

/// <summary>What a rotator works on.</summary>
/// <param name="Old">What is in use.</param>
/// <param name="New">What shall be; the same in every call of one run.</param>
public sealed record RotationCall(TenantId Tenant, SecretPath Path, SecretFields Old, SecretFields New)
{
    public override string ToString() => $"rotation of {Path}";
}

/// <summary>How secrets of one kind change at their peer: a delegate for each step, registered by the module that knows the peer (<c>services.AddSingleton(provider => new Rotator(…))</c>).</summary>
/// <remarks>Each step may run again after a crash and must then have the same effect as once. A refusal that may pass (unavailable, too many) is tried again;
/// any other rolls the run back. The peer must accept old and new together between Install and Retire.</remarks>
/// <param name="Kind">One of <see cref="RotationKinds"/>.</param>
public sealed record Rotator(string Kind)
{
    /// <summary>Makes the new value out of the old one. Touches nobody.</summary>
    public required Func<SecretPath, SecretFields, CancellationToken, Task<Result<SecretFields>>> Make { get; init; }

    /// <summary>From here on the peer accepts both.</summary>
    public required Func<RotationCall, CancellationToken, Task<Result<Done>>> Install { get; init; }

    /// <summary>Proves that the peer accepts the new one, by using it.</summary>
    public required Func<RotationCall, CancellationToken, Task<Result<Done>>> Verify { get; init; }

    /// <summary>From here on the peer accepts the new one only.</summary>
    public required Func<RotationCall, CancellationToken, Task<Result<Done>>> Retire { get; init; }

    /// <summary>From here on the peer accepts the old one only. Also where the new one never got there.</summary>
    public required Func<RotationCall, CancellationToken, Task<Result<Done>>> Withdraw { get; init; }
}

/// <summary>The rotators of this program by kind.</summary>
public sealed class Rotators(IEnumerable<Rotator> all)
{
    readonly Dictionary<string, Rotator> _byKind = all.ToDictionary(rotator => rotator.Kind, StringComparer.Ordinal);

    /// <summary>Null where secrets of this kind are changed by hand.</summary>
    public Rotator? Find(string kind) => _byKind.GetValueOrDefault(kind);
}

/// <summary>Kinds of secrets and how often each changes unless its plan says otherwise.</summary>
public static class RotationKinds
{
    public const string SshKey = "ssh_key";
    public const string SmtpCredential = "smtp_credential";
    public const string ImapCredential = "imap_credential";
    /// <summary>Of a mailbox on a server of ours.</summary>
    public const string HostedMailbox = "hosted_mailbox";

    public const string ApiKey = "api_key";
    public const string DkimKey = "dkim_key";
    public const string Other = "other";

    public static readonly IReadOnlyList<string> All = [SshKey, SmtpCredential, ImapCredential, HostedMailbox, ApiKey, DkimKey, Other];

    /// <summary>Days; null for kinds that change on demand only.</summary>
    public static int? PeriodDays(string kind) => kind switch
    {
        SshKey => 90,
        SmtpCredential or ImapCredential or HostedMailbox => 180,
        DkimKey => 180,
        _ => null,
    };
}
