using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Guards;
using PenguinMails.Fleet.Provisionings;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Lint;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Reports;
using PenguinMails.Oversight.Scenarios;

namespace PenguinMails.Oversight.Answers;

/// <summary>The questions leaders ask, each answered in a sentence. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
/// <remarks>Questions about the company's own revenue and platform are listed for its account alone.</remarks>
public static class ListAnswers
{
    const int Days = 28;

    const string SelectReport = "select id from oversight.report where tenant_id = $1 order by built_at desc, id desc limit 1";

    static readonly IReadOnlyList<(string Id, Asker Asker, string Question, bool IsOfCompany, Func<AnswerFacts, Answer> Of)> Questions =
    [
        ("Q01", Asker.Finance, "Are we ahead of plan on money, and is it signal or noise?", false, FinanceAnswers.AheadOfPlan), ("Q02", Asker.Finance, "What moved recurring revenue?", true, FinanceAnswers.Bridge),
        ("Q25", Asker.Finance, "What does a message cost?", false, FinanceAnswers.CostOfMail), ("Q05", Asker.Finance, "Can the plan's targets still be reached?", false, FinanceAnswers.Reachable),
        ("Q08", Asker.Finance, "Which statements of the newest report are backed by data?", false, FinanceAnswers.Backed), ("Q09", Asker.Finance, "What is a customer worth against what one costs?", true, FinanceAnswers.LifetimeValue),
        ("Q10", Asker.Operations, "Is deliverability improving, and where not?", false, OperationsAnswers.Deliverability), ("Q11", Asker.Operations, "How much error budget is left?", true, OperationsAnswers.ErrorBudget),
        ("Q12", Asker.Operations, "Are domains set up within the hour?", false, OperationsAnswers.Provisioning), ("Q15", Asker.Operations, "Where does the plan contradict itself?", false, OperationsAnswers.Contradictions),
        ("Q18", Asker.Operations, "Is the change of the bounce rate real, or mix?", false, OperationsAnswers.RateOrMix), ("Q19", Asker.Solo, "How am I doing, and what next?", false, CommonAnswers.HowAmI),
        ("Q20", Asker.Solo, "Am I at risk with Google, Yahoo or Microsoft?", false, CommonAnswers.Complaints), ("Q21", Asker.Solo, "What will I pay this month?", false, FinanceAnswers.NextBill),
        ("Q22", Asker.Everybody, "Why is there not enough data, and when will there be?", false, CommonAnswers.NotEnough), ("Q23", Asker.Everybody, "How are the figures defined, and what changed?", false, CommonAnswers.Definitions),
        ("Q24", Asker.Everybody, "Can today's data be trusted?", false, CommonAnswers.Trust),
    ];

    public static async Task<Result<Page<AnsweredQuestion>>> Handle(Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        var facts = await Facts(actor, settings.Company == actor.Tenant, db, clock, ct);
        var answers = Questions.Where(one => facts.IsCompany || !one.IsOfCompany).Select(one => new AnsweredQuestion(one.Id, one.Asker, one.Question, one.Of(facts))).ToList();
        foreach (var (id, asker, question, handle) in RegisterAnswers.All)
        {
            var answer = await handle(actor, db, settings, clock, ct);
            if (answer.Problem is { } problem) return problem;
            answers.Add(new(id, asker, question, answer.Value));
        }

        return new Page<AnsweredQuestion>([.. answers.OrderBy(one => one.Id, StringComparer.Ordinal)], null);
    }

    static async Task<AnswerFacts> Facts(Actor actor, bool isCompany, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var values = await KpiBook.Read(tx, null, today, ct);
        var verdicts = (await tx.List(KpiVerdict.SelectLatest, KpiVerdict.Read, ct, actor.Tenant, null)).ToDictionary(verdict => verdict.Kpi, StringComparer.Ordinal);
        var current = await CurrentPlan.Read(tx, ct);
        var plan = current?.Plan;
        var counts = await ReadProviderCounts.Within(tx, now.AddDays(-Days), now, ct);
        var before = await ReadProviderCounts.Within(tx, now.AddDays(-2 * Days), now.AddDays(-Days), ct);
        var setUps = await ReadSetUps.Within(tx, now.AddDays(-3 * Days), now, ct);
        var newest = await tx.List(SelectReport, row => new ReportId(row.GetGuid(0)), ct, actor.Tenant);
        var report = newest.Count == 0 ? null : await Report.Find(tx, newest[0], ct);
        IReadOnlyList<Kpi> kpis = [.. KpiCatalog.Of(isCompany)];
        return new(isCompany, today, kpis, values, verdicts, plan, current?.Version, plan is null ? null : PlanLinter.Run(plan, today).Findings, ReadScenario.Judge(kpis, values, plan, new(), today).Reaches, counts, before, report?.Report, report?.Model) { SetUps = setUps };
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/answers",
        async (Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, settings, clock, ct)).ToHttp());
}
