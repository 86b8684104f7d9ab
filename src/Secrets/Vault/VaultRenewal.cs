using Microsoft.Extensions.Hosting;

namespace PenguinMails.Secrets.Vault;

/// <summary>Keeps the token of an idle process alive: looks every 20 s whether two thirds of its lease are over. Does nothing without Vault.</summary>
sealed class VaultRenewal(VaultLink link, TimeProvider clock) : BackgroundService
{
    static readonly TimeSpan Look = TimeSpan.FromSeconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (link.Session is not { } session) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await session.Token(stoppingToken);
            }
            catch (Exception lost) when (lost is HttpRequestException or TimeoutException or InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                // Whoever needs a secret meanwhile gets the refusal with its reason; here it is only tried again.
            }

            await Task.Delay(Look, clock, stoppingToken);
        }
    }
}

/// <summary>The one connection of this process to Vault; empty without.</summary>
sealed class VaultLink : IDisposable
{
    readonly VaultWire? _wire;

    public VaultLink(VaultOptions? options, TimeProvider clock)
    {
        if (options is null) return;
        _wire = new VaultWire(options, clock);
        Session = new VaultSession(_wire, options, clock);
        Client = new VaultClient(_wire, Session, clock);
    }

    public VaultSession? Session { get; }

    public VaultClient? Client { get; }

    public void Dispose()
    {
        Session?.Dispose();
        _wire?.Dispose();
    }
}
