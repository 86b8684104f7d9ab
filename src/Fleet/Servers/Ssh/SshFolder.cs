using System.Text;

namespace PenguinMails.Fleet.Servers.Ssh;

/// <summary>A private folder of one session, mode 0700: the control socket, the pinned host key and, only while logging in, the private key.</summary>
sealed class SshFolder : IDisposable
{
    // sockaddr_un holds 108 bytes, and ssh writes 17 more behind the name while it makes the socket.
    const int SocketPathMax = 85;

    SshFolder(string path) => Path = path;

    string Path { get; }

    public string Socket => Path + "/c";
    public string KeyFile => Path + "/k";
    public string KnownHosts => Path + "/h";

    public static SshFolder Make()
    {
        var folder = Directory.CreateTempSubdirectory("pssh-").FullName;
        if (folder.Length + 2 <= SocketPathMax) return new(folder);
        Directory.Delete(folder);
        return new(MakeShort());
    }

    // A long TMPDIR is left for /tmp; the name cannot be guessed and the folder must be new.
    static string MakeShort()
    {
        var path = $"/tmp/pssh-{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8))}";
        if (Directory.Exists(path)) throw new IOException($"{path} is there already.");
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Pin(SshHostKey key) => Write(KnownHosts, $"* {key.Line}\n");

    public void WriteKey(string pem) => Write(KeyFile, pem.ReplaceLineEndings("\n").TrimEnd('\n') + "\n");

    public void ForgetKey() => File.Delete(KeyFile);

    public void Dispose()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }

    static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using var file = new FileStream(path, options);
        file.Write(Encoding.UTF8.GetBytes(text));
    }
}
