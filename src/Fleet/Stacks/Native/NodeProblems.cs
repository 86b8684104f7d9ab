using PenguinMails.Core;
using PenguinMails.Fleet.Servers.Ssh;

namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>What a node can refuse with. Codes are public; every one of these is mended by the next run once its cause is gone.</summary>
static class NodeProblems
{
    const int QuotedMax = 300;
    public const int FreeMegabytesMin = 1000;

    public static Problem Unsupported(string system) => new(ProblemKind.Conflict, "stack.unsupported",
        $"The machine runs {system}. The mail server needs Debian 12: choose that image and install the machine again.");

    public static Problem NotRoot => new(ProblemKind.Conflict, "stack.not_root",
        "The user of the SSH log-in may not administer the machine. Log in as root, or let the user run sudo without a password.");

    public static Problem DiskFull(long freeMegabytes) => new(ProblemKind.Conflict, "stack.disk_full",
        $"The disk of the machine has {freeMegabytes} MB left; {FreeMegabytesMin} MB are needed to install. Free some, or take a larger machine, and run the step again.");

    /// <summary>A script ended with another code than 0.</summary>
    public static Problem Of(string step, RemoteAnswer answer)
    {
        var said = Tidy(answer.Error);
        if (answer.Error.Contains("No space left on device", StringComparison.Ordinal) || answer.Error.Contains("enough free space", StringComparison.Ordinal))
            return new(ProblemKind.Conflict, "stack.disk_full", "The disk of the machine is full, and the step stopped half-way. Free some space and run the step again: it repairs what is half done.");
        return (step, answer.ExitCode) switch
        {
            (_, 80) => new(ProblemKind.Unavailable, "stack.busy", "Another change of this machine is still running. Wait for its end and run the step again."),
            (_, 81) => new(ProblemKind.Unavailable, "stack.config_refused", $"The mail programs refuse their configuration, so none was restarted: {said}. Please report this with the log of the run."),
            (_, 82) => new(ProblemKind.Unavailable, "stack.service_failed", $"A service does not start: {said}. Its log (journalctl -u NAME on the machine) says why; run the step again when that is mended."),
            ("certificate", _) => new(ProblemKind.Unavailable, "stack.certificate_refused", $"No certificate was issued: {said}. The name must resolve to this machine, and port 80 be reachable from outside; until then set the certificate to self-signed."),
            ("packages" or "repair", _) when answer.Error.Contains("Could not get lock", StringComparison.Ordinal) => new(ProblemKind.Unavailable, "stack.busy", "Another installation runs on the machine, perhaps its own upgrades. Run the step again in some minutes."),
            ("packages" or "repair", _) => new(ProblemKind.Unavailable, "stack.install_failed", $"The packages could not be installed: {said}. Check that the machine reaches its Debian archive (apt-get update) and run the step again: it continues where it stopped."),
            _ => new(ProblemKind.Unavailable, "stack.step_failed", $"The step {step} failed on the machine: {said}. Run it again; if it fails again, please report this."),
        };
    }

    static string Tidy(string said)
    {
        // debconf's remarks are no cause; apt's errors begin with "E:", dpkg's with its name.
        string[] lines = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => !line.StartsWith("debconf:", StringComparison.Ordinal))];
        var shown = string.Join("; ", lines.Where(line => line.StartsWith("E:", StringComparison.Ordinal) || line.StartsWith("configuration:", StringComparison.Ordinal) || line.StartsWith("dpkg: error", StringComparison.Ordinal)).DefaultIfEmpty(lines.LastOrDefault() ?? "it was broken off").Take(3));
        return string.Concat(shown.Where(letter => !char.IsControl(letter)).Take(QuotedMax)).TrimEnd('.');
    }
}
