using System.Text;
using PenguinMails.Core;
using PenguinMails.Fleet.Servers.Ssh;

namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>Postfix, Dovecot and Rspamd on a bare Debian 12, installed and kept as described over SSH.</summary>
/// <remarks>One look at the machine tells what differs; only that is done. Two runs at once on one machine wait for each other, also for one whose connection was lost.</remarks>
/// <param name="session">Stays the caller's.</param>
/// <param name="target">As the session was opened: its port stays open in the firewall; a user other than root works through sudo.</param>
public sealed class NativeStack(SshSession session, SshTarget target) : IMailStack
{
    static readonly TimeSpan QuickLimit = TimeSpan.FromMinutes(1), StepLimit = TimeSpan.FromMinutes(7), InstallLimit = TimeSpan.FromMinutes(20);
    static readonly int[] Ports = [25, 465, 587, 993, 11332];

    public async Task<Result<StackChanges>> Compare(StackPlan wanted, CancellationToken ct)
    {
        if (StackPlanFault.Of(wanted) is { } fault) return fault;
        var description = NodeDescription.Of(wanted, target.Port);
        var facts = await Look(description, ct);
        if (facts.Problem is { } problem) return problem;
        var work = NodeWork.Between(description, facts.Value);
        return NodeChanges.Of(work, facts.Value, await Texts(work, facts.Value, ct));
    }

    public async Task<Result<StackChanges>> Apply(StackPlan wanted, Func<StackStep, ValueTask> seen, CancellationToken ct)
    {
        if (StackPlanFault.Of(wanted) is { } fault) return fault;
        var description = NodeDescription.Of(wanted, target.Port);
        var facts = await Look(description, ct);
        if (facts.Problem is { } problem) return problem;
        var work = NodeWork.Between(description, facts.Value);
        if (work.Install.Count > 0 && facts.Value.FreeKilobytes / 1024 is var free and < NodeProblems.FreeMegabytesMin) return NodeProblems.DiskFull(free);
        foreach (var step in Steps(description, work))
        {
            await seen(step.Told);
            var answer = await Change(step, ct);
            if (answer.Problem is { } lost) return lost;
            if (answer.Value.ExitCode != 0) return NodeProblems.Of(step.Told.Name, answer.Value);
        }

        return NodeChanges.Of(work, facts.Value, new Dictionary<string, string>());
    }

    public async Task<Result<IReadOnlyList<QueuedMail>>> Queue(CancellationToken ct)
    {
        var answer = await Run(["postqueue", "-j"], default, QuickLimit, ct);
        if (answer.Problem is { } problem) return problem;
        return answer.Value.ExitCode == 0 ? Result<IReadOnlyList<QueuedMail>>.Of(PostfixQueue.Parse(answer.Value.Text)) : NodeProblems.Of("queue", answer.Value);
    }

    public async Task<Result<IReadOnlyList<string>>> Log(int lines, CancellationToken ct)
    {
        string[] units = ["postfix@-.service", "dovecot.service", "rspamd.service"];
        var answer = await Run(["journalctl", "--no-pager", "--output=short-iso", "--lines", $"{Math.Clamp(lines, 1, 1000)}", .. units.SelectMany(unit => new[] { "--unit", unit })], default, QuickLimit, ct);
        if (answer.Problem is { } problem) return problem;
        return answer.Value.ExitCode == 0
            ? Result<IReadOnlyList<string>>.Of([.. answer.Value.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("-- ", StringComparison.Ordinal))])
            : NodeProblems.Of("log", answer.Value);
    }

    /// <summary>What Postfix logged between two instants of the node's clock, oldest first.</summary>
    public async Task<Result<NodeDeliveries>> Deliveries(DateTimeOffset from, DateTimeOffset until, CancellationToken ct)
    {
        string[] words = ["sh", "-c", NodeScripts.Deliveries, "deliveries", NodeDeliveries.Epoch(from), NodeDeliveries.Epoch(until), $"{NodeDeliveries.LinesMax}"];
        var answer = await Run(words, default, QuickLimit, ct);
        if (answer.Problem is { } problem) return problem;
        return answer.Value.ExitCode == 0 ? NodeDeliveries.Parse(answer.Value.Text, answer.Value.IsCut) : NodeProblems.Of("log", answer.Value);
    }

    sealed record Step(StackStep Told, TimeSpan Limit, string Script, IReadOnlyList<string> Arguments, byte[] Input);

    static IEnumerable<Step> Steps(NodeDescription wanted, NodeWork work)
    {
        var ours = wanted.Files.Where(file => !file.IsKept).Select(file => file.Path).ToList();
        if (work.Repair) yield return Make("repair", "an interrupted installation", InstallLimit, NodeScripts.Repair, [], []);
        if (work.Install.Count > 0) yield return Make("packages", $"{work.Install.Count} packages: {string.Join(", ", work.Install)}", InstallLimit, NodeScripts.Install, work.Install, []);
        if (work.Write.Count > 0)
        {
            var tar = NodeTar.Of(work.Write, work.Write.Where(file => !file.IsKept).Select(file => file.Path), work.Write.SelectMany(file => NodeDescription.ReadersOf(file.Path)).Distinct());
            yield return Make("files", $"{work.Write.Count} files", StepLimit, NodeScripts.Place, [], tar);
        }

        if (work.Remove.Count > 0)
            yield return Make("removals", $"{work.Remove.Count} files", StepLimit, NodeScripts.Remove, [.. work.Remove.SelectMany(NodeDescription.ReadersOf).Distinct()], Ended(work.Remove, '\0'));
        if (work.Certificate is { } certificate)
        {
            yield return certificate.Acme is { } acme
                ? Make("certificate", $"for {certificate.HostName} from {acme.Directory.Host}", StepLimit, NodeScripts.Acme, [certificate.HostName, certificate.Origin, acme.Directory.AbsoluteUri, acme.Contact], [])
                : Make("certificate", $"self-signed for {certificate.HostName}", StepLimit, NodeScripts.SelfSigned, [certificate.HostName, certificate.Origin], []);
        }

        if (work.Retire.Count > 0) yield return Make("mailboxes", $"mail of {work.Retire.Count} removed mailboxes", StepLimit, NodeScripts.Retire, work.Retire, []);
        if (work.IsNothing) yield break;
        string[] units = [string.Join(' ', work.Enable), string.Join(' ', work.Reload), string.Join(' ', work.Restart), string.Join(' ', Ports)];
        yield return Make("services", $"{work.Reload.Count + work.Restart.Count} services", StepLimit, NodeScripts.Finish, units, Ended(ours, '\n'));
    }

    static Step Make(string name, string detail, TimeSpan limit, string script, IReadOnlyList<string> arguments, byte[] input) => new(new(name, detail), limit, script, arguments, input);

    static byte[] Ended(IEnumerable<string> items, char end) => Encoding.UTF8.GetBytes(string.Concat(items.Select(item => item + end)));

    async Task<Result<NodeFacts>> Look(NodeDescription wanted, CancellationToken ct)
    {
        string[] words = [.. Locked, "sh", "-c", NodeScripts.Read, "read", string.Join(' ', wanted.Packages), string.Join(' ', wanted.Units)];
        var answer = await Run(words, Ended(wanted.Files.Select(file => file.Path), '\0'), StepLimit, ct);
        if (answer.Problem is { } problem) return problem;
        if (answer.Value.ExitCode == 80) return NodeProblems.Of("look", answer.Value);
        var facts = NodeFacts.Parse(answer.Value.Text);
        if (facts.User != 0) return NodeProblems.NotRoot;
        if (facts.System != "debian 12") return NodeProblems.Unsupported(facts.System);
        return answer.Value.ExitCode == 0 ? facts : NodeProblems.Of("look", answer.Value);
    }

    // What stands now in the files that would change, but for secrets.
    async Task<IReadOnlyDictionary<string, string>> Texts(NodeWork work, NodeFacts facts, CancellationToken ct)
    {
        string[] paths = [.. work.Write.Where(file => !file.IsSecret && facts.Files.ContainsKey(file.Path)).Select(file => file.Path[1..])];
        if (paths.Length == 0) return new Dictionary<string, string>();
        var answer = await Run(["tar", "-c", "-f", "-", "-C", "/", "--null", "--ignore-failed-read", "-T", "-"], Ended(paths, '\0'), QuickLimit, ct);
        return answer.IsOk ? NodeTar.Texts(answer.Value.Output) : new Dictionary<string, string>();
    }

    // Exit code 80: the lock was not free in time.
    static readonly string[] Locked = ["flock", "-w", "300", "-E", "80", "/run/lock/penguinmails"];

    Task<Result<RemoteAnswer>> Change(Step step, CancellationToken ct) => Run([.. Locked, "sh", "-c", step.Script, step.Told.Name, .. step.Arguments], step.Input, step.Limit, ct);

    Task<Result<RemoteAnswer>> Run(IReadOnlyList<string> words, ReadOnlyMemory<byte> input, TimeSpan limit, CancellationToken ct) =>
        session.Run(target.User == "root" ? words : ["sudo", "-n", "--", .. words], input, limit, ct);
}
