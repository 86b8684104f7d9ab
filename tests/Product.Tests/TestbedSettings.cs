using PenguinMails.Cli.Demo;
using PenguinMails.Modules.Tests.Fleet.Stacks;

namespace PenguinMails.Product.Tests;

/// <summary>How the program is set up in the small internet of the tests.</summary>
static class TestbedSettings
{
    public static async Task<(string, string)[]> Of(TestbedWorld world, CancellationToken ct)
    {
        // The names of the small internet are proved by an authority of its own.
        var trusted = Path.Combine(world.State, "ca", "trusted.pem");
        string[] authorities = ["/etc/ssl/certs/ca-certificates.crt", Path.Combine(world.State, "ca/ca.pem"), Path.Combine(world.State, "ca/pebble-root.pem")];
        await File.WriteAllTextAsync(trusted, string.Concat(authorities.Where(File.Exists).Select(File.ReadAllText)), ct);
        Environment.SetEnvironmentVariable("SSL_CERT_FILE", trusted);
        return [.. SmallInternet.Configuration("").Where(setting => setting.Value is { Length: > 0 } && setting.Key is not ("Data:Folder" or "Web:Listen")).Select(setting => (setting.Key.Replace(":", "__").ToUpperInvariant(), setting.Value ?? ""))];
    }
}
