using System.Text.Json;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Warmup;

/// <summary>The warm-up of one mailbox, domain or outgoing server as it is kept.</summary>
/// <param name="Subject">mailbox, domain or ip (the outgoing server).</param>
/// <param name="Key">The mailbox's id without prefix, or a name.</param>
/// <param name="Zone">IANA name of the clock its days are read on.</param>
/// <param name="Country">Two letters: its holidays are days of rest; empty for none.</param>
/// <param name="IsCareful">With the small step from the first day on.</param>
sealed record KeptWarmUp(string Subject, string Key, string Zone, string Country, bool IsCareful, WarmUpState State, DateTimeOffset StartedAt, DateTimeOffset SteppedAt)
{
    public const string SelectAll = "select subject, key, zone, country, careful, state, started_at, stepped_at from delivery.warm_up where tenant_id = $1 order by subject, key limit 100000";

    const string Save = """
        insert into delivery.warm_up (tenant_id, subject, key, zone, country, careful, phase, budget, day, state, started_at, stepped_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (tenant_id, subject, key) do update
        set zone = excluded.zone, country = excluded.country, careful = excluded.careful, phase = excluded.phase, budget = excluded.budget, day = excluded.day, state = excluded.state, stepped_at = excluded.stepped_at
        """;

    const string SaveDay = """
        insert into delivery.warm_up_day (tenant_id, subject, key, day, phase, budget, reason, sentence)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (tenant_id, subject, key, day) do update
        set phase = excluded.phase, budget = excluded.budget, reason = excluded.reason, sentence = excluded.sentence
        """;

    /// <summary>As for its subject, up to what cold mail may reach, which mail of the conversation pool shares.</summary>
    public WarmUpProfile Profile
    {
        get
        {
            var usual = WarmUpProfile.Of(Enum.GetValues<GuardSubject>().First(subject => KeptGuard.Word(subject) == Subject));
            var profile = usual with { Max = Math.Min(usual.Max, usual.ColdMax) };
            return IsCareful ? profile.Careful() : profile;
        }
    }

    /// <summary>Draws its jitter; the same each day.</summary>
    public long Seed => BitConverter.ToInt64(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Subject + Key)));

    public DateOnly DayOf(DateTimeOffset now) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(Zone)).DateTime);

    /// <summary>The first moment of a day on its clock.</summary>
    public DateTimeOffset Begins(DateOnly day) => WallClock.Midnight(day, TimeZoneInfo.FindSystemTimeZoneById(Zone));

    public bool IsHoliday(DateOnly day) => Country.Length > 0 && HolidayCalendar.Of(Country)?.Has(day) == true;

    public async Task Write(TenantTx tx, CancellationToken ct)
    {
        await tx.Execute(Save, ct, tx.Tenant, Subject, Key, Zone, Country, IsCareful, Word(State.Phase), State.Budget, State.On, Jsonb.Of(State), StartedAt, SteppedAt);
        await tx.Execute(SaveDay, ct, tx.Tenant, Subject, Key, State.On, Word(State.Phase), State.Budget, Word(State.Reason), State.Sentence);
    }

    public static string Word(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public static KeptWarmUp Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4), Json.Read<WarmUpState>(row.GetString(5)), row.GetFieldValue<DateTimeOffset>(6), row.GetFieldValue<DateTimeOffset>(7));
}

/// <summary>The budget a mailbox's own warm-up leaves it today.</summary>
static class WarmUpFacts
{
    const string Select = "select subject, key, zone, country, careful, state, started_at, stepped_at from delivery.warm_up where tenant_id = $1 and subject = 'mailbox' and key = $2";

    const string CountSince = "select count(*) from delivery.attempt where tenant_id = $1 and mailbox_id = $2 and at >= $3";

    static readonly TimeSpan StepWait = TimeSpan.FromMinutes(10); // A new day begins when the job has judged the last one.

    /// <returns>Null: it is not warmed up.</returns>
    public static async Task<WarmUpFact?> Read(TenantTx tx, SendingState state, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Maybe(Select, KeptWarmUp.Read, ct, tx.Tenant, state.Id.Value.ToString("N")) is not { } kept) return null;
        var today = kept.DayOf(now);
        if (kept.State.On < today) return new("mailbox", state.Address, 0, 0, now + StepWait);
        var used = await tx.One(CountSince, row => row.GetInt64(0), ct, tx.Tenant, state.Id, kept.Begins(today));
        return new("mailbox", state.Address, kept.State.Budget, used, kept.Begins(today.AddDays(1)));
    }
}
