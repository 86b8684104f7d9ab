using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Product.Tests;

/// <param name="Address">Of the recipient, in normal form.</param>
sealed record TakenMail(string MessageId, string Address, string Subject);

/// <summary>The recipients' side, in the test's own process: it outlives every kill of the program, remembers each message it took, and is not always well behaved.</summary>
sealed class FarEnd : IAsyncDisposable
{
    static readonly SmtpAnswer NotYet = new(451, "4.7.1", "Greylisted, come again");
    static readonly SmtpAnswer Full = new(552, "5.2.2", "The mailbox is over quota");
    static readonly SmtpAnswer Gone = new(421, "4.3.0", "") { HangsUp = true };

    readonly int? _seed;
    readonly ConcurrentDictionary<(string Run, string Address), int> _asked = new();
    ConcurrentBag<TakenMail> _taken = [];
    ConcurrentBag<string> _refused = [];
    string _run = "";

    FarEnd(int? seed) => _seed = seed;

    public required SmtpServer Server { get; init; }

    /// <summary>What it took since <see cref="Begin"/>, also where it hung up without a word.</summary>
    public IReadOnlyCollection<TakenMail> Taken => _taken;

    public IReadOnlyCollection<string> Refused => _refused;

    /// <summary>Recipients whose messages it takes, and then says nothing for as long as anybody waits.</summary>
    public Func<string, bool> HangsFor { get; set; } = _ => false;

    /// <summary>How long it takes over each message.</summary>
    public TimeSpan Takes { get; set; }

    /// <summary>Lays a message down for its recipient; false: it is lost, and nobody hears a word of it.</summary>
    public Func<SmtpDelivery, Task<bool>> Lays { get; set; } = _ => Task.FromResult(true);

    /// <param name="seed">Decides which recipients it treats badly, and how; without one it takes everything at once.</param>
    public static FarEnd Start(int? seed = null)
    {
        FarEnd? end = null;
        var server = SmtpServer.Start(
            new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.far.example"), AllowsClearAuth = true, ConnectionsPerAddressMax = 200 },
            new SmtpHandler
            {
                Auth = (_, _, _, _) => ValueTask.FromResult(new SmtpAnswer(235, "2.7.0", "Come in")),
                Data = (_, delivery, ct) => end is null ? ValueTask.FromResult(Gone) : end.Take(delivery, ct),
            }, TimeProvider.System);
        return end = new FarEnd(seed) { Server = server };
    }

    public void Begin(string run) => (_run, _taken, _refused) = (run, [], []);

    async ValueTask<SmtpAnswer> Take(SmtpDelivery delivery, CancellationToken ct)
    {
        var address = delivery.Recipients[0].Normal;
        var mood = _seed is null ? int.MaxValue : SHA256.HashData(Encoding.UTF8.GetBytes($"{_seed} {_run} {address}"))[0] * 100 / 256;
        var isFirst = _asked.AddOrUpdate((_run, address), 1, (_, times) => times + 1) == 1;
        if (mood < 3 && isFirst) return NotYet;
        if (mood is 3)
        {
            _refused.Add(address);
            return Full;
        }

        if (mood is 4 or 5) await Task.Delay(TimeSpan.FromMilliseconds(300 * (mood - 3)), TimeProvider.System, ct); // Late.
        if (Takes > TimeSpan.Zero) await Task.Delay(Takes, TimeProvider.System, ct);
        if (!await Lays(delivery)) return Gone;
        var mail = MimeMessage.Read(delivery.Message, new MimeLimits());
        _taken.Add(new(mail.MessageId ?? "", address, mail.Subject ?? ""));
        if (HangsFor(address)) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        return mood is 6 ? Gone : SmtpAnswer.Ok; // Taken, and nobody hears of it.
    }

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();
}
