using System.Diagnostics;
using Npgsql;

namespace PenguinMails.Core.Db;

/// <summary>PostgreSQL that belongs to this program alone: own data folder, unix socket only, peer authentication, ends with the program.</summary>
/// <remarks>As root it runs as the user <c>postgres</c> of the distribution's package, because PostgreSQL refuses user 0.
/// The server is a child with a parent-death signal, so it stops cleanly even when the program is killed.</remarks>
public sealed class PrivateCluster : IAsyncDisposable
{
    const int SocketPathMax = 80;        // The socket's path must stay under 108 bytes (sockaddr_un) with ".s.PGSQL.5432" behind it.
    const int StartAttemptsMax = 10;     // A killed predecessor may hold its lock file for a second or two.
    static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    static readonly long SharedMegabytes = Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 23, 128, 1024); // An eighth of the machine: the indexes of a large campaign are written all over.
    static readonly string[] Roles = ["postgres", "penguin_owner", Database.AppRole];

    const string CreateRoles = """
        do $$ begin
          if not exists (select 1 from pg_roles where rolname = 'penguin_owner') then
            create role penguin_owner login nosuperuser nobypassrls;
          end if;
          if not exists (select 1 from pg_roles where rolname = 'penguin_app') then
            create role penguin_app login nosuperuser nobypassrls;
          end if;
        end $$
        """;

    readonly string _folder;
    readonly string _binaries;
    readonly bool _durable;
    readonly TimeProvider _clock;
    Process? _server;

    PrivateCluster(string folder, string binaries, bool durable, TimeProvider clock) =>
        (_folder, _binaries, _durable, _clock) = (folder, binaries, durable, clock);

    string DataFolder => Path.Combine(_folder, "data");

    public Database Database => new(Connection("penguin_owner", "penguin"), Connection(Database.AppRole, "penguin"));

    public string Connection(string role, string database) => $"Host={_folder};Username={role};Database={database}";

    /// <summary>The newest installed server of version 15 or later, or null.</summary>
    public static string? FindBinaries() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql")
            .Select(path => (Path: Path.Combine(path, "bin"), Major: int.TryParse(Path.GetFileName(path), out var major) ? major : 0))
            .Where(found => found.Major >= 15 && File.Exists(Path.Combine(found.Path, "initdb")))
            .OrderByDescending(found => found.Major).Select(found => found.Path).FirstOrDefault()
        : null;

    /// <param name="folder">Created when missing; at most 80 characters; every folder above it must be enterable by others when the program is root.</param>
    /// <param name="durable">False only for tests: no fsync.</param>
    /// <exception cref="InvalidOperationException">No server binaries, or the server did not start; the message says what to do.</exception>
    public static async Task<PrivateCluster> Start(string folder, bool durable, TimeProvider clock, CancellationToken ct)
    {
        if (folder.Length > SocketPathMax)
            throw new InvalidOperationException($"The data folder {folder} is longer than {SocketPathMax} characters; unix sockets need a shorter path. Set PENGUIN__DATA__FOLDER.");
        var binaries = FindBinaries()
            ?? throw new InvalidOperationException("PostgreSQL 15 or newer is not installed. Run: apt-get install -y --no-install-recommends postgresql-15, or set PENGUIN__DATABASE__CONNECTION.");
        var cluster = new PrivateCluster(folder, binaries, durable, clock);
        await cluster.Initialise(ct).ConfigureAwait(false);
        await cluster.Launch(ct).ConfigureAwait(false);
        await cluster.CreateDatabase(ct).ConfigureAwait(false);
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        var server = Interlocked.Exchange(ref _server, null);
        if (server is null) return;
        NpgsqlConnection.ClearAllPools();
        if (!server.HasExited)
        {
            await Run(["pg_ctl", "-D", DataFolder, "-m", "fast", "-w", "stop"], CancellationToken.None).ConfigureAwait(false);
            await server.WaitForExitAsync().ConfigureAwait(false);
        }

        server.Dispose();
    }

    async Task Initialise(CancellationToken ct)
    {
        Directory.CreateDirectory(_folder);
        if (File.Exists(Path.Combine(DataFolder, "PG_VERSION"))) return;
        if (Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
            await RunPlain(["chown", "postgres:", _folder], ct).ConfigureAwait(false);
        }

        string[] sync = _durable ? [] : ["--no-sync"];
        await Run(["initdb", "-D", DataFolder, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions", .. sync], ct).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(DataFolder, "pg_hba.conf"), "local all all peer map=penguin\nlocal replication postgres peer map=penguin\n", ct).ConfigureAwait(false);
        await File.WriteAllLinesAsync(Path.Combine(DataFolder, "pg_ident.conf"), Roles.Select(role => $"penguin {Environment.UserName} {role}"), ct).ConfigureAwait(false);
    }

    async Task Launch(CancellationToken ct)
    {
        string[] settings = _durable
            ? ["-c", "max_wal_size=2GB", "-c", "jit=off", "-c", $"shared_buffers={SharedMegabytes}MB"]
            : ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "jit=off"];
        for (var attempt = 1; ; attempt++)
        {
            var server = await ServerProcess.Start(Command(["postgres", "-D", DataFolder, "-k", _folder, "-c", "listen_addresses=", .. settings]), Path.Combine(_folder, "postgres.log")).ConfigureAwait(false);
            if (await Answers(server, ct).ConfigureAwait(false))
            {
                _server = server;
                return;
            }

            if (attempt >= StartAttemptsMax) throw new InvalidOperationException($"PostgreSQL did not start. Its log is {Path.Combine(_folder, "postgres.log")}.");
            await Task.Delay(TimeSpan.FromMilliseconds(500), _clock, ct).ConfigureAwait(false);
        }
    }

    async Task<bool> Answers(Process server, CancellationToken ct)
    {
        var started = _clock.GetTimestamp();
        while (!server.HasExited && _clock.GetElapsedTime(started) < StartTimeout)
        {
            try
            {
                await using var connection = new NpgsqlConnection(Connection("postgres", "postgres") + ";Pooling=false;Timeout=2");
                await connection.OpenAsync(ct).ConfigureAwait(false);
                return true;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), _clock, ct).ConfigureAwait(false);
            }
        }

        return false;
    }

    async Task CreateDatabase(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(Connection("postgres", "postgres") + ";Pooling=false");
        await connection.OpenAsync(ct).ConfigureAwait(false);
        await using (var roles = new NpgsqlCommand(CreateRoles, connection)) await roles.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        await using var exists = new NpgsqlCommand("select 1 from pg_database where datname = 'penguin'", connection);
        if (await exists.ExecuteScalarAsync(ct).ConfigureAwait(false) is not null) return;
        await using var create = new NpgsqlCommand("create database penguin owner penguin_owner", connection);
        await create.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    ProcessStartInfo Command(IReadOnlyList<string> words)
    {
        string[] prefix = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig", "SIGINT"]
            : ["setpriv", "--pdeathsig", "SIGINT"];
        return Plain([.. prefix, Path.Combine(_binaries, words[0]), .. words.Skip(1)]);
    }

    static ProcessStartInfo Plain(IReadOnlyList<string> words)
    {
        var info = new ProcessStartInfo(words[0]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        foreach (var word in words.Skip(1)) info.ArgumentList.Add(word);
        return info;
    }

    Task Run(IReadOnlyList<string> words, CancellationToken ct) => RunToEnd(Command(words), words[0], ct);

    static Task RunPlain(IReadOnlyList<string> words, CancellationToken ct) => RunToEnd(Plain(words), words[0], ct);

    static async Task RunToEnd(ProcessStartInfo command, string name, CancellationToken ct)
    {
        using var process = Process.Start(command) ?? throw new InvalidOperationException($"{name} did not start.");
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct).ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{name} failed: {await error.ConfigureAwait(false)}{await output.ConfigureAwait(false)}");
    }
}
