using PenguinMails.Core;

namespace PenguinMails.Fleet.Servers.Ssh;

/// <summary>Everything that can stand between us and a machine. Codes are public.</summary>
static class SshProblems
{
    const int QuotedMax = 200;

    /// <summary>Nobody answers there, or what answers does not speak SSH.</summary>
    public static Problem Unreachable(SshTarget target, string why) => new(ProblemKind.Unavailable, "ssh.unreachable",
        $"{target.Address} cannot be reached by SSH on port {target.Port}: {Tidy(why)}. Check that the machine is running, that the address is right and that its firewall lets port {target.Port} in.");

    public static Problem TargetInvalid(string why) => new(ProblemKind.Invalid, "ssh.target_invalid", $"The machine cannot be reached by SSH as described: {why}.");

    public static Problem KeyRefused(SshTarget target, string? publicLine) => new(ProblemKind.Conflict, "ssh.key_refused",
        $"{target.Address} does not let {target.User} in with this key. On the machine, add the public key{(publicLine is null ? "" : $" \"{publicLine}\"")} to the file .ssh/authorized_keys of {target.User}, and check that sshd allows log-in by key for this user (for root: PermitRootLogin prohibit-password).");

    public static Problem KeyUnreadable(SshTarget target) => new(ProblemKind.Invalid, "ssh.key_refused",
        $"The private key for {target.Address} is not in a form OpenSSH reads. Give an unencrypted private key as PEM, as ssh-keygen writes it without a passphrase.");

    public static Problem HostKeyChanged(SshTarget target, string pinned, string? offered) => new(ProblemKind.Conflict, "ssh.host_key_changed",
        $"{target.Address} shows another host key than before, so nothing was sent to it. Known: {pinned}. Shown now: {offered ?? "no key of that type"}. If the machine was reinstalled, compare the new fingerprint on its console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) and accept it for this server; if not, somebody may stand in between.");

    public static Problem Lost(SshTarget target, string why) => new(ProblemKind.Unavailable, "ssh.lost",
        $"The connection to {target.Address} broke while a command was running: {Tidy(why)}. The command may have been carried out in part; run the step again, it continues where it stands.");

    public static Problem TooSlow(SshTarget target, TimeSpan limit, bool cancelled) => new(ProblemKind.Unavailable, "ssh.too_slow", cancelled
        ? $"The command on {target.Address} was given up before it ended. It may still be running there; run the step again when it is wanted."
        : $"The command on {target.Address} did not end within {limit.TotalSeconds:0} seconds. It may still be running there; look at the load of the machine and run the step again.");

    public static Problem ProgramMissing => new(ProblemKind.Unavailable, "ssh.program_missing", "The program ssh is not installed where PenguinMails runs. Install it: apt-get install openssh-client.");

    // What ssh says last names the cause; it holds addresses, never keys.
    static string Tidy(string said)
    {
        var line = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault(line => line.Length > 0) ?? "no reason was given";
        return string.Concat(line.TrimEnd('.').Where(letter => !char.IsControl(letter)).Take(QuotedMax));
    }
}
