using Microsoft.Win32.SafeHandles;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Transport;

/// <summary>How far a message came that passed the gate. The newest word counts.</summary>
enum LaneMark : byte
{
    /// <summary>Its content may be out.</summary>
    Begun = 1,

    /// <summary>The server took it.</summary>
    Accepted = 2,

    /// <summary>The server did not take it.</summary>
    Refused = 3,
}

/// <summary>How far the messages of one run of a lane came, in a file of this machine: of what a killed process left, only what was on the wire at that moment is in doubt.</summary>
/// <remarks>That a message is begun is written before the first octet of its content goes out, and the disk is not waited for: the file outlives its process, not the machine.
/// So it proves something under the same boot only, and only to who gets the lock that the process held on it until it ended. Without the proof nothing is concluded.</remarks>
sealed class LaneJournal : IDisposable
{
    const int HeadBytes = 16; // The boot's id.
    const int EntryBytes = 17; // A mark, and the message's id.
    const string BootFile = "/proc/sys/kernel/random/boot_id";

    static readonly TimeSpan KeptMax = TimeSpan.FromDays(1); // Of files that no message leads to any more.
    static readonly Guid? Boot = File.Exists(BootFile) && Guid.TryParse(File.ReadAllText(BootFile), out var boot) ? boot : null;

    readonly string _path;
    readonly SafeFileHandle _file;
    readonly Lock _lock = new();
    readonly byte[] _waiting = new byte[64 * EntryBytes];
    int _filled; // Of those.
    long _length = HeadBytes;

    LaneJournal(string path, SafeFileHandle file) => (_path, _file) = (path, file);

    /// <summary>Before the first message passes.</summary>
    /// <returns>Null where it cannot be kept: then whatever passed is in doubt when the process dies.</returns>
    public static LaneJournal? Open(string? folder, MailboxId mailbox, Guid token)
    {
        if (folder is null || Boot is not { } boot) return null;
        SafeFileHandle? file = null;
        try
        {
            Directory.CreateDirectory(folder);
            var path = PathOf(folder, mailbox, token);
            if ((file = Alone(path, FileMode.CreateNew)) is null) return null;
            RandomAccess.Write(file, boot.ToByteArray(), 0);
            return new(path, file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            return null;
        }
    }

    /// <summary>The message is begun. From any thread.</summary>
    /// <returns>False when that could not be written: it may not be begun.</returns>
    public bool TryBegin(Guid message)
    {
        lock (_lock)
        {
            Add(LaneMark.Begun, message);
            return TryWrite();
        }
    }

    /// <summary>What became of one that was begun. Written with the next that is: what is told here stands in the ledger a moment later.</summary>
    public void Tell(LaneMark mark, Guid message)
    {
        lock (_lock)
        {
            Add(mark, message);
            if (_filled + EntryBytes > _waiting.Length) TryWrite();
        }
    }

    /// <summary>Everything that passed has its end in the ledger.</summary>
    public void Remove() => Remove(_path);

    public void Dispose() => _file.Dispose();

    /// <summary>What another run of the lane wrote: for each message that it began, how far it came.</summary>
    /// <returns>Null: nobody can tell, or its process still runs.</returns>
    public static Dictionary<Guid, LaneMark>? Of(string? folder, MailboxId mailbox, Guid token)
    {
        if (folder is null || Boot is not { } boot) return null;
        try
        {
            using var file = Alone(PathOf(folder, mailbox, token), FileMode.Open);
            if (file is null) return null;
            var entries = new byte[RandomAccess.GetLength(file)];
            if (RandomAccess.Read(file, entries, 0) != entries.Length || entries.Length < HeadBytes || new Guid(entries.AsSpan(0, HeadBytes)) != boot) return null;
            var marks = new Dictionary<Guid, LaneMark>();
            for (var at = HeadBytes; at + EntryBytes <= entries.Length; at += EntryBytes) marks[new Guid(entries.AsSpan(at + 1, EntryBytes - 1))] = (LaneMark)entries[at];
            return marks;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static void Remove(string? folder, MailboxId mailbox, Guid token)
    {
        if (folder is not null) Remove(PathOf(folder, mailbox, token));
    }

    /// <summary>Drops what is a day old and belongs to no process.</summary>
    public static void Sweep(string? folder, DateTimeOffset now)
    {
        if (folder is null || !Directory.Exists(folder)) return;
        foreach (var path in Directory.EnumerateFiles(folder).Where(path => File.GetLastWriteTimeUtc(path) < (now - KeptMax).UtcDateTime))
        {
            try
            {
                using var free = Alone(path, FileMode.Open);
                if (free is not null) Remove(path);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                // Held by who writes it, or gone.
            }
        }
    }

    void Add(LaneMark mark, Guid message)
    {
        _waiting[_filled] = (byte)mark;
        message.TryWriteBytes(_waiting.AsSpan(_filled + 1));
        _filled += EntryBytes;
    }

    bool TryWrite()
    {
        var length = _filled;
        _filled = 0;
        try
        {
            RandomAccess.Write(_file, _waiting.AsSpan(0, length), _length);
            _length += length;
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <returns>Null where locks do not hold, by the file system or a setting: then nobody could tell whether a process lives.</returns>
    static SafeFileHandle? Alone(string path, FileMode mode)
    {
        var file = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.None);
        try
        {
            using var second = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return file; // Refused, as it has to be.
        }

        file.Dispose();
        return null;
    }

    static string PathOf(string folder, MailboxId mailbox, Guid token) => Path.Combine(folder, $"{mailbox.Value:N}-{token:N}");

    static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Swept later.
        }
    }
}
