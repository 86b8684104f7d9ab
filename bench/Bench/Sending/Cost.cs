using System.Globalization;

namespace PenguinMails.Bench.Sending;

/// <summary>Processor time spent since it was made, by this process and by the database behind a data folder.</summary>
sealed class Cost(string dataFolder)
{
    readonly TimeSpan _program = Environment.CpuUsage.TotalTime;
    readonly double _database = Seconds(dataFolder);

    /// <summary>Microseconds.</summary>
    public double Program => (Environment.CpuUsage.TotalTime - _program).TotalMicroseconds;

    /// <summary>Microseconds, to a hundredth of a second.</summary>
    public double Database => (Seconds(dataFolder) - _database) * 1e6;

    // Fields 14 and 15 of /proc/PID/stat, in hundredths of a second; a server process stands in its data folder.
    static double Seconds(string dataFolder) => Directory.GetDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])).Sum(process =>
    {
        try
        {
            var fields = File.ReadAllText(process + "/stat").Split(") ");
            if (!fields[0].EndsWith("(postgres", StringComparison.Ordinal) || Directory.ResolveLinkTarget(process + "/cwd", false)?.FullName.StartsWith(dataFolder, StringComparison.Ordinal) != true) return 0;
            var times = fields[1].Split(' ');
            return (double.Parse(times[11], CultureInfo.InvariantCulture) + double.Parse(times[12], CultureInfo.InvariantCulture)) / 100;
        }
        catch (IOException)
        {
            return 0; // Ended meanwhile.
        }
    });
}
