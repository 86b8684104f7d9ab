using System.Net;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Health;

/// <summary>Asks one list for addresses or domains. It first must show that it answers at all: "not listed" from a list that is out of reach means nothing.</summary>
static class AskBlocklist
{
    const int NameLengthMax = 253; // RFC 1035 2.3.4, without the final dot.
    static readonly IPNetwork Answers = IPNetwork.Parse("127.0.0.0/8"); // RFC 5782 2.1.
    static readonly IPNetwork Refusals = IPNetwork.Parse("127.255.255.0/24");

    /// <returns>One finding for each subject.</returns>
    public static async Task<IReadOnlyList<HealthFinding>> Run(Blocklist list, IReadOnlyList<string> subjects, DnsResolver resolver, string key, DateTimeOffset now, CancellationToken ct)
    {
        if (subjects.Count == 0) return [];
        var listed = Judge(list, list.TestListed, await Ask(list, list.TestListed, resolver, key, ct), now);
        if (listed.Severity == HealthSeverity.Unknown) return NotAsked(listed.What, listed.Evidence);
        if (listed.Severity == HealthSeverity.Good)
            return NotAsked($"{list.Name} does not know its own test entry from here, so that it lists nothing else would mean nothing.", $"{list.Zone} has no answer for {list.TestListed}");
        var clean = Judge(list, list.TestClean, await Ask(list, list.TestClean, resolver, key, ct), now);
        if (clean.Severity != HealthSeverity.Good)
            return NotAsked($"{list.Name} seems to list everything from here, also what is never listed. Something on the way changes its answers, or the list has ended.", clean.Evidence);
        var answers = await Task.WhenAll(subjects.Select(subject => Ask(list, subject, resolver, key, ct)));
        return [.. subjects.Zip(answers, (subject, answer) => Judge(list, subject, answer, now))];

        IReadOnlyList<HealthFinding> NotAsked(string what, string evidence) => [.. subjects.Select(subject => Unknown(list, subject, what, evidence, now))];
    }

    /// <param name="answer">Null when the name would be too long to ask for.</param>
    internal static HealthFinding Judge(Blocklist list, string subject, DnsAnswer? answer, DateTimeOffset now)
    {
        if (answer is null) return Unknown(list, subject, $"{subject} is too long to be asked for at {list.Name}.", "", now);
        if (answer.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut)
            return Unknown(list, subject, $"{list.Name} did not answer.", $"{list.Zone}: {(answer.Status == DnsStatus.TimedOut ? "no answer in time" : "the resolver failed or was refused")}", now);
        if (answer.Status != DnsStatus.Found) return HealthFinding.Good(list.Code, subject, $"{subject} is not on {list.Name}.", $"{list.Zone} has no entry", now);

        var said = answer.Records.Select(record => record.Value).Order(StringComparer.Ordinal).ToList();
        var evidence = $"{list.Zone} answers {string.Join(", ", said.Take(8))} for {subject}";
        var known = list.Codes.Where(code => said.Contains(code.Address)).OrderByDescending(code => code.Severity).ToList();
        if (known.Find(code => code.Severity == HealthSeverity.Unknown) is { } refused)
            return Unknown(list, subject, $"{list.Name} cannot be asked: {refused.Meaning}", evidence, now) with { Cause = refused.Cause, Fix = refused.Fix };
        if (said.Exists(value => !IPAddress.TryParse(value, out var address) || !Answers.Contains(address) || Refusals.Contains(address)))
            return Unknown(list, subject, $"{list.Name} cannot be asked: its answer is none that a list gives for an entry (RFC 5782 2.1).", evidence, now);
        return known is [var worst, ..]
            ? new(list.Code, subject, worst.Severity, $"{subject} is on {list.Name}: {string.Join("; ", known.Select(code => code.Meaning))}.", worst.Cause, $"{worst.Fix} {list.Delisting}", evidence, now, now)
            : new(list.Code, subject, HealthSeverity.Watch, $"{subject} is on {list.Name}, for a reason that is not known here.", $"{list.Name} answers with a code that its description of {list.AsOf:yyyy-MM-dd} does not have.",
                $"Look the entry up: {list.Delisting}", evidence, now, now);
    }

    static HealthFinding Unknown(Blocklist list, string subject, string what, string evidence, DateTimeOffset now) =>
        new(list.Code, subject, HealthSeverity.Unknown, what, $"{list.Name} was not asked about {subject}, which means neither listed nor clean.", list.Access, evidence, now, now);

    static async Task<DnsAnswer?> Ask(Blocklist list, string subject, DnsResolver resolver, string key, CancellationToken ct)
    {
        var question = list.Question(subject, key);
        return question.Length > NameLengthMax ? null : await resolver.Ask(question, DnsType.A, ct);
    }
}
