using System.Net;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Modules.Tests.Core;

public sealed class ValueTests
{
    [Fact]
    public void An_id_reads_back_from_its_text()
    {
        var id = TypedId.New<TenantId>(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.True(TenantId.TryParse(id.ToString(), null, out var back));
        Assert.Equal(id, back);
        Assert.Matches("^ten_[0-9a-z]{26}$", id.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ten_")]
    [InlineData("wsp_00000000000000000000000000")]
    [InlineData("ten_0000000000000000000000000")]
    [InlineData("ten_80000000000000000000000000")]
    [InlineData("ten_0000000000000000000000000u")]
    [InlineData("ten_0000000000000000000000000\0")]
    public void A_malformed_id_is_refused(string? text) => Assert.False(TenantId.TryParse(text, null, out _));

    [Theory]
    [InlineData(101, 1, 2, 51)]
    [InlineData(-101, 1, 2, -51)]
    [InlineData(100, 1, 3, 33)]
    [InlineData(200, 1, 3, 67)]
    [InlineData(1, 49, 100, 0)]
    [InlineData(1, 50, 100, 1)]
    public void A_share_is_rounded_half_away_from_zero(long amount, long numerator, long denominator, long expected) =>
        Assert.Equal(expected, new Money(amount, Currency.Usd).Share(numerator, denominator).MinorUnits);

    [Fact]
    public void Amounts_of_two_currencies_never_mix() =>
        Assert.Throws<InvalidOperationException>(() => new Money(1, Currency.Usd) + new Money(1, Currency.Eur));

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.16.0.0", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.0", true)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("2606:4700::1", true)]
    [InlineData("8.8.8.8", true)]
    public void Private_and_reserved_addresses_are_out_of_reach(string address, bool mayReach) =>
        Assert.Equal(mayReach, Outbound.From("").MayReach(IPAddress.Parse(address)));

    [Fact]
    public void An_allowed_block_opens_only_itself()
    {
        var outbound = Outbound.From("127.0.0.0/8, 10.1.0.0/16");
        Assert.True(outbound.MayReach(IPAddress.Parse("10.1.9.9")));
        Assert.False(outbound.MayReach(IPAddress.Parse("10.2.0.1")));
    }

    [Fact]
    public void A_master_key_that_others_can_read_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("penguin-key-").FullName;
        var first = MasterKey.Load(null, folder).Derive("x");
        Assert.Equal(first, MasterKey.Load(null, folder).Derive("x"));
        var path = Path.Combine(folder, "keys", "master.key");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<InvalidOperationException>(() => MasterKey.Load(null, folder)).Message);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(1, 1.6, 2.4)]
    [InlineData(3, 6.4, 9.6)]
    [InlineData(12, 2880, 4320)]
    [InlineData(50, 2880, 4320)]
    public void Retries_wait_longer_each_time_up_to_an_hour(int attempt, double atLeast, double atMost)
    {
        for (var seed = 0; seed < 100; seed++)
            Assert.InRange(PenguinMails.Core.Jobs.Backoff.After(attempt, seed).TotalSeconds, atLeast, atMost);
    }
}

public sealed class MigratorTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_changed_after_it_was_applied_is_refused_by_name()
    {
        var steps = AllModules.List.SelectMany(m => Migrator.From(m.Assembly)).ToList();
        steps[0] = steps[0] with { Sql = steps[0].Sql + "\n-- changed" };
        var refused = await Assert.ThrowsAsync<MigrationRefused>(() => Migrator.Apply(database.OwnerSource, steps, TimeProvider.System, Ct));
        Assert.Contains("0001_core.sql was changed", refused.Message);
    }

    [Fact]
    public async Task A_database_newer_than_the_program_is_refused()
    {
        var refused = await Assert.ThrowsAsync<MigrationRefused>(() => Migrator.Apply(database.OwnerSource, [], TimeProvider.System, Ct));
        Assert.Contains("does not know", refused.Message);
    }

    [Fact]
    public async Task A_second_run_applies_nothing() =>
        Assert.Equal(0, await Migrator.Apply(database.OwnerSource, [.. AllModules.List.SelectMany(m => Migrator.From(m.Assembly))], TimeProvider.System, Ct));
}
