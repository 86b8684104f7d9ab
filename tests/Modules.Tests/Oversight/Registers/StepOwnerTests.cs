using PenguinMails.Core;
using PenguinMails.Modules.Tests.Accounts;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Steps;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>A step is given to the person the plan names, where the account has one.</summary>
[Collection(nameof(AccountsWorld))]
public sealed class StepOwnerTests(AccountsWorld world, TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_belongs_to_the_member_the_plan_names_by_address()
    {
        var email = AccountsWorld.NewEmail();
        var owner = (await world.Person(email)).Actor!;
        await RegisterPlan.Import(owner, database, RegisterPlan.Text.Replace("Sam Sample", email, StringComparison.Ordinal));
        Assert.Equal(2, await OpenSteps.One(owner.Tenant, database.Db, new OversightSettings((TenantId?)null), database.Clock, Ct));
        var steps = (await ListSteps.Handle(owner, "open", null, null, database.Db, Ct)).Value.Items;
        Assert.Equal([("Review/board", (UserId?)null), ("RoadmapItem/api", owner.User)], steps.Select(step => (step.Subject, step.Owner))); // Those without an owner come first.
        Assert.Equal(email, steps[1].OwnerName);
        var given = (await AssignStep.Handle(owner, steps[0].Id, new(owner.User, new DateOnly(2026, 4, 1)), database.Db, database.Clock, Ct)).Value;
        Assert.Equal((owner.User, new DateOnly(2026, 4, 1)), (given.Owner, given.DueOn));
    }
}
