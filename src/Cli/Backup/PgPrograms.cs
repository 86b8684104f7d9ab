using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using PenguinMails.Secrets.Archives;

namespace PenguinMails.Cli.Backup;

/// <summary>pg_dump and pg_restore of the installed PostgreSQL. What they read and write goes through pipes; nothing of it touches the disk.</summary>
static class PgPrograms
{
    const int ErrorLengthMax = 2000;

    /// <summary>Where a program of at least this major version lies: of this version if there is one, else of the newest.</summary>
    /// <exception cref="InvalidOperationException">None is installed; the message says what to install.</exception>
    public static string Find(string program, int major)
    {
        var found = (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [])
            .Select(folder => (Path: Path.Combine(folder, "bin", program), Major: int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0))
            .Where(one => one.Major >= major && File.Exists(one.Path))
            .OrderBy(one => one.Major == major ? 0 : 1).ThenByDescending(one => one.Major).ToList();
        return found.Count > 0 ? found[0].Path
            : throw new InvalidOperationException($"{program} of PostgreSQL {major} or newer is not installed. Run: apt-get install -y --no-install-recommends postgresql-client-{major}");
    }

    /// <summary>A process that reaches this database. The password goes by the environment, which only this user and root can read, and never as an argument.</summary>
    public static ProcessStartInfo Command(string program, string connection, params IReadOnlyList<string> words)
    {
        var info = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var word in words) info.ArgumentList.Add(word);
        var to = new NpgsqlConnectionStringBuilder(connection);
        var settings = new Dictionary<string, string?>
        {
            ["PGHOST"] = to.Host, ["PGPORT"] = to.Port.ToString(CultureInfo.InvariantCulture), ["PGUSER"] = to.Username, ["PGDATABASE"] = to.Database ?? to.Username, ["PGPASSWORD"] = to.Password,
            ["PGSSLMODE"] = Mode(to.SslMode), ["PGSSLROOTCERT"] = to.RootCertificate, ["PGAPPNAME"] = "penguin backup", ["LC_ALL"] = "C.UTF-8",
        };
        foreach (var (name, value) in settings.Where(setting => !string.IsNullOrEmpty(setting.Value))) info.Environment[name] = value;
        return info;
    }

    /// <summary>Runs a program to its end and gives its output away as it comes.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message is its own.</exception>
    public static async Task<T> Read<T>(ProcessStartInfo command, Func<Stream, Task<T>> take, CancellationToken ct)
    {
        using var process = Start(command);
        try
        {
            process.StandardInput.Close();
            var error = Tail(process.StandardError, ct);
            var taken = await take(process.StandardOutput.BaseStream);
            await End(process, command.FileName, error, ct);
            return taken;
        }
        finally
        {
            Stop(process);
        }
    }

    /// <summary>Runs a program to its end on this input.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message is its own.</exception>
    /// <exception cref="ArchiveDamaged">The input is not whole; the program was stopped.</exception>
    public static async Task Write(ProcessStartInfo command, Stream input, CancellationToken ct)
    {
        using var process = Start(command);
        try
        {
            var (output, error) = (Tail(process.StandardOutput, ct), Tail(process.StandardError, ct));
            try
            {
                await input.CopyToAsync(process.StandardInput.BaseStream, 64 * 1024, ct);
                process.StandardInput.Close();
            }
            catch (IOException broken) when (broken is not ArchiveDamaged)
            {
                // It hung up: its own words say why.
            }

            await End(process, command.FileName, error, ct);
            await output;
        }
        finally
        {
            Stop(process);
        }
    }

    static Process Start(ProcessStartInfo command) => Process.Start(command) ?? throw new InvalidOperationException($"{command.FileName} did not start.");

    static async Task End(Process process, string name, Task<string> error, CancellationToken ct)
    {
        await process.WaitForExitAsync(ct);
        var said = await error;
        if (process.ExitCode != 0) throw new InvalidOperationException($"{Path.GetFileName(name)} failed: {(said.Length > 0 ? said : $"exit code {process.ExitCode}")}");
    }

    static void Stop(Process process)
    {
        if (!process.HasExited) process.Kill();
    }

    // The last words are the ones that count.
    static async Task<string> Tail(StreamReader reader, CancellationToken ct)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            text.Append(line).Append(' ');
            if (text.Length > ErrorLengthMax) text.Remove(0, text.Length - ErrorLengthMax);
        }

        return text.ToString().Trim();
    }

    static string Mode(SslMode mode) => mode switch
    {
        SslMode.Disable => "disable",
        SslMode.Allow => "allow",
        SslMode.Prefer => "prefer",
        SslMode.Require => "require",
        SslMode.VerifyCA => "verify-ca",
        SslMode.VerifyFull => "verify-full",
    };
}
