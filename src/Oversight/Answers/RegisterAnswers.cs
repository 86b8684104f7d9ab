using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Budgets;
using PenguinMails.Oversight.Decisions;
using PenguinMails.Oversight.Gates;
using PenguinMails.Oversight.Margins;
using PenguinMails.Oversight.Risks;
using PenguinMails.Oversight.Roadmap;
using PenguinMails.Oversight.Vendors;

namespace PenguinMails.Oversight.Answers;

/// <summary>Questions whose answers stand in registers: budgets, vendors, gates, decisions, risks, slips. One line each.</summary>
static class RegisterAnswers
{
    public static IReadOnlyList<(string Id, Asker Asker, string Question, Func<Actor, TenantDb, OversightSettings, TimeProvider, CancellationToken, Task<Result<Answer>>> Handle)> All { get; } =
    [
        ("Q03", Asker.Finance, "What does a customer cost and earn?", (actor, db, _, clock, ct) => AnswerMargins.Handle(actor, db, clock, ct)),
        ("Q04", Asker.Finance, "Which budget lines are over what matters, and why?", AnswerBreaches.Handle),
        ("Q06", Asker.Finance, "What do vendors commit us to, and what would leaving cost?", (actor, db, _, clock, ct) => AnswerCommitments.Handle(actor, db, clock, ct)),
        ("Q07", Asker.Finance, "What did each workspace or group of domains spend of its own budget?", AnswerIsolation.Handle),
        ("Q13", Asker.Operations, "Are we ready to launch?", (actor, db, _, clock, ct) => AnswerReadiness.Handle(actor, db, clock, ct)),
        ("Q14", Asker.Operations, "What slipped since the last review, and what waits for it?", (actor, db, _, clock, ct) => AnswerSlips.Handle(actor, db, clock, ct)),
        ("Q16", Asker.Operations, "Did decisions have the effect they promised?", (actor, db, _, clock, ct) => AnswerEffects.Handle(actor, db, clock, ct)),
        ("Q17", Asker.Operations, "Which risks rose, and how near are their triggers?", (actor, db, _, clock, ct) => AnswerRisks.Handle(actor, db, clock, ct)),
    ];
}
