using PenguinMails.Core;

namespace PenguinMails.Fleet.Stacks.Connected;

/// <summary>The management API of a mail server that somebody else runs: what stands there, and one change at a time.</summary>
interface IStackApi : IDisposable
{
    /// <summary>For people, such as Mailu.</summary>
    string Name { get; }

    StackAbilities Abilities { get; }

    /// <summary>Everything that stands there, ours or not.</summary>
    Task<Result<StackFacts>> Look(CancellationToken ct);

    /// <summary>One change. What was done already is no refusal.</summary>
    Task<Result<Done>> Do(StackOp op, CancellationToken ct);

    /// <summary>Makes the server take up what was changed, where it does not do so by itself. Twice is as once.</summary>
    Task<Result<Done>> Settle(CancellationToken ct);

    Task<Result<IReadOnlyList<QueuedMail>>> Queue(CancellationToken ct);

    Task<Result<IReadOnlyList<string>>> Log(int lines, CancellationToken ct);
}

/// <summary>What an API can carry of a plan.</summary>
/// <param name="PasswordsMax">Passwords a mailbox may have at once that we choose, from 1.</param>
/// <param name="KeysMax">DKIM keys of a domain it signs with and takes from us; 0: none.</param>
/// <param name="HasLimits">Whether it limits what one mailbox sends.</param>
/// <param name="HasForeignTargets">Whether an alias may go on to addresses elsewhere.</param>
/// <param name="HasQueue">Whether its queue and log can be read.</param>
sealed record StackAbilities(int PasswordsMax, int KeysMax, bool HasLimits, bool HasForeignTargets, bool HasQueue)
{
    public static readonly StackAbilities Mailu = new(1, 0, false, false, false);

    /// <summary>Stalwart 0.16 and later: one password an account, and app passwords whose secret it draws itself.</summary>
    public static readonly StackAbilities StalwartRegistry = new(1, 8, true, true, true);

    /// <summary>Stalwart up to 0.15: signs with the one RSA key whose name its rule expects.</summary>
    public static readonly StackAbilities StalwartRest = new(8, 1, true, true, true);
}
