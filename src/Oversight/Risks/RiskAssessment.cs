using Npgsql;

namespace PenguinMails.Oversight.Risks;

/// <summary>How likely and how bad a risk is, as somebody judged it on a day. Never changed: the next one counts.</summary>
/// <param name="Likelihood">1 to 5.</param>
/// <param name="Impact">1 to 5.</param>
public sealed record RiskAssessment(Guid Id, string Risk, int Likelihood, int Impact, string Note, string By, DateOnly Day, DateTimeOffset At)
{
    /// <summary>1 to 25.</summary>
    public int Score => Likelihood * Impact;

    // The two newest of each, so that it shows which rose.
    internal const string SelectNewest = """
        select id, risk, likelihood, impact, note, said_by, day, said_at
        from (
          select id, risk, likelihood, impact, note, said_by, day, said_at, row_number() over (partition by risk order by day desc, id desc) as place
          from oversight.risk_assessment
          where tenant_id = $1 and plan = $2) as ranked
        where place <= 2
        order by risk, place
        limit 20000
        """;

    internal static RiskAssessment Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetInt16(2), row.GetInt16(3), row.GetString(4), row.GetString(5), row.GetFieldValue<DateOnly>(6), row.GetFieldValue<DateTimeOffset>(7));
}
