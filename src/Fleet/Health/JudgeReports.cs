using PenguinMails.Fleet.Reports;

namespace PenguinMails.Fleet.Health;

/// <summary>What the reports of the last 14 days mean for a domain. Pure. Without reports there is nothing to find.</summary>
static class JudgeReports
{
    public const string Yours = "dmarc.yours", Signed = "dmarc.signed", Strangers = "dmarc.strangers", Tls = "tls.reports";

    /// <summary>Days the findings look back.</summary>
    public const int Days = 14;

    const long MessagesMin = 20;
    const double PassShare = 0.98, PassShareUrgent = 0.90, SignedShare = 0.95, StrangerShare = 0.01, TlsShare = 0.01, TlsShareUrgent = 0.10;

    public static IEnumerable<HealthFinding> Judge(DmarcOverview dmarc, TlsOverview tls, DateTimeOffset now) =>
        [.. dmarc.Messages == 0 ? [] : Dmarc(dmarc, now), .. tls.Successes + tls.Failed == 0 ? [] : Encryption(tls, now)];

    static IEnumerable<HealthFinding> Dmarc(DmarcOverview seen, DateTimeOffset now)
    {
        var (evidence, proof) = (seen.Evidence, $"{seen.Sample.Counted} reports of {seen.Sample.Days} days, the newest until {seen.Sample.AsOf:yyyy-MM-dd}");
        if (evidence.Yours >= MessagesMin)
        {
            yield return Own(seen, proof, now);
            if (evidence.YoursSigned < evidence.Yours * SignedShare)
                yield return new(Signed, seen.Name, HealthSeverity.Watch, $"Only {RecommendStage.Percent(evidence.YoursSigned, evidence.Yours)} of your mail carries a whole signature.",
                    "The rest passes by SPF alone or not at all, and SPF does not survive being forwarded.", First(seen, source => source.Dkim < source.Messages), proof, now, now);
        }

        var isMany = seen.Stage == "none" && evidence.StrangerMessages >= MessagesMin && evidence.StrangerMessages >= seen.Messages * StrangerShare;
        yield return isMany
            ? new(Strangers, seen.Name, HealthSeverity.Watch, $"{RecommendStage.Count(evidence.StrangerMessages)} messages in your name came from {evidence.StrangerSources} addresses that nothing ties to you.",
                "Somebody forges your domain, or a service of yours is not in DNS. The policy none lets it all through, and the harm is your domain's.", $"See in the domain's DMARC reports who they are. {seen.Advice.Sentence}", proof, now, now)
            : HealthFinding.Good(Strangers, seen.Name, evidence.StrangerMessages == 0 ? "No stranger sends in your name." : $"Strangers sent {RecommendStage.Count(evidence.StrangerMessages)} of {RecommendStage.Count(seen.Messages)} messages in your name{(seen.Stage == "none" ? "" : $", and receivers are asked to {(seen.Stage == "reject" ? "refuse them" : "file them as spam")}")}.", proof, now);
    }

    static HealthFinding Own(DmarcOverview seen, string proof, DateTimeOffset now)
    {
        var (whole, passed) = (seen.Evidence.Yours, seen.Evidence.YoursPassed);
        if (passed >= whole * PassShare) return HealthFinding.Good(Yours, seen.Name, $"{RecommendStage.Percent(passed, whole)} of your mail passes DMARC.", proof, now);
        // Under a strict policy what fails is lost; without one it is only trusted less.
        var isUrgent = passed < whole * PassShareUrgent || seen.Stage != "none";
        return new(Yours, seen.Name, isUrgent ? HealthSeverity.Act : HealthSeverity.Watch, $"{RecommendStage.Count(whole - passed)} of {RecommendStage.Count(whole)} messages of yours fail DMARC.",
            seen.Stage == "none" ? "Receivers cannot tell them from forged ones, and a stricter policy would lose them." : "Your own policy asks receivers to file or refuse them.", First(seen, source => source.Passed < source.Messages), proof, now, now);
    }

    static string First(DmarcOverview seen, Func<DmarcSource, bool> fails) =>
        seen.Sources.Where(source => source.Class == SourceClass.Yours && fails(source)).OrderByDescending(source => source.Messages).FirstOrDefault() is { } worst
            ? $"Begin with {(worst.Host.Length > 0 ? worst.Host : worst.Address)}: {worst.Fix}" : "See the domain's DMARC reports.";

    static IEnumerable<HealthFinding> Encryption(TlsOverview seen, DateTimeOffset now)
    {
        var all = seen.Successes + seen.Failed;
        var proof = $"{seen.Sample.Counted} reports of {seen.Sample.Days} days, the newest until {seen.Sample.AsOf:yyyy-MM-dd}";
        if (seen.Failed < all * TlsShare || seen.Failed == 0)
        {
            yield return HealthFinding.Good(Tls, seen.Name, $"{RecommendStage.Percent(seen.Successes, all)} of the connections to you that others reported were encrypted as they should be.", proof, now);
            yield break;
        }

        var worst = seen.Failures.Count > 0 ? seen.Failures[0] : null;
        // A sender that keeps to a policy of MTA-STS or DANE does not deliver at all.
        var isUrgent = seen.Failed >= all * TlsShareUrgent && seen.Domains.Any(domain => domain.Failures > 0 && domain.Policies.Any(policy => policy is "sts" or "tlsa"));
        yield return new(Tls, seen.Name, isUrgent ? HealthSeverity.Act : HealthSeverity.Watch, $"{RecommendStage.Count(seen.Failed)} of {RecommendStage.Count(all)} connections to you failed over TLS. {worst?.What}".TrimEnd(),
            $"{worst?.Cause} Senders that keep to your policy do not deliver then; the others deliver in the clear.".TrimStart(), worst?.Fix ?? "See the domain's TLS reports.", proof, now, now);
    }
}
