using System.Diagnostics;
using PenguinMails.Fleet.Servers.Ssh;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

public sealed class SshKeyPairTests
{
    [Fact]
    public async Task OpenSSH_derives_our_public_line_from_our_private_key()
    {
        var pair = SshKeyPair.New("PenguinMails server 7\nssh-rsa AAAA");
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, pair.PrivateKeyPem, TestContext.Current.CancellationToken);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            using var keygen = Process.Start(new ProcessStartInfo("ssh-keygen", ["-y", "-f", file]) { RedirectStandardOutput = true })!;
            var line = (await keygen.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim();
            Assert.StartsWith("ecdsa-sha2-nistp256 AAAA", line);
            Assert.Equal($"{line} PenguinMails-server-7-ssh-rsa-AAAA", pair.PublicLine);
            Assert.Equal(line, SshKeyPair.PublicLineOf(pair.PrivateKeyPem));
            Assert.DoesNotContain("PRIVATE", $"{pair}");
        }
        finally
        {
            File.Delete(file);
        }
    }
}
