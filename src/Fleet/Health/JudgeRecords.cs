using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Health;

/// <summary>The domain's required DNS records as one finding: the plan of its DNS says what to do about each.</summary>
static class JudgeRecords
{
    public const string Code = "dns.records";

    public static HealthFinding Judge(DomainDetail detail, DateTimeOffset now)
    {
        var required = detail.Records.Where(record => record.IsRequired).ToList();
        var faulty = required.Where(record => record.State is "missing" or "wrong").Select(record => $"{record.Kind} {record.State}").ToList();
        var open = required.Where(record => record.State is "unchecked" or "unknown").Select(record => record.Kind).ToList();
        var (seen, name) = (detail.Domain.CheckedAt ?? now, detail.Domain.Name);
        if (faulty.Count > 0)
        {
            var counted = faulty.Count == 1 ? "1 required DNS record is" : $"{faulty.Count} required DNS records are";
            return detail.Domain.State == DomainState.Drifted
                ? Found(HealthSeverity.Act, $"{counted} no longer right.", "It was right before, so somebody or something changed the zone. Receivers check these records for each message and refuse or file away mail without them.",
                    "Open the DNS plan of the domain: it shows what stands there now and repairs it when you agree.", string.Join(", ", faulty))
                : Found(HealthSeverity.Watch, $"{counted} not right yet.", "The domain is not set up completely. Campaigns from it do not start before.",
                    "Open the DNS plan of the domain: it writes what is missing when you agree, or shows what to copy.", string.Join(", ", faulty));
        }

        return open.Count > 0
            ? Found(HealthSeverity.Unknown, "Not every DNS record could be looked at.", "DNS did not answer, or the first look is still to come.", "Check the records now; if that does not help, look at your name servers.", string.Join(", ", open))
            : HealthFinding.Good(Code, name, $"All {required.Count} required DNS records are right.", $"checked on {seen:yyyy-MM-dd HH:mm} UTC", now);

        HealthFinding Found(HealthSeverity severity, string what, string cause, string fix, string evidence) => new(Code, name, severity, what, cause, fix, evidence, now, now);
    }
}
