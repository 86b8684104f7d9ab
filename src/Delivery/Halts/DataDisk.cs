using System.Globalization;

namespace PenguinMails.Delivery.Halts;

/// <summary>The disk that holds the private database. With a server of your own there is none to look at.</summary>
/// <param name="Folder">Where the database lies; null: elsewhere.</param>
/// <param name="FloorMegabytes">With less than this left nothing is sent. 0: however little is left.</param>
public sealed record DataDisk(string? Folder, int FloorMegabytes)
{
    const double LowShare = 0.1;
    const int LowFloors = 4;
    const double Better = 1.25;
    const long Megabyte = 1024 * 1024;

    static readonly TimeSpan WatchedMin = TimeSpan.FromHours(6);

    /// <summary>Octets of the disk, and those left for the user the program runs as.</summary>
    public sealed record Room(long Size, long Free, DateTimeOffset At);

    /// <summary>How it stands with the disk.</summary>
    /// <param name="Sentence">What is left, and how long that lasts where it can be judged.</param>
    public sealed record Verdict(DiskLevel Level, string Sentence);

    /// <summary>Null where there is none to look at, or it cannot be asked.</summary>
    public Room? Look(TimeProvider clock)
    {
        if (Folder is null) return null;
        try
        {
            var disk = new DriveInfo(Folder);
            return new Room(disk.TotalSize, disk.AvailableFreeSpace, clock.GetUtcNow());
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <param name="first">The first look of this process: what was used since says how fast it fills.</param>
    /// <param name="known">What was found before: it gets better only when there is a quarter more than its bound, so that it does not go to and fro.</param>
    public Verdict Judge(Room now, Room first, DiskLevel? known)
    {
        var (floor, low) = (FloorMegabytes * (double)Megabyte, Math.Max(now.Size * LowShare, LowFloors * FloorMegabytes * (double)Megabyte));
        var level = now.Free < floor * (known == DiskLevel.Full ? Better : 1) ? DiskLevel.Full
            : now.Free < low * (known is DiskLevel.Full or DiskLevel.Low ? Better : 1) ? DiskLevel.Low
            : DiskLevel.Enough;
        return new(level, string.Create(CultureInfo.InvariantCulture, $"The database's disk has {now.Free / Megabyte:N0} MB of {now.Size / Megabyte:N0} MB left") + Lasts(now, first));
    }

    static string Lasts(Room now, Room first)
    {
        var (watched, used) = (now.At - first.At, first.Free - now.Free);
        return watched < WatchedMin ? "; how fast it fills is known after six hours."
            : used <= 0 ? "; it does not fill."
            : string.Create(CultureInfo.InvariantCulture, $"; as it fills now, that lasts {Math.Floor(now.Free / (used / watched.TotalDays)):N0} days.");
    }
}

/// <summary>How much room there is.</summary>
public enum DiskLevel
{
    Enough,

    /// <summary>Less than a tenth of the disk, or less than four times the floor.</summary>
    Low,

    /// <summary>Less than the floor: nothing is sent.</summary>
    Full,
}
