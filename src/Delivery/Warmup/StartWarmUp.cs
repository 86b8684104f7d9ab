using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Halts;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Warmup;

/// <summary>Starts, pauses, resumes, ends and lists warm-ups. From the start on a mailbox, a domain or an outgoing server sends each day what its warm-up allows, and no more.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>warm_up.invalid</c>, <c>warm_up.exists</c>, <c>warm_up.not_found</c> or <c>warm_up.not_paused</c>. Each act is in the audit log.</remarks>
public static class StartWarmUp
{
    /// <param name="Subject">mailbox, domain or ip (an outgoing server's host).</param>
    /// <param name="Key">The mailbox's id (<c>mbx_…</c>), the domain's or the server's name.</param>
    /// <param name="Zone">IANA name of the clock its days are read on; default Etc/UTC.</param>
    /// <param name="Country">Two letters; its holidays are days of rest. Default none.</param>
    /// <param name="Careful">With the small step from the first day on. Default false.</param>
    public sealed record Input(string Subject, string Key, string? Zone = null, string? Country = null, bool Careful = false);

    /// <param name="Name">Address of the mailbox, or the key.</param>
    /// <param name="Phase">ramping, holding, backing_off, warm or paused.</param>
    /// <param name="Band">healthy, watch, strained or harmed: how the last days of sending look.</param>
    /// <param name="Budget">Messages on <paramref name="On"/>.</param>
    /// <param name="Day">Day of sending.</param>
    /// <param name="FullVolume">Where it leads.</param>
    /// <param name="Reason">Code of what was decided; the sentence says it.</param>
    public sealed record Line(string Subject, string Key, string Name, string Phase, string Band, int Budget, DateOnly On, int Day, int FullVolume, string Reason, string Sentence, DateTimeOffset StartedAt, DateTimeOffset SteppedAt);

    /// <summary>All warm-ups of the account; to who is confined to a workspace, those of what it sends from.</summary>
    public sealed record Output(IReadOnlyList<Line> Items);

    const string Select = "select subject, key, zone, country, careful, state, started_at, stepped_at from delivery.warm_up where tenant_id = $1 and subject = $2 and key = $3 for update";

    const string Delete = "delete from delivery.warm_up where tenant_id = $1 and subject = $2 and key = $3";

    const int KeyLengthMax = 253;

    public static async Task<Result<Done>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        var (zone, country) = (input.Zone ?? "Etc/UTC", input.Country?.ToUpperInvariant() ?? "");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _)) return Problem.Invalid("warm_up.invalid", new FieldProblem("zone", "Give a time zone such as Europe/Berlin."));
        if (country.Length > 0 && HolidayCalendar.Of(country) is null)
            return Problem.Invalid("warm_up.invalid", new FieldProblem("country", $"Holidays are known of {string.Join(", ", HolidayCalendar.All.Select(calendar => calendar.Country))}. Leave it empty for none."));
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await Key(tx, input.Subject, input.Key, ct) is not { } key || !await IsTheirs(actor, input.Subject, key, tx, ct))
            return Problem.Invalid("warm_up.invalid", new FieldProblem("key", "Give a mailbox of this account by its id, or the name of a domain or outgoing server that one of its mailboxes sends from."));
        if (await tx.Maybe(Select, KeptWarmUp.Read, ct, actor.Tenant, input.Subject, key) is not null)
            return new Problem(ProblemKind.Conflict, "warm_up.exists", "This is being warmed up already.");
        var now = clock.GetUtcNow();
        var empty = new KeptWarmUp(input.Subject, key, zone, country, input.Careful, WarmUp.Start(WarmUpProfile.All[0], default, 0, false), now, now);
        var today = empty.DayOf(now);
        await (empty with { State = WarmUp.Start(empty.Profile, today, empty.Seed, empty.IsHoliday(today)) }).Write(tx, ct);
        await tx.Append(actor, "warm_up.started", $"{input.Subject} {key}", new { zone, country, input.Careful }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    /// <summary>Stops it where it is, and with it all sending of the subject; <c>Resume</c> goes on at half.</summary>
    public static Task<Result<Done>> Pause(Actor actor, string subject, string key, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        Change(actor, subject, key, "warm_up.paused", kept => kept with { State = WarmUp.Pause(kept.State, "Paused by a person.") }, db, clock, ct);

    /// <inheritdoc cref="Pause"/>
    public static Task<Result<Done>> Resume(Actor actor, string subject, string key, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        Change(actor, subject, key, "warm_up.resumed", kept => kept.State.Phase == WarmUpPhase.Paused ? kept with { State = WarmUp.Resume(kept.State, kept.Profile) } : null, db, clock, ct);

    /// <summary>Forgets it: from now on the subject sends up to its caps.</summary>
    public static Task<Result<Done>> End(Actor actor, string subject, string key, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        Change(actor, subject, key, "warm_up.ended", null, db, clock, ct);

    public static async Task<Result<Output>> List(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var all = await tx.List(KeptWarmUp.SelectAll, KeptWarmUp.Read, ct, actor.Tenant);
        if (await ConfinedSight.Of(actor, Permissions.MailboxesRead, tx, ct) is { } sight)
            all = [.. all.Where(kept => sight.Of(kept.Subject, kept.Key) != Holding.None)
                .Select(kept => sight.Of(kept.Subject, kept.Key) == Holding.Whole ? kept : kept with { State = kept.State with { Sentence = ConfinedSight.Elsewhere } })];
        var mailboxes = await ReadSendingState.Within(tx, [.. all.Where(kept => kept.Subject == "mailbox").Select(kept => Guid.Parse(kept.Key))], ct);
        var names = mailboxes.ToDictionary(state => state.Id.Value.ToString("N"), state => state.Address);
        return new Output(all.ConvertAll(kept => Shown(kept, names.GetValueOrDefault(kept.Key, kept.Key))));
    }

    static async Task<Result<Done>> Change(Actor actor, string subject, string key, string action, Func<KeptWarmUp, KeptWarmUp?>? change, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        var now = clock.GetUtcNow();
        var stored = subject == "mailbox" && MailboxId.TryParse(key, null, out var id) ? id.Value.ToString("N") : key;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if ((subject + stored).Contains('\0', StringComparison.Ordinal) || !await IsTheirs(actor, subject, stored, tx, ct) || await tx.Maybe(Select, KeptWarmUp.Read, ct, actor.Tenant, subject, stored) is not { } kept)
            return new Problem(ProblemKind.NotFound, "warm_up.not_found", "This is not being warmed up.");
        if (change is null) await tx.Execute(Delete, ct, actor.Tenant, subject, stored);
        else if (change(kept) is { } changed) await (changed with { SteppedAt = now }).Write(tx, ct);
        else return new Problem(ProblemKind.Conflict, "warm_up.not_paused", "This warm-up is not paused.");
        await ReleaseHeld.Within(tx, ["warm_up_budget", "limit_domain", "limit_server", "limit_domain_provider"], now, ct);
        await tx.Append(actor, action, $"{subject} {stored}", new { }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    // What another workspace sends from too is not for who is confined to one.
    static async Task<bool> IsTheirs(Actor actor, string subject, string key, TenantTx tx, CancellationToken ct) =>
        await ConfinedSight.Of(actor, Permissions.MailboxesManage, tx, ct) is not { } sight || sight.Of(subject, key) == Holding.Whole;

    // Domains and servers are those that mailboxes of the account send from: there is nothing to warm up elsewhere.
    static async Task<string?> Key(TenantTx tx, string subject, string key, CancellationToken ct)
    {
        if (key.Length is 0 or > KeyLengthMax || key.Contains('\0', StringComparison.Ordinal)) return null;
        var name = key.ToLowerInvariant();
        return subject switch
        {
            "mailbox" => MailboxId.TryParse(key, null, out var id) && (await ReadSendingState.Within(tx, [id.Value], ct)).Count > 0 ? id.Value.ToString("N") : null,
            "domain" or "ip" => await ReadSendingState.Sends(tx, subject == "domain" ? name : null, subject == "ip" ? name : null, ct) ? name : null,
            _ => null,
        };
    }

    static Line Shown(KeptWarmUp kept, string name) => new(
        kept.Subject, kept.Subject == "mailbox" ? new MailboxId(Guid.Parse(kept.Key)).ToString() : kept.Key, name, KeptWarmUp.Word(kept.State.Phase), KeptWarmUp.Word(kept.State.Band), kept.State.Budget, kept.State.On, kept.State.Day,
        kept.Profile.Max, KeptWarmUp.Word(kept.State.Reason), kept.State.Sentence, kept.StartedAt, kept.SteppedAt);

    /// <summary>Which warm-up is meant.</summary>
    public sealed record Target(string Subject, string Key);

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/sending/warm-ups", async (Actor actor, TenantDb db, CancellationToken ct) => (await List(actor, db, ct)).ToHttp());
        api.MapPost("/sending/warm-ups", async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, clock, ct)).ToHttp());
        api.MapPost("/sending/warm-ups/pause", async (Actor actor, Target target, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Pause(actor, target.Subject, target.Key, db, clock, ct)).ToHttp());
        api.MapPost("/sending/warm-ups/resume", async (Actor actor, Target target, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Resume(actor, target.Subject, target.Key, db, clock, ct)).ToHttp());
        api.MapDelete("/sending/warm-ups", async (Actor actor, string subject, string key, TenantDb db, TimeProvider clock, CancellationToken ct) => (await End(actor, subject, key, db, clock, ct)).ToHttp());
    }
}
