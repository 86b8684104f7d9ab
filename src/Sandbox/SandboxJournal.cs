using System.Text;
using System.Text.Json;
using PenguinMails.Core;

namespace PenguinMails.Sandbox;

/// <summary>What happened to a message.</summary>
public enum JournalKind { Accepted, Deferred, Refused, Dropped, CameBack }

/// <summary>One line of the journal.</summary>
/// <param name="Sender">The envelope's; empty for the null sender.</param>
/// <param name="MessageId">Without angle brackets; null where the message was refused before its content came.</param>
/// <param name="Subject">Null likewise.</param>
public sealed record JournalEntry(DateTimeOffset At, JournalKind Kind, string Recipient, string Sender, string? MessageId, string? Subject, Behaviour Behaviour);

/// <summary>The append-only record of what reached the sandbox: a line of JSON for each event, safe from a killed process once written.</summary>
/// <remarks>A line is handed to the operating system in one write before the sender hears 250. A loss of power may cost the last lines.</remarks>
public sealed class SandboxJournal : IDisposable
{
    readonly FileStream _file;
    readonly Lock _gate = new();

    internal SandboxJournal(string path)
    {
        Path = path;
        // bufferSize 0: each write goes to the operating system at once.
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        EndCutLine();
    }

    public string Path { get; }

    internal void Append(JournalEntry entry)
    {
        var line = Encoding.UTF8.GetBytes(Json.Write(entry) + "\n");
        lock (_gate)
        {
            _file.Write(line);
            _file.Flush();
        }
    }

    /// <summary>Everything in the journal, oldest first; lines that were cut off are left out. Empty when there is no file.</summary>
    public static IReadOnlyList<JournalEntry> Read(string path)
    {
        if (!File.Exists(path)) return [];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var entries = new List<JournalEntry>();
        while (reader.ReadLine() is { } line)
            if (Parse(line) is { } entry) entries.Add(entry);
        return entries;
    }

    public void Dispose() => _file.Dispose();

    static JournalEntry? Parse(string line)
    {
        try
        {
            return Json.Read<JournalEntry>(line);
        }
        catch (JsonException)
        {
            return null; // Cut off by a crash of the machine.
        }
    }

    // What a crash left half written must not swallow the next line.
    void EndCutLine()
    {
        if (_file.Length > 0)
        {
            _file.Seek(-1, SeekOrigin.End);
            var isCut = _file.ReadByte() != '\n';
            _file.Seek(0, SeekOrigin.End);
            if (isCut) _file.WriteByte((byte)'\n');
        }
    }
}
