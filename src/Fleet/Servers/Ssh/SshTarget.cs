namespace PenguinMails.Fleet.Servers.Ssh;

/// <summary>A machine and the way in.</summary>
/// <param name="Address">Host name or IP literal; resolved once per session and checked by the outbound guard.</param>
/// <param name="Port">1 to 65535, usually 22.</param>
/// <param name="User">Log-in name on the machine, 1 to 32 characters of a to z, 0 to 9, dot, dash and underscore; its log-in shell must be POSIX.</param>
/// <param name="PrivateKeyPem">A private key without passphrase in a form OpenSSH reads (OpenSSH, SEC1, PKCS#1 or PKCS#8).</param>
/// <param name="HostKey">The pinned key of the machine, such as "ssh-ed25519 AAAA…"; null at first contact only.</param>
public sealed record SshTarget(string Address, int Port, string User, string PrivateKeyPem, string? HostKey)
{
    /// <summary>The place, without any key.</summary>
    public override string ToString() => $"{User}@{Address}:{Port}";
}

/// <summary>What a remote command left.</summary>
/// <param name="ExitCode">0 to 255; by custom 126 is not executable, 127 not found.</param>
/// <param name="Output">Standard output, at most <see cref="SshSession.OutputBytesMax"/>.</param>
/// <param name="Error">Standard error as UTF-8, at most <see cref="SshSession.ErrorBytesMax"/>.</param>
/// <param name="IsCut">More was said than is kept.</param>
public sealed record RemoteAnswer(int ExitCode, byte[] Output, string Error, bool IsCut)
{
    /// <summary>Standard output as UTF-8; bytes that are none become U+FFFD.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(Output);
}
