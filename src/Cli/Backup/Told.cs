using System.Globalization;

namespace PenguinMails.Cli.Backup;

/// <summary>Progress on standard error: one line that moves at a terminal, and a line for each step elsewhere. Silent with --json.</summary>
sealed class Told(bool isSilent, TimeProvider clock)
{
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);
    readonly bool _moves = !Console.IsErrorRedirected;
    long _last;
    bool _isOpen;

    public void Step(string text)
    {
        if (isSilent) return;
        Close();
        Console.Error.WriteLine(text);
    }

    public void Bytes(string what, long count)
    {
        if (isSilent || !_moves || _last != 0 && clock.GetElapsedTime(_last) < Pace) return;
        _last = clock.GetTimestamp();
        Console.Error.Write($"\r{what}: {Size(count)}   ");
        _isOpen = true;
    }

    public void Close()
    {
        if (_isOpen) Console.Error.WriteLine();
        _isOpen = false;
    }

    public static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:#,0.0} MB");
}
