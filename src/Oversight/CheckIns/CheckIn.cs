using Npgsql;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.CheckIns;

/// <summary>How an objective or an item of the roadmap stood on a day, as somebody said. Never changed: the next one counts.</summary>
/// <param name="Subject">Kind/name of the plan.</param>
/// <param name="Status">planned, in_progress, done or dropped.</param>
/// <param name="Done">0 to 1.</param>
/// <param name="Confidence">0 to 1: that it will be done in its time.</param>
/// <param name="By">Id of who said it.</param>
public sealed record CheckIn(Guid Id, string Subject, string Status, double? Done, double? Confidence, string Sentence, string By, DateOnly Day, DateTimeOffset At)
{
    internal static readonly string[] Statuses = ["planned", "in_progress", "done", "dropped"];

    internal const string SelectNewest = """
        select distinct on (subject) id, subject, status, done, confidence, sentence, said_by, day, said_at
        from oversight.check_in
        where tenant_id = $1 and plan = $2
        order by subject, day desc, id desc
        limit 20000
        """;

    internal static CheckIn Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.Maybe<double>(3), row.Maybe<double>(4), row.GetString(5), row.GetString(6), row.GetFieldValue<DateOnly>(7), row.GetFieldValue<DateTimeOffset>(8));

    /// <summary>The newest of each subject.</summary>
    internal static async Task<IReadOnlyDictionary<string, CheckIn>> Newest(TenantTx tx, string plan, CancellationToken ct) =>
        (await tx.List(SelectNewest, Read, ct, tx.Tenant, plan)).ToDictionary(one => one.Subject, StringComparer.Ordinal);
}

/// <summary>How an objective or item stands: what was said last, unless the plan itself closes it.</summary>
/// <param name="Status">idea, planned, in_progress, done or dropped.</param>
/// <param name="Said">The check-in it rests on; null when only the plan says it.</param>
public sealed record Standing(string Status, double? Done, CheckIn? Said)
{
    public bool IsOver => Status is "done" or "dropped";

    public static Standing Of(PlanObject one, CheckIn? last)
    {
        var planned = one.Text("status") ?? "planned";
        if (last is null || planned is "done" or "dropped") return new(planned, planned == "done" ? 1 : null, last);
        return new(last.Status, last.Done ?? (last.Status == "done" ? 1 : null), last);
    }
}
