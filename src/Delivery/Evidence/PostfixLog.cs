using PenguinMails.Fleet.Servers;

namespace PenguinMails.Delivery.Evidence;

/// <summary>Reads out of a node's delivery log what became of one message. A pure function of the lines.</summary>
/// <remarks>Postfix logs <c>cleanup[…]: ID: message-id=&lt;…&gt;</c> while a message comes in, and <c>qmgr[…]: ID: from=&lt;…&gt;, … (queue active)</c> once it is committed to its queue:
/// from then on it is delivered or bounced, whatever the client heard (RFC 5321 4.2.5). A message that is never committed was never accepted.</remarks>
static class PostfixLog
{
    // How smtpd says that a client went away before the message was whole (smtpd(8)).
    static readonly string[] Broken = ["lost connection after DATA", "timeout after DATA", "lost connection after BDAT", "timeout after BDAT"];

    static readonly string[] Refused = ["milter-reject: END-OF-MESSAGE", "reject: END-OF-MESSAGE", "reject: header", "reject: body", "milter-reject: DATA"];

    /// <param name="token">The unguessable part of its Message-ID.</param>
    /// <param name="isOver">True once no session that could have brought it can still be running.</param>
    public static Finding Read(DeliveryLog log, string token, bool isOver)
    {
        var ids = log.Lines.Select(line => QueueId(line, token)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var line in log.Lines)
            if (ids.FirstOrDefault(id => IsCommitted(line, id)) is { } id) return new(EvidenceBook.DeliveryLog, FindingVerdict.Accepted, $"{log.HostName} took it into its queue as {id}.");
        if (!isOver) return Nothing($"The session may still be running at {log.HostName}; its delivery log is read again later.");
        if (!log.IsWhole) return Nothing($"The delivery log of {log.HostName} does not show all of that time: it begins later, or lines are missing.");
        var refused = log.Lines.Any(line => Refused.Any(words => line.Contains(words, StringComparison.Ordinal)) && ids.Any(id => line.Contains($": {id}: ", StringComparison.Ordinal)));
        if (refused) return new(EvidenceBook.DeliveryLog, FindingVerdict.NotAccepted, $"{log.HostName} refused it at the end of the message, so it never came into its queue.");
        if (!log.Lines.Any(line => line.Contains("/smtpd[", StringComparison.Ordinal) && Broken.Any(words => line.Contains(words, StringComparison.Ordinal))))
            return Nothing($"The delivery log of {log.HostName} is whole and does not name it, but shows no session that broke off either.");
        return new(EvidenceBook.DeliveryLog, FindingVerdict.NotAccepted, $"The delivery log of {log.HostName} is whole: a session broke off before the end of its message, and this one never came into the queue.");
    }

    static Finding Nothing(string detail) => new(EvidenceBook.DeliveryLog, FindingVerdict.Nothing, detail);

    static string? QueueId(string line, string token)
    {
        var said = line.IndexOf(": message-id=<" + token + "@", StringComparison.OrdinalIgnoreCase);
        if (said < 0 || !line.Contains("/cleanup[", StringComparison.Ordinal)) return null;
        var before = line.LastIndexOf(' ', said - 1);
        return before < 0 ? null : line[(before + 1)..said];
    }

    static bool IsCommitted(string line, string id) =>
        (line.Contains("/qmgr[", StringComparison.Ordinal) && line.Contains($": {id}: from=<", StringComparison.Ordinal))
        || (line.Contains($": {id}: to=<", StringComparison.Ordinal) && line.Contains(", status=", StringComparison.Ordinal));
}
