using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;

namespace PenguinMails.Modules.Tests.Secrets;

public sealed partial class RotationTests
{
    [Fact]
    public async Task A_kind_that_no_part_of_the_program_can_change_is_due_and_then_overdue_until_it_is_changed_by_hand()
    {
        await using var world = new SecretsWorld(database);
        var id = await Plan(world, RotationKinds.SshKey, 90);
        Assert.Equal("rotation.by_hand", (await StartRotation.Handle(world.Person(), id, new("a drill"), world.Rotators, world.Db, world.Clock, Ct)).Problem?.Code);
        async Task<(long Overdue, long Soon)> Due() => (await ReadStatus.Handle(world.Person(), world.Store, world.Db, world.Clock, Ct)).Value is var status ? (status.Overdue, status.DueSoon) : default;
        Assert.Equal((0L, 0L), await Due());
        world.Clock.Advance(TimeSpan.FromDays(60));
        Assert.Equal((0L, 1L), await Due());
        world.Clock.Advance(TimeSpan.FromDays(30));
        await world.Jobs();
        Assert.Equal((1L, 0L), await Due());
        Assert.Null((await Entry(world, id)).Rotation);
        await WriteSecret.Handle(world.Person(), new(Path.Text, new Dictionary<string, string> { ["password"] = "second" }, "changed by hand", 1), "test", world.Store, world.Db, world.Clock, Ct);
        Assert.Equal(world.Clock.GetUtcNow().AddDays(90), (await Entry(world, id)).DueAt);
    }

    [Theory]
    [InlineData(RotationKinds.SshKey, 90)]
    [InlineData(RotationKinds.SmtpCredential, 180)]
    [InlineData(RotationKinds.ApiKey, null)]
    [InlineData(RotationKinds.DkimKey, 180)]
    public async Task Kinds_have_their_usual_period(string kind, int? days)
    {
        await using var world = new SecretsWorld(database);
        var written = await WriteSecret.Handle(world.Person(), new("x", new Dictionary<string, string> { ["key"] = "v" }, "set up", 0, kind), "test", world.Store, world.Db, world.Clock, Ct);
        var entry = await Entry(world, written.Value.Id);
        Assert.Equal((kind, days), (entry.Kind, entry.PeriodDays));
        Assert.Equal(days is { } period ? world.Clock.GetUtcNow().AddDays(period) : null, entry.DueAt);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(3650, true)]
    [InlineData(3651, false)]
    public async Task A_period_has_limits(int days, bool fits)
    {
        await using var world = new SecretsWorld(database);
        var written = await WriteSecret.Handle(world.Person(), new("x", new Dictionary<string, string> { ["key"] = "v" }, "set up"), "test", world.Store, world.Db, world.Clock, Ct);
        Assert.Equal(fits, (await PlanRotation.Handle(world.Person(), written.Value.Id, new(RotationKinds.Other, days), world.Db, world.Clock, Ct)).IsOk);
    }

    [Fact]
    public async Task The_calendar_shows_the_most_overdue_first_and_pages_through_everything_once()
    {
        await using var world = new SecretsWorld(database);
        for (var n = 1; n <= 7; n++)
        {
            var written = await WriteSecret.Handle(world.Person(), new($"s{n}", new Dictionary<string, string> { ["key"] = "v" }, "set up"), "test", world.Store, world.Db, world.Clock, Ct);
            await PlanRotation.Handle(world.Person(), written.Value.Id, new(RotationKinds.Other, n % 3 == 0 ? null : 100 - n), world.Db, world.Clock, Ct);
        }

        var (seen, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = (await ListRotations.Handle(world.Person(), cursor, 2, world.Db, Ct)).Value;
            seen.AddRange(page.Items.Select(entry => entry.Path));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        Assert.Equal(["s7", "s5", "s4", "s2", "s1"], seen.Take(5));
        Assert.Equal(["s3", "s6"], seen.Skip(5).Order());
    }
}
