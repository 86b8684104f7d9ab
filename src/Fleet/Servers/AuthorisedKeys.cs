using System.Text;
using PenguinMails.Core;
using PenguinMails.Fleet.Servers.Ssh;

namespace PenguinMails.Fleet.Servers;

/// <summary>The file of a machine that says whose keys may log in. Lines of others are left as they are; the file is replaced whole, so that it is never half written.</summary>
static class AuthorisedKeys
{
    const string File = ".ssh/authorized_keys"; // Commands start in the home folder.
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // Mode and place first, then one rename. The content comes as input, never as part of the script.
    const string Replace = """umask 077 && cat > "$1.penguin" && mv -f "$1.penguin" "$1" """;

    /// <summary>Twice is as once.</summary>
    public static Task<Result<Done>> Add(SshSession session, string line, CancellationToken ct) => Change(session, lines => lines.Exists(one => IsSame(one, line)) ? null : [.. lines, line], ct);

    /// <summary>A line that is not there is no refusal.</summary>
    public static Task<Result<Done>> Remove(SshSession session, string line, CancellationToken ct) => Change(session, lines => lines.Exists(one => IsSame(one, line)) ? [.. lines.Where(one => !IsSame(one, line))] : null, ct);

    /// <param name="change">Null leaves the file alone.</param>
    static async Task<Result<Done>> Change(SshSession session, Func<List<string>, List<string>?> change, CancellationToken ct)
    {
        var read = await session.Run(["cat", File], default, Limit, ct);
        if (read.Problem is { } lost) return lost;
        if (read.Value.ExitCode != 0 || read.Value.IsCut) return new Problem(ProblemKind.Conflict, "server.keys_unreadable", "The file .ssh/authorized_keys of the machine cannot be read. Look at its owner and mode there.");
        if (change([.. read.Value.Text.Split('\n').Where(line => line.Trim().Length > 0)]) is not { } lines) return default(Done);
        var written = await session.Run(["sh", "-c", Replace, "keys", File], Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"), Limit, ct);
        if (written.Problem is { } broken) return broken;
        return written.Value.ExitCode == 0 ? default(Done) : new Problem(ProblemKind.Conflict, "server.keys_unwritable", "The file .ssh/authorized_keys of the machine cannot be written. Look at its owner and mode, and at the space on its disk.");
    }

    // Type and key decide; comments and options before them are the owner's.
    static bool IsSame(string line, string other) => other.Split(' ') is [var type, var key, ..] && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is var words
        && Array.IndexOf(words, type) is >= 0 and var at && at + 1 < words.Length && words[at + 1] == key;
}
