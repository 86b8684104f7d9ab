using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace PenguinMails.Core.Db;

/// <summary>PostgreSQL that belongs to this program alone: own data folder, unix socket only, peer authentication, ends with the program.</summary>
/// <remarks>As root it runs as the user <c>postgres</c> of the distribution's package, because PostgreSQL refuses user 0.
/// The server is a child with a parent-death signal, so it stops cleanly even when the program is killed; when the server ends first, it is started again.
/// Beside a program that runs it already, such as for a verb, this is a guest, which starts one only when that one has ended.</remarks>
public sealed partial class PrivateCluster : IAsyncDisposable
{
    const int SocketPathMax = 80;        // The socket's path must stay under 108 bytes (sockaddr_un) with ".s.PGSQL.5432" behind it.
    const int StartAttemptsMax = 10;     // A killed predecessor may hold its lock file for a second or two.
    static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1), RestartDelayMax = TimeSpan.FromMinutes(1);
    static readonly long SharedMegabytes = Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 23, 128, 1024); // An eighth of the machine: the indexes of a large campaign are written all over.

    readonly string _folder;
    readonly string _binaries;
    readonly bool _durable;
    readonly TimeProvider _clock;
    readonly Action<string> _tell;
    readonly CancellationTokenSource _closing = new();
    Process? _server;
    bool _isGuest;
    Task _watching = Task.CompletedTask;

    PrivateCluster(string folder, string binaries, bool durable, TimeProvider clock, Action<string> tell) =>
        (_folder, _binaries, _durable, _clock, _tell) = (folder, binaries, durable, clock, tell);

    /// <summary>True while another process runs the server.</summary>
    public bool IsGuest => _isGuest;

    string DataFolder => Path.Combine(_folder, "data");

    string Log => Path.Combine(_folder, "postgres.log");

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
    /// <param name="tell">Gets a sentence when the server ended by itself and when it runs again; null: nobody hears.</param>
    /// <exception cref="InvalidOperationException">No server binaries, or the server did not start; the message says what to do.</exception>
    public static async Task<PrivateCluster> Start(string folder, bool durable, TimeProvider clock, CancellationToken ct, Action<string>? tell = null)
    {
        if (folder.Length > SocketPathMax)
            throw new InvalidOperationException($"The data folder {folder} is longer than {SocketPathMax} characters; unix sockets need a shorter path. Set PENGUIN__DATA__FOLDER.");
        var binaries = FindBinaries()
            ?? throw new InvalidOperationException("PostgreSQL 15 or newer is not installed. Run: apt-get install -y --no-install-recommends postgresql-15, or set PENGUIN__DATABASE__CONNECTION.");
        var cluster = new PrivateCluster(folder, binaries, durable, clock, tell ?? (_ => { }));
        await cluster.Initialise(ct).ConfigureAwait(false);
        await cluster.Launch(ct).ConfigureAwait(false);
        await cluster.CreateDatabase(ct).ConfigureAwait(false);
        cluster._watching = cluster.Watch();
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested) return;
        await _closing.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        if (_server is not { } server) return;
        NpgsqlConnection.ClearAllPools();
        if (!_isGuest && !server.HasExited)
        {
            await Run(["pg_ctl", "-D", DataFolder, "-m", "fast", "-w", "stop"], CancellationToken.None).ConfigureAwait(false);
            await server.WaitForExitAsync().ConfigureAwait(false);
        }

        server.Dispose();
        _closing.Dispose();
    }

    /// <summary>Starts the server again each time it ends while the program needs it: killed when memory ran out, or by a hand that slipped.</summary>
    async Task Watch()
    {
        var delay = RestartDelay;
        while (_server is { } server)
        {
            var wasOurs = !_isGuest;
            try
            {
                await server.WaitForExitAsync(_closing.Token).ConfigureAwait(false);
                if (wasOurs) _tell($"PostgreSQL ended by itself (exit code {server.ExitCode}); it is started again in {delay.TotalSeconds:F0} s. Its log is {Log}.");
                await Task.Delay(delay, _clock, _closing.Token).ConfigureAwait(false);
                delay = delay * 2 < RestartDelayMax ? delay * 2 : RestartDelayMax;
                await Launch(_closing.Token).ConfigureAwait(false);
                if (wasOurs) _tell("PostgreSQL runs again.");
                delay = RestartDelay;
            }
            catch (Exception notStarted) when (notStarted is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                _tell(notStarted.Message);
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                return;
            }
        }
    }

    async Task Launch(CancellationToken ct)
    {
        string[] settings = _durable
            ? ["-c", "max_wal_size=2GB", "-c", "jit=off", "-c", $"shared_buffers={SharedMegabytes}MB"]
            : ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "jit=off"];
        for (var attempt = 1; ; attempt++)
        {
            _isGuest = await Found(ct).ConfigureAwait(false);
            if (_isGuest) return;

            var server = await ServerProcess.Start(Command(["postgres", "-D", DataFolder, "-k", _folder, "-c", "listen_addresses=", .. settings]), Log).ConfigureAwait(false);
            _server = server;
            if (await Answers(server, ct).ConfigureAwait(false)) return;

            if (attempt >= StartAttemptsMax) throw new InvalidOperationException($"PostgreSQL did not start. Its log is {Log}.");
            await Task.Delay(TimeSpan.FromMilliseconds(500), _clock, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Whether another process runs the server; then that one is watched.</summary>
    async Task<bool> Found(CancellationToken ct)
    {
        try
        {
            var server = Process.GetProcessById(int.Parse(File.ReadLines(Path.Combine(DataFolder, "postmaster.pid")).First(), CultureInfo.InvariantCulture));
            await Connect(ct).ConfigureAwait(false);
            _server = server;
            return true;
        }
        catch (Exception nobody) when (nobody is IOException or ArgumentException or FormatException or InvalidOperationException or NpgsqlException)
        {
            return false; // What a killed one left, or one that does not answer yet, which its lock file then says.
        }
    }

    async Task Connect(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(Connection("postgres", "postgres") + ";Pooling=false;Timeout=2");
        await connection.OpenAsync(ct).ConfigureAwait(false);
    }

    async Task<bool> Answers(Process server, CancellationToken ct)
    {
        var started = _clock.GetTimestamp();
        while (!server.HasExited && _clock.GetElapsedTime(started) < StartTimeout)
        {
            try
            {
                await Connect(ct).ConfigureAwait(false);
                return true;
            }
            catch (NpgsqlException notYet)
            {
                if (notYet.SqlState == PostgresErrorCodes.CannotConnectNow) started = _clock.GetTimestamp(); // It reads what was not on its tables yet, as long as that takes.
                await Task.Delay(TimeSpan.FromMilliseconds(20), _clock, ct).ConfigureAwait(false);
            }
        }

        return false;
    }

    ProcessStartInfo Command(IReadOnlyList<string> words)
    {
        string[] prefix = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig", "SIGINT"]
            : ["setpriv", "--pdeathsig", "SIGINT"];
        return ServerProcess.Plain([.. prefix, Path.Combine(_binaries, words[0]), .. words.Skip(1)]);
    }

    Task Run(IReadOnlyList<string> words, CancellationToken ct) => ServerProcess.RunToEnd(Command(words), words[0], ct);

    static Task RunPlain(IReadOnlyList<string> words, CancellationToken ct) => ServerProcess.RunToEnd(ServerProcess.Plain(words), words[0], ct);
}
