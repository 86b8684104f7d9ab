using System.Collections.Frozen;
using System.Diagnostics;
using PenguinMails.Core;
using PenguinMails.Modules.Tests.Oversight.Plans;
using PenguinMails.Oversight;
using PenguinMails.Oversight.CheckIns;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Gates;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Steps;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>Each deviation opens one step, once, with an owner and a day; people close it with a sentence.</summary>
public sealed class StepTests(TestDatabase database)
{
    readonly Actor _actor = Actor.System(database.NewTenant());
    readonly TestClock _clock = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    OversightSettings Settings => new(_actor.Tenant);

    Task<int> Run() => OpenSteps.One(_actor.Tenant, database.Db, Settings, _clock, Ct);

    async Task<IReadOnlyList<ProcessStep>> Open(string? state = "open") => (await ListSteps.Handle(_actor, state, null, 200, database.Db, Ct)).Value.Items;

    [Fact]
    public async Task Every_kind_of_deviation_opens_one_step_and_the_same_again_none()
    {
        await RegisterPlan.Import(_actor, database, clock: _clock);
        Assert.Equal(["Review/board", "RoadmapItem/api"], (await Count(2)).Select(step => step.Subject).Order()); // The review was due on 15 February, the API at its end.
        await RegisterTests.LoadUptime(_actor, database, i => i < 12 ? 9_990 : 9_850); // A step down: worsening, past the risk's trigger, and the decision's other way.
        await LoadCosts.Handle(_actor, new("billed_on,vendor,amount,currency\n2026-02-10,Rack Ltd,1500,EUR\n2026-02-11,Nobody,500,EUR\n", "a.csv"), database.Db, _clock, Ct);
        await RecordEvidence.Handle(_actor, new("launch", "Audit passed", "failed", "Two findings"), database.Db, _clock, Ct);
        var steps = await Count(6);
        Assert.Equal(["budget", "budget", "decision", "figure", "gate", "review", "risk", "slip"], steps.Select(step => step.Kind).Order());
        Assert.Contains(steps, step => step.Sentence.StartsWith("Servers was 500.00 EUR over its plan in 2026-02", StringComparison.Ordinal));
        Assert.Contains(steps, step => step is { Subject: "Gate/launch#Audit passed", OwnerName: "role:ceo" });
        Assert.All(steps, step => Assert.Equal((null, new DateOnly(2026, 3, 16)), (step.Owner, step.DueOn))); // No review lies ahead and nobody is called so.
        Assert.Equal(0, await Run());
    }

    async Task<IReadOnlyList<ProcessStep>> Count(int opened)
    {
        var found = await Run();
        var steps = await Open();
        Assert.True(opened == found, $"{found} opened: {string.Join(" | ", steps.Select(step => $"{step.Kind} {step.Subject}: {step.Sentence}"))}");
        return steps;
    }

    [Fact]
    public async Task What_goes_on_opens_no_second_step_and_what_comes_back_does()
    {
        await RegisterPlan.Import(_actor, database, clock: _clock);
        await Run();
        var slip = (await Open()).Single(step => step.Kind == "slip");
        Assert.True((await CloseStep.Handle(_actor, slip.Id, new("done", "It was late and is there now."), database.Db, _clock, Ct)).IsOk);
        Assert.Equal(0, await Run()); // The same end of the same item: told once.
        await RegisterPlan.Import(_actor, database, RegisterPlan.Text.Replace("period: 2026-02, status", "period: 2026-03, status", StringComparison.Ordinal), _clock);
        _clock.Advance(TimeSpan.FromDays(40));
        Assert.DoesNotContain(await Open(), step => step.Kind == "slip");
        await Run();
        Assert.Single(await Open(), step => step.Subject == "RoadmapItem/api"); // Planned anew, and late again.
        await RecordCheckIn.Handle(_actor, new("RoadmapItem/api", "done", "There."), database.Db, _clock, Ct);
        Assert.Equal("open", (await Open()).Single(step => step.Subject == "RoadmapItem/api").State); // A step is closed by a person, with a sentence.
    }

    [Fact]
    public async Task Evidence_that_ran_out_opens_a_step()
    {
        await RegisterPlan.Import(_actor, database, clock: _clock);
        await Run();
        await RecordEvidence.Handle(_actor, new("launch", "Audit passed", "passed", "Report 7", null, new DateOnly(2026, 3, 10)), database.Db, _clock, Ct);
        _clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal(0, await Run()); // Its last day.
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await Run());
        Assert.Contains(await Open(), step => step.Sentence.Contains("ran out on 10 Mar 2026", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_founding_plan_opens_a_step_for_each_thing_that_is_late_and_no_more()
    {
        var files = Directory.GetFiles(Path.Combine(PlanText.Samples, "penguinmails"), "*.yaml").Select(file => new ImportPlan.InputFile(Path.GetFileName(file), File.ReadAllText(file))).ToList();
        Assert.True((await ImportPlan.Handle(_actor, new(files), database.Db, _clock, Ct)).IsOk);
        var began = Stopwatch.GetTimestamp();
        var opened = await Run();
        TestContext.Current.TestOutputHelper?.WriteLine($"{opened} steps in {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
        var steps = await Open();
        Assert.Equal(opened, steps.Count);
        Assert.Equal(steps.Count, steps.DistinctBy(step => (step.Kind, step.Subject)).Count());
        Assert.Contains(steps, step => step is { Kind: "slip", Subject: "RoadmapItem/rm-2025q4" });
        Assert.DoesNotContain(steps, step => step.Subject == "RoadmapItem/rm-2025q4-f1"); // Told by its whole.
        Assert.Equal(0, await Run());
    }

    [Fact]
    public async Task A_step_is_closed_once_with_a_sentence()
    {
        var step = (await OpenStep.Handle(_actor, new("Look at the logs"), database.Db, _clock, Ct)).Value;
        Assert.Equal(("person", "open", new DateOnly(2026, 3, 16), "/steps"), (step.Kind, step.State, step.DueOn, step.Href));
        Task<Result<ProcessStep>> Close(string state, string note, Actor? actor = null) => CloseStep.Handle(actor ?? _actor, step.Id, new(state, note), database.Db, _clock, Ct);
        Assert.Equal("note", Assert.Single((await Close("done", " ")).Problem?.Fields ?? []).Field);
        Assert.Equal("state", Assert.Single((await Close("open", "x")).Problem?.Fields ?? []).Field);
        Assert.Equal("step.not_found", (await Close("done", "x", Actor.System(database.NewTenant()))).Problem?.Code);
        Assert.Equal("dropped", (await Close("dropped", "Nothing is to be done.")).Value.State);
        Assert.Equal("step.closed_already", (await Close("done", "x")).Problem?.Code);
        Assert.Equal("step.closed_already", (await AssignStep.Handle(_actor, step.Id, new(null, new DateOnly(2026, 4, 1)), database.Db, _clock, Ct)).Problem?.Code);
        Assert.Empty(await Open());
        Assert.Equal("Nothing is to be done.", Assert.Single(await Open("dropped")).Note);
    }

    [Fact]
    public async Task Owner_day_and_subject_must_be_real()
    {
        Task<Result<ProcessStep>> Try(string? subject = null, UserId? owner = null, DateOnly? due = null) => OpenStep.Handle(_actor, new("x", subject, owner, due), database.Db, _clock, Ct);
        async Task<string> Field(Task<Result<ProcessStep>> tried) => Assert.Single((await tried).Problem?.Fields ?? []).Field;
        Assert.Equal("subject", await Field(Try("RoadmapItem/api"))); // There is no plan.
        Assert.Equal("subject", await Field(Try("Kpi/nothing")));
        Assert.Equal("owner", await Field(Try(owner: TypedId.New<UserId>(_clock.GetUtcNow()))));
        Assert.Equal("due_on", await Field(Try(due: new DateOnly(2026, 3, 1))));
        Assert.Equal("due_on", await Field(Try(due: new DateOnly(2031, 3, 3))));
        Assert.Equal("/kpis/uptime", (await Try("Kpi/uptime", due: new DateOnly(2026, 3, 2))).Value.Href);
        await RegisterPlan.Import(_actor, database, clock: _clock);
        Assert.Equal("/plan-board", (await Try("RoadmapItem/api")).Value.Href);
        var moved = (await AssignStep.Handle(_actor, (await Open())[0].Id, new(null, new DateOnly(2026, 5, 1)), database.Db, _clock, Ct)).Value;
        Assert.Equal(new DateOnly(2026, 5, 1), moved.DueOn);
    }

    [Fact]
    public async Task Steps_are_paged_and_nobody_elses()
    {
        for (var day = 0; day < 5; day++) await OpenStep.Handle(_actor, new($"Step {day}", null, null, new DateOnly(2026, 4, 10 - day)), database.Db, _clock, Ct);
        var (seen, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = (await ListSteps.Handle(_actor, "open", cursor, 2, database.Db, Ct)).Value;
            seen.AddRange(page.Items.Select(step => step.Sentence));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        Assert.Equal(["Step 4", "Step 3", "Step 2", "Step 1", "Step 0"], seen);
        Assert.Equal("step.state_unknown", (await ListSteps.Handle(_actor, "late", null, null, database.Db, Ct)).Problem?.Code);
        Assert.Equal("cursor.invalid", (await ListSteps.Handle(_actor, null, Cursor.Encode("2 x y"), null, database.Db, Ct)).Problem?.Code);
        var other = Actor.System(database.NewTenant());
        Assert.Empty((await ListSteps.Handle(other, null, null, null, database.Db, Ct)).Value.Items);
        Assert.Equal("step.not_found", (await ReadStep.Handle(other, (await Open())[0].Id, database.Db, Ct)).Problem?.Code);
        var viewer = _actor with { Kind = ActorKind.Person, Permissions = new[] { Permissions.OversightRead }.ToFrozenSet() };
        Assert.Equal("permission.missing", (await OpenStep.Handle(viewer, new("x"), database.Db, _clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await CloseStep.Handle(viewer, (await Open())[0].Id, new("done", "x"), database.Db, _clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await AssignStep.Handle(viewer, (await Open())[0].Id, new(), database.Db, _clock, Ct)).Problem?.Code);
    }
}
