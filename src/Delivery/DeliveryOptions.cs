using PenguinMails.Delivery.Conversations;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery;

/// <summary>Settings of sending, below <c>PENGUIN__DELIVERY__</c>.</summary>
/// <param name="EhloName">Name given in EHLO. From <c>PENGUIN__HOSTS__MAIL</c>.</param>
/// <param name="PublicWeb">Address of the web server as recipients reach it. From <c>PENGUIN__HOSTS__WEBURL</c>.</param>
public sealed record DeliveryOptions(string EhloName, Uri PublicWeb)
{
    /// <summary>Delay before the second attempt; doubles after each. <c>RETRYSECONDS</c>, default 300, 1 to 3,600.</summary>
    public int RetrySeconds { get; init; } = 300;

    /// <summary>Attempts before a message is given up; with 300 s that is about 34 hours. <c>ATTEMPTSMAX</c>, default 12, 1 to 30.</summary>
    public int AttemptsMax { get; init; } = 12;

    /// <summary>Mailboxes served at once by one process. <c>LANESMAX</c>, default 32, 1 to 500.</summary>
    public int LanesMax { get; init; } = 32;

    /// <summary>How long a dead process keeps a mailbox from being served by another. <c>LEASESECONDS</c>, default 60, 5 to 600.</summary>
    public int LeaseSeconds { get; init; } = 60;

    /// <summary>Longest wait for any one SMTP reply. <c>SMTPSECONDS</c>; default 0: the waits of RFC 5321 4.5.3.2.</summary>
    public int SmtpSeconds { get; init; }

    /// <summary>How many days of facts are kept; older days are dropped whole. <c>FACTDAYS</c>; default 0: all are kept. Else 32 to 36,500.</summary>
    public int FactDays { get; init; }

    /// <summary>What follows a link sooner after delivery than this is taken for the receiving server's own look. <c>VISITSOONSECONDS</c>, default 10, 0 (nothing is) to 600.</summary>
    public int VisitSoonSeconds { get; init; } = 10;

    /// <summary>How long a visit to a link waits for others that came with it before it is judged. <c>VISITSETTLESECONDS</c>, default 60, 1 to 3,600.</summary>
    public int VisitSettleSeconds { get; init; } = 60;

    /// <summary>Whether TLSA records of recipients' servers bind (RFC 7672). Only where the resolver validates DNSSEC: <c>DANE</c>, default false.</summary>
    public bool ObeysDane { get; init; }

    /// <summary>The port that recipients' servers are asked at; another than 25 only before a network of one's own. <c>EXCHANGEPORT</c>, default 25, 1 to 65,535.</summary>
    public int ExchangePort { get; init; } = 25;

    /// <summary>Where this machine keeps how far messages came, so that a killed process leaves fewer in doubt. <c>lanes</c> in the data folder, on a disk of this machine; null: nowhere.</summary>
    public string? JournalFolder { get; init; }

    internal SmtpTimeouts Timeouts => SmtpSeconds > 0 ? SmtpTimeouts.AtMost(TimeSpan.FromSeconds(SmtpSeconds)) : new SmtpTimeouts();

    /// <summary>The conversation pool, below <c>PENGUIN__WARMUP__</c>; default off.</summary>
    public PoolOptions Pool { get; init; } = new();

    /// <exception cref="InvalidOperationException">A value is out of its range; the message names the key.</exception>
    public DeliveryOptions Checked()
    {
        Check("RETRYSECONDS", RetrySeconds, 1, 3600);
        Check("ATTEMPTSMAX", AttemptsMax, 1, 30);
        Check("LANESMAX", LanesMax, 1, 500);
        Check("LEASESECONDS", LeaseSeconds, 5, 600);
        Check("SMTPSECONDS", SmtpSeconds, 0, 600);
        Check("VISITSOONSECONDS", VisitSoonSeconds, 0, 600);
        Check("VISITSETTLESECONDS", VisitSettleSeconds, 1, 3600);
        Check("EXCHANGEPORT", ExchangePort, 1, 65_535);
        if (FactDays != 0) Check("FACTDAYS", FactDays, 32, 36_500);
        Pool.Checked();
        return this;
    }

    static void Check(string key, int value, int min, int max)
    {
        if (value < min || value > max) throw new InvalidOperationException($"PENGUIN__DELIVERY__{key} is {value}; it must be {min} to {max}.");
    }
}
