namespace PenguinMails.Cli.Backup;

/// <summary>The data folder a restore fills. Until it is kept, everything in it goes away again.</summary>
sealed class RestoreFolder : IDisposable
{
    const UnixFileMode MineAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    readonly bool _wasThere;
    bool _isKept;

    RestoreFolder(string path, bool wasThere) => (Path, _wasThere) = (path, wasThere);

    public string Path { get; }

    /// <exception cref="InvalidOperationException">Something is in the folder.</exception>
    public static RestoreFolder Claim(string path)
    {
        if (File.Exists(path)) throw new InvalidOperationException($"{path} is a file. Name a folder with --data.");
        var wasThere = Directory.Exists(path);
        if (wasThere && Directory.EnumerateFileSystemEntries(path).FirstOrDefault() is { } found)
            throw new InvalidOperationException($"{path} is not empty: it holds {System.IO.Path.GetFileName(found)}. A restore never overwrites an installation. Name an empty folder with --data, or move what is there away.");
        Directory.CreateDirectory(path);
        // The cluster runs as another user when the program is root, and must be able to enter; the keys are in a folder of their own.
        if (!wasThere && Environment.IsPrivilegedProcess) File.SetUnixFileMode(path, MineAlone | (UnixFileMode)0b001_101_101);
        var folder = new RestoreFolder(path, wasThere);
        File.WriteAllText(System.IO.Path.Combine(path, Installation.UnfinishedRestore), "");
        return folder;
    }

    /// <param name="keepsKey">False where the master key comes from the environment.</param>
    public void Write(OpenedBackup backup, bool keepsKey)
    {
        const UnixFileMode enter = MineAlone | UnixFileMode.UserExecute;
        var keys = Directory.CreateDirectory(System.IO.Path.Combine(Path, "keys"), enter).FullName;
        var web = Directory.CreateDirectory(System.IO.Path.Combine(keys, "web"), enter).FullName;
        if (keepsKey) Put(System.IO.Path.Combine(keys, "master.key"), backup.Keys.Master + "\n");
        foreach (var (name, text) in backup.Keys.Web) Put(System.IO.Path.Combine(web, System.IO.Path.GetFileName(name)), text);
        Put(System.IO.Path.Combine(Path, "penguin.json"), backup.Configuration + "\n");
    }

    public void Keep()
    {
        File.Delete(System.IO.Path.Combine(Path, Installation.UnfinishedRestore));
        _isKept = true;
    }

    public void Dispose()
    {
        if (_isKept) return;
        foreach (var inner in Directory.GetDirectories(Path)) Directory.Delete(inner, recursive: true);
        foreach (var file in Directory.GetFiles(Path)) File.Delete(file);
        if (!_wasThere) Directory.Delete(Path);
    }

    static void Put(string path, string text)
    {
        using var file = new StreamWriter(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = MineAlone });
        file.Write(text);
    }
}
