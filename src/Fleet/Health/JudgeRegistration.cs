namespace PenguinMails.Fleet.Health;

/// <summary>What the end of a domain's registration means.</summary>
static class JudgeRegistration
{
    public const string Code = "registration.expiry";
    const int WatchDays = 45;
    const int ActDays = 14;

    const string Renew = "Renew it where it is registered, and let it be renewed by itself from then on.";

    public static HealthFinding Judge(string domain, Registration registration, DateTimeOffset now)
    {
        if (registration.Until is not { } until)
            return Found(HealthSeverity.Unknown, "When the domain expires cannot be told.", registration.Problem, "Look at the page of the company where the domain is registered, and let it be renewed by itself.", registration.Problem);
        var days = (int)Math.Floor((until - now).TotalDays);
        var left = days == 1 ? "1 day" : $"{days} days";
        var evidence = $"{registration.Source} says {until:yyyy-MM-dd} for {registration.Name}, asked on {registration.AskedAt:yyyy-MM-dd}";
        return until <= now ? Found(HealthSeverity.Act, $"The registration of {registration.Name} has expired.", "Its DNS is switched off soon or already is: no mail leaves or comes in, and others may register the name.", Renew, evidence)
            : days < ActDays ? Found(HealthSeverity.Act, $"The registration of {registration.Name} ends in {left}.", "After that day its DNS is switched off: no mail leaves or comes in, and later others may register the name.", Renew, evidence)
            : days < WatchDays ? Found(HealthSeverity.Watch, $"The registration of {registration.Name} ends in {left}.", "Most registrars renew by themselves only while the payment on file works.", Renew, evidence)
            : HealthFinding.Good(Code, domain, $"{registration.Name} is registered for another {left}.", evidence, now);

        HealthFinding Found(HealthSeverity severity, string what, string cause, string fix, string proof) => new(Code, domain, severity, what, cause, fix, proof, now, now);
    }
}
