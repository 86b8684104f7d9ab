namespace PenguinMails.Core;

/// <summary>What sort of refusal; decides the HTTP status and the exit code.</summary>
public enum ProblemKind { Invalid, Unauthenticated, Forbidden, NotFound, Conflict, Gone, TooLarge, TooMany, Unavailable }

/// <summary>One field that was refused: its name as the API spells it, and what to do.</summary>
public sealed record FieldProblem(string Field, string Detail);

/// <summary>An expected refusal.</summary>
/// <param name="Kind">Maps to one HTTP status.</param>
/// <param name="Code">Public and never renamed, such as <c>list.name_taken</c>.</param>
/// <param name="Detail">A sentence for a person: what, where, what to do. No secrets, no other tenant's facts.</param>
public sealed record Problem(ProblemKind Kind, string Code, string Detail)
{
    public IReadOnlyList<FieldProblem> Fields { get; init; } = [];

    /// <summary>Delay in seconds after which the same request may succeed; null when unknown.</summary>
    public int? RetryAfterSeconds { get; init; }

    public static Problem Invalid(string code, params FieldProblem[] fields) =>
        new(ProblemKind.Invalid, code, string.Join(' ', fields.Select(f => f.Detail))) { Fields = fields };
}

/// <summary>Either a value or a <see cref="Core.Problem"/>; converts implicitly from both.</summary>
public readonly struct Result<T>
{
    readonly T? _value;

    Result(T? value, Problem? problem) => (_value, Problem) = (value, problem);

    /// <summary>Null when there is a value.</summary>
    public Problem? Problem { get; }

    public bool IsOk => Problem is null;

    /// <exception cref="InvalidOperationException">There is a problem instead: a caller's bug.</exception>
    public T Value => Problem is null && _value is { } value
        ? value
        : throw new InvalidOperationException($"No value: {Problem?.Code}: {Problem?.Detail}");

    /// <summary>For values of an interface type, which C# does not convert implicitly.</summary>
    public static Result<T> Of(T value) => new(value, null);

    public TOut Match<TOut>(Func<T, TOut> ok, Func<Problem, TOut> refused) => Problem is { } problem ? refused(problem) : ok(Value);

    public static implicit operator Result<T>(T value) => new(value, null);
    public static implicit operator Result<T>(Problem problem) => new(default, problem);
}

/// <summary>The value of a verb that has nothing to tell but that it is done.</summary>
public readonly record struct Done;
