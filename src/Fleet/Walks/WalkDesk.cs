using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Servers;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Walks;

/// <summary>How a look at a step ended.</summary>
/// <param name="State">done, waiting, customer or stopped, as the step's row has it.</param>
/// <param name="After">When to look again.</param>
sealed record StepOutcome(string State, string Note, string ProblemCode, TimeSpan After)
{
    public static StepOutcome Done(string note) => new("done", note, "", TimeSpan.Zero);

    /// <summary>For a machine or for DNS; on this installation's clock.</summary>
    public static StepOutcome Waiting(string note, TimeSpan after) => new("waiting", note, "", after);

    /// <summary>For somebody outside, on a clock of their own.</summary>
    public static StepOutcome Customer(string note, TimeSpan after) => new("customer", note, "", after);

    /// <summary>Waits where it may pass by itself, else stops for a person.</summary>
    public static StepOutcome Of(Problem problem) => problem.Kind is ProblemKind.Unavailable or ProblemKind.TooMany
        ? Waiting(problem.Detail, TimeSpan.FromSeconds(problem.RetryAfterSeconds ?? 15))
        : new("stopped", problem.Detail, problem.Code, TimeSpan.Zero);

    public static StepOutcome Stopped(string code, string note) => new("stopped", note, code, TimeSpan.Zero);

    /// <summary>The program itself failed at every attempt.</summary>
    public static readonly StepOutcome Broken = Stopped("walk.broken", "The program failed again and again at this step; its log says why. Go on to try once more: what was done is found and not done twice.");
}

/// <summary>What the steps need of the program.</summary>
sealed record WalkTools(
    TenantDb Db, ServerReach Servers, DnsReach Dns, MailboxSecrets Secrets, SealedBox Box, Outbound Outbound, PlatformHosts Hosts, AcmeSettings Acme, TimeProvider Clock);

/// <summary>One step of one walk, open for a look.</summary>
/// <param name="Server">The machine it is about.</param>
/// <param name="Seen">Shows what is being done; lets a wish to cancel through.</param>
record WalkDesk(Actor Actor, WorkspaceId Workspace, ServerId Server, WalkStep Step, WalkTools Tools, Func<string, Task> Seen)
{
    public TenantDb Db => Tools.Db;

    public TimeProvider Clock => Tools.Clock;

    public DateTimeOffset Now => Tools.Clock.GetUtcNow();

    /// <summary>How long somebody outside has been waited for: looked at often in the beginning, then ever more rarely.</summary>
    public TimeSpan Patience => TimeSpan.FromMilliseconds(Math.Clamp((Step.CustomerMs + Step.PlatformMs) / 4, 2_000, 300_000));

    internal async Task Save(string sql, CancellationToken ct, params object?[] values)
    {
        await using var tx = await Db.Begin(Actor.Tenant, ct);
        await tx.Execute(sql, ct, values);
        await tx.Commit(ct);
    }
}
