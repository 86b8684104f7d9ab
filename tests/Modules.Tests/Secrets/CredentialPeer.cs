using System.Net;
using System.Net.Sockets;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>A server on loopback that knows passwords: one line in, one line out. <c>try</c>, <c>add</c> and <c>forget</c> a password.</summary>
sealed class CredentialPeer : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly HashSet<string> _passwords;
    readonly Lock _gate = new();
    readonly Task _serving;
    int _tries;

    public CredentialPeer(string first)
    {
        _passwords = [first];
        _listener.Start();
        _serving = Serve();
    }

    public string[] Passwords
    {
        get
        {
            lock (_gate) return [.. _passwords.Order()];
        }
    }

    /// <summary>Takes new passwords and then does not let them in.</summary>
    public bool RefusesNew { get; set; }

    /// <summary>Lets a new password in once and never again.</summary>
    public bool RefusesSecondTry { get; set; }

    /// <summary>Forgets nothing.</summary>
    public bool KeepsOld { get; set; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>A rotator of API keys at this peer; <paramref name="point"/> is called before and after each effect.</summary>
    public Rotator Rotator(Action point, string kind = RotationKinds.ApiKey) => new(kind)
    {
        Make = (_, old, _) =>
        {
            point();
            return Task.FromResult<Result<SecretFields>>(SecretFields.Of(("password", old["password"] + "+")));
        },
        Install = (call, ct) => Step(point, "add", call.New, ct),
        Verify = (call, ct) => Step(point, "try", call.New, ct),
        Retire = (call, ct) => Step(point, "forget", call.Old, ct),
        Withdraw = (call, ct) => Step(point, "forget", call.New, ct),
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    async Task<Result<Done>> Step(Action point, string verb, SecretFields fields, CancellationToken ct)
    {
        point();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, ct);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"{verb} {fields["password"]}\n"), ct);
        using var reader = new StreamReader(client.GetStream());
        var answer = await reader.ReadLineAsync(ct);
        point();
        return answer == "ok" ? default(Done) : answer == "later" ? SecretProblems.Unavailable("The peer is busy.") : new Problem(ProblemKind.Conflict, "peer.refused", "The peer does not let it in.");
    }

    async Task Serve()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                using var reader = new StreamReader(client.GetStream());
                var words = (await reader.ReadLineAsync(_stop.Token) ?? "").Split(' ', 2);
                await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(Answer(words[0], words[^1]) + "\n"), _stop.Token);
            }
            catch (Exception over) when (over is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                if (_stop.IsCancellationRequested) return;
            }
        }
    }

    string Answer(string verb, string password)
    {
        lock (_gate)
        {
            if (verb == "add") _passwords.Add(password);
            if (verb == "forget" && KeepsOld) return "later";
            if (verb == "forget") _passwords.Remove(password);
            if (verb == "try" && RefusesSecondTry && _tries++ > 0) return "no";
            return verb == "try" && (RefusesNew && password.EndsWith('+') || !_passwords.Contains(password)) ? "no" : "ok";
        }
    }
}

/// <summary>The store itself, with a point before and after each call at which a test breaks off.</summary>
sealed class PointedStore(ISecretStore inner, Action point) : ISecretStore
{
    public Task<Result<int>> Put(SecretAccess access, SecretPath path, SecretFields fields, int? expected, CancellationToken ct) => At(() => inner.Put(access, path, fields, expected, ct));
    public Task<Result<Secret>> Get(SecretAccess access, SecretPath path, int? version, CancellationToken ct) => inner.Get(access, path, version, ct);
    public Task<Result<SecretDescription>> Describe(SecretAccess access, SecretPath path, CancellationToken ct) => inner.Describe(access, path, ct);
    public Task<Result<IReadOnlyList<string>>> List(SecretAccess access, SecretPath? folder, CancellationToken ct) => inner.List(access, folder, ct);
    public Task<Result<Done>> Delete(SecretAccess access, SecretPath path, int version, CancellationToken ct) => At(() => inner.Delete(access, path, version, ct));
    public Task<Result<Done>> Undelete(SecretAccess access, SecretPath path, int version, CancellationToken ct) => At(() => inner.Undelete(access, path, version, ct));
    public Task<Result<Done>> Destroy(SecretAccess access, SecretPath path, int version, CancellationToken ct) => At(() => inner.Destroy(access, path, version, ct));
    public Task<Result<Done>> Remove(SecretAccess access, SecretPath path, CancellationToken ct) => At(() => inner.Remove(access, path, ct));
    public Task<Result<Done>> Shred(SecretAccess access, CancellationToken ct) => inner.Shred(access, ct);
    public Task<Result<WrappedSecret>> Wrap(SecretAccess access, SecretPath path, int? version, TimeSpan life, CancellationToken ct) => inner.Wrap(access, path, version, life, ct);
    public Task<Result<SecretFields>> Unwrap(SecretAccess access, string token, CancellationToken ct) => inner.Unwrap(access, token, ct);
    public Task<StoreHealth> Health(CancellationToken ct) => inner.Health(ct);

    async Task<Result<T>> At<T>(Func<Task<Result<T>>> call)
    {
        point();
        var result = await call();
        point();
        return result;
    }
}
