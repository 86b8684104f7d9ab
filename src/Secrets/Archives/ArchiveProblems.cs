using PenguinMails.Core;

namespace PenguinMails.Secrets.Archives;

/// <summary>Why an archive is not opened. Codes are public.</summary>
public static class ArchiveProblems
{
    public static readonly Problem NotOne = new(ProblemKind.Invalid, "backup.not_one", "This is not a backup made by penguin backup. Look for a file that begins with the word PMBACKUP; a dump of pg_dump goes back with pg_restore.");

    public static readonly Problem Cut = new(ProblemKind.Invalid, "backup.cut", "The file is cut off: its end is missing. Copy it again from where it was written, or take an older backup.");

    public static readonly Problem HeadDamaged = new(ProblemKind.Invalid, "backup.head_damaged", "The head of the file is damaged. Copy it again from where it was written, or take an older backup.");

    public static readonly Problem PassphraseWrong = new(ProblemKind.Forbidden, "backup.passphrase_wrong",
        "The passphrase does not open this backup. Give the one it was made with; if that is the one, the head of the file is damaged: take another copy.");

    public static readonly Problem KeyWrong = new(ProblemKind.Forbidden, "backup.key_wrong",
        "The key does not open this backup. Give the private key that belongs to the public one it was made for; if that is the one, the head of the file is damaged: take another copy.");

    public static readonly Problem NeedsPassphrase = new(ProblemKind.Invalid, "backup.needs_passphrase", "This backup opens with a passphrase: give --passphrase-file.");

    public static readonly Problem NeedsKey = new(ProblemKind.Invalid, "backup.needs_key", "This backup opens with a private key: give --key.");

    public static Problem VersionUnknown(int version, int known) => new(ProblemKind.Invalid, "backup.version_unknown",
        $"The backup has format {version}; this program reads format {known}. Take the program that made it, or a newer one.");
}

/// <summary>A block does not open, or the end is missing. What was read before it is genuine; nothing after it is given out.</summary>
public sealed class ArchiveDamaged(string code, string message) : IOException(message)
{
    /// <summary><c>backup.cut</c> or <c>backup.damaged</c>.</summary>
    public string Code => code;
}
