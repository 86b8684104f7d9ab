using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Answers;

/// <summary>Questions whose answers stand in registers: budgets, vendors, gates, decisions, risks, slips. One line each; what is not here is not listed.</summary>
static class RegisterAnswers
{
    public static IReadOnlyList<(string Id, Asker Asker, string Question, Func<Actor, TenantDb, TimeProvider, CancellationToken, Task<Result<Answer>>> Handle)> All { get; } = [];
}
