namespace PenguinMails.Fleet.Reports;

/// <summary>Why messages of a source failed and what to do about it. Pure.</summary>
static class SourceAdvice
{
    /// <param name="stage">none, quarantine or reject.</param>
    public static (string Cause, string Fix) Of(DmarcSource source, string domain, string stage) => source.Class switch
    {
        SourceClass.Yours => Yours(source, domain),
        SourceClass.Forwarder => Forwarder(source),
        SourceClass.Stranger => Stranger(source, domain, stage),
    };

    static (string, string) Yours(DmarcSource source, string domain)
    {
        var isServer = source.Rule == "own_server";
        var failed = source.Messages - source.Passed;
        var sign = isServer ? "Bring the server up to date, so that it signs for the domain, and check the DKIM record." : $"Switch DKIM on for {domain} at the service that runs this address.";
        if (failed > 0)
            return ($"{RecommendStage.Count(failed)} messages carried no whole signature of {domain}, and their return path is not of {domain} or SPF does not name the address.",
                isServer ? sign : $"{sign} If it is no service of yours any more, take it out of SPF.");
        if (source.Dkim < source.Messages)
            return ($"{RecommendStage.Count(source.Messages - source.Dkim)} messages passed by SPF alone, and SPF does not survive being forwarded.", sign);
        return ("", "");
    }

    static (string, string) Forwarder(DmarcSource source)
    {
        var failed = source.Messages - source.Passed;
        if (failed == 0) return ("", "Nothing to do. If you know it as a service that sends for you, put it into SPF: then it counts as yours.");
        return ($"{RecommendStage.Count(failed)} messages were changed on their way, as mailing lists do with subjects and footers, so that the signature broke.",
            "Nothing can be done at your end. Receivers that know the forwarder take such mail all the same; a policy of reject may lose it.");
    }

    static (string, string) Stranger(DmarcSource source, string domain, string stage) =>
        ($"Somebody writes {domain} into the sender's address, or it is a service of yours that nobody told DNS about{(source.Host.Length > 0 ? $": {source.Host}" : "")}.",
            stage == "none"
                ? "If you know it, put it into SPF and let it sign with DKIM. If not, a stricter policy makes receivers stop it."
                : $"If you know it, put it into SPF and let it sign with DKIM. If not, nothing: receivers are asked to {(stage == "reject" ? "refuse it" : "file it as spam")}, and did so for {RecommendStage.Count(source.Stopped)} of {RecommendStage.Count(source.Messages)}.");
}
