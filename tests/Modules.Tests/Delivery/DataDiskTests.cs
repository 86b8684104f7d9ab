using PenguinMails.Delivery.Halts;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>When the database's disk is low or full, and how long it lasts.</summary>
public sealed class DataDiskTests
{
    const long Megabyte = 1024 * 1024;
    static readonly DateTimeOffset At = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    static DataDisk.Room Room(long megabytes, double hours = 0) => new(100_000 * Megabyte, megabytes * Megabyte, At.AddHours(hours));

    [Theory]
    [InlineData(512, 50_000, null, DiskLevel.Enough)]
    [InlineData(512, 9_999, null, DiskLevel.Low)] // Less than a tenth.
    [InlineData(512, 12_000, DiskLevel.Low, DiskLevel.Low)]
    [InlineData(512, 12_500, DiskLevel.Low, DiskLevel.Enough)]
    [InlineData(4_000, 15_000, null, DiskLevel.Low)] // Less than four floors.
    [InlineData(512, 511, null, DiskLevel.Full)]
    [InlineData(512, 639, DiskLevel.Full, DiskLevel.Full)]
    [InlineData(512, 640, DiskLevel.Full, DiskLevel.Low)]
    [InlineData(0, 0, null, DiskLevel.Low)] // Never stops.
    public void The_level_goes_by_what_is_left_and_gets_better_only_with_a_quarter_more(int floor, long free, DiskLevel? known, DiskLevel level) =>
        Assert.Equal(level, new DataDisk("/data", floor).Judge(Room(free), Room(free), known).Level);

    [Theory]
    [InlineData(5.9, 49_000, "; how fast it fills is known after six hours.")]
    [InlineData(12, 49_000, "; as it fills now, that lasts 24 days.")]
    [InlineData(12, 50_001, "; it does not fill.")]
    public void How_long_it_lasts_is_said_when_it_is_known(double hours, long free, string lasts) =>
        Assert.EndsWith(lasts, new DataDisk("/data", 512).Judge(Room(free, hours), Room(50_000), null).Sentence, StringComparison.Ordinal);

    [Fact]
    public void A_folder_is_asked_and_a_server_elsewhere_is_not()
    {
        var room = new DataDisk(Path.GetTempPath(), 512).Look(TimeProvider.System);
        Assert.True(room is { Size: > 0, Free: > 0 } && room.Free <= room.Size);
        Assert.Null(new DataDisk(null, 512).Look(TimeProvider.System));
        Assert.Null(new DataDisk("/there/is/none", 512).Look(TimeProvider.System));
    }
}
