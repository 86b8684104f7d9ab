using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Direct;

/// <summary>Which connections share a limit: from one address and name of ours to one receiving organisation.</summary>
/// <param name="Source">Address of ours, or <c>direct</c>.</param>
/// <param name="Provider">Key of who receives.</param>
sealed record LinkKey(string Source, string EhloName, string Provider);

/// <summary>A connection to a recipient's server.</summary>
/// <param name="place">Of the pool.</param>
/// <param name="messagesMax">What its server likes to get over one connection.</param>
sealed class DirectLink(Guid place, LinkKey key, DirectHost host, SmtpConnection connection, int messagesMax)
{
    public Guid Place => place;
    public LinkKey Key => key;
    public DirectHost Host => host;
    public SmtpConnection Connection => connection;

    /// <summary>Messages that went over it or were refused on it.</summary>
    public int Messages { get; set; }

    /// <summary>Since when it has been waiting for a message.</summary>
    public DateTimeOffset IdleSince { get; set; }

    public bool TakesMore => connection.IsReusable && Messages < messagesMax;

    /// <summary>A connection that proved more than is asked for serves too; what proved less does not.</summary>
    public bool Serves(DirectHost other) => host.Name == other.Name && (host.Need == other.Need || other.Need == TlsNeed.Nothing);
}
