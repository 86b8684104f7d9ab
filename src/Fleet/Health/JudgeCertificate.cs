namespace PenguinMails.Fleet.Health;

/// <summary>What a server's certificate means for those who log in to it.</summary>
static class JudgeCertificate
{
    const int WatchDays = 21; // Certificates of 90 days are renewed with 30 days left: 9 days of tries have failed by then.
    const int ActDays = 7;

    const string Renew = "Set the server up again on its page, which renews the certificate. Port 80 of the server must be open to the internet, and its name must lead to it.";

    /// <param name="service">smtp or imap.</param>
    public static HealthFinding Judge(string service, string host, int port, CertificateSight sight, DateTimeOffset now)
    {
        var (code, subject, name) = ($"certificate.{service}", $"{host}:{port}", service == "smtp" ? "SMTP" : "IMAP");
        if (sight.LacksTls)
            return Found(HealthSeverity.Act, $"The {name} server {subject} has no encryption.", $"{sight.Problem} Passwords and mail would go in clear text, so mail programs and this one do not log in.", Renew, sight.Problem);
        if (sight.Problem.Length > 0)
            return Found(HealthSeverity.Unknown, $"The certificate of {subject} could not be seen.", sight.Problem, "Check that the server runs and that its firewall lets the port through; the server's page shows both.", sight.Problem);

        var days = (int)Math.Floor((sight.NotAfter - now).TotalDays);
        var evidence = $"valid until {sight.NotAfter:yyyy-MM-dd HH:mm} UTC, from {sight.Issuer}";
        if (!sight.IsNameRight)
            return Found(HealthSeverity.Act, $"The certificate of {subject} is for another name.", $"It does not name {host}, so mail programs warn or refuse to log in.", Renew, evidence);
        if (sight.Chain.Length > 0)
            return Found(HealthSeverity.Act, $"No known authority vouches for the certificate of {subject}.", "It is self-signed, or its chain is not complete, so mail programs warn or refuse to log in.", Renew, $"{evidence}; {sight.Chain}");
        if (sight.NotAfter <= now)
            return Found(HealthSeverity.Act, $"The certificate of {subject} has expired.", "Its renewal failed, and mail programs refuse to log in.", Renew, evidence);
        var left = days == 1 ? "1 day" : $"{days} days";
        return days < ActDays ? Found(HealthSeverity.Act, $"The certificate of {subject} ends in {left}.", "Its renewal has failed for weeks. After that day nobody can log in.", Renew, evidence)
            : days < WatchDays ? Found(HealthSeverity.Watch, $"The certificate of {subject} ends in {left}.", "It should have been renewed by now, so the renewal seems to fail.", Renew, evidence)
            : HealthFinding.Good(code, subject, $"The certificate of {subject} is right for another {left}.", evidence, now);

        HealthFinding Found(HealthSeverity severity, string what, string cause, string fix, string proof) => new(code, subject, severity, what, cause, fix, proof, now, now);
    }
}
