using PenguinMails.Core;

namespace PenguinMails.Fleet.Stacks;

/// <summary>A mail server that is brought to a wanted description, whole, again and again. The database is the truth; whatever the stack holds beyond it, of what is under our care, goes.</summary>
public interface IMailStack
{
    /// <summary>What <see cref="Apply"/> would change, with a diff for a person to read. Changes nothing.</summary>
    /// <remarks>Refuses with <c>stack.plan_invalid</c>, <c>stack.unsupported</c> or what the way to the machine refuses with (<c>ssh.*</c>, or <c>stack.*</c> where it is an API).</remarks>
    Task<Result<StackChanges>> Compare(StackPlan wanted, CancellationToken ct);

    /// <summary>Does what is missing and nothing else; a second run changes nothing. May be broken off at any point: the next run continues.</summary>
    /// <param name="seen">Told as each step begins.</param>
    /// <returns>What was changed.</returns>
    Task<Result<StackChanges>> Apply(StackPlan wanted, Func<StackStep, ValueTask> seen, CancellationToken ct);

    /// <summary>Mail that waits to be delivered, oldest first, at most <see cref="QueuedMail.ListMax"/>.</summary>
    Task<Result<IReadOnlyList<QueuedMail>>> Queue(CancellationToken ct);

    /// <summary>The newest lines of the log, oldest first.</summary>
    /// <param name="lines">1 to 1,000.</param>
    Task<Result<IReadOnlyList<string>>> Log(int lines, CancellationToken ct);
}

/// <summary>One message in the queue of a stack.</summary>
/// <param name="Reason">Why the last attempt failed, as the peer said it; null before the first.</param>
public sealed record QueuedMail(string Id, string Sender, IReadOnlyList<string> Recipients, long Bytes, DateTimeOffset ArrivedAt, string? Reason)
{
    public const int ListMax = 1000;
}
