using PenguinMails.Core;

namespace PenguinMails.Fleet.Reports;

/// <summary>Whose a source of mail is. yours: it sends for the domain with its owner's will. forwarder: it passes on mail that others got. stranger: nothing ties it to the domain.</summary>
public enum SourceClass { Yours, Forwarder, Stranger }

/// <param name="Rule">Which rule decided: own_server, spf, receiver_says, signed, signed_passed_on, known_forwarder, passes_on_too or none. Public.</param>
/// <param name="Why">The same in a sentence.</param>
public sealed record SourceVerdict(SourceClass Class, string Rule, string Why);

/// <summary>Tells whose a source is. Pure; the first rule that fits decides.</summary>
/// <remarks>
/// 1. own_server, yours: the address of one of our servers.
/// 2. spf, yours: SPF passed and agrees with the domain, or the domain's SPF names the address.
/// 3. receiver_says, forwarder: the receiver says so (reasons forwarded, mailing_list, trusted_forwarder, or a trusted ARC chain; RFC 9990 3.1.1.7).
/// 4. signed, yours: DKIM passed and agrees, with a key of this installation, and SPF was not judged.
/// 5. signed_passed_on, forwarder: DKIM passed and agrees, and SPF failed or speaks for another domain: the message was signed with the owner's key and came from elsewhere.
/// 6. known_forwarder, forwarder: neither passed, and the address is that of a known service that passes mail on (forwarders.json), by a reverse name that leads back to it.
/// 7. passes_on_too, forwarder: neither passed, and the same address passed on at least as many messages whose signature was whole.
/// 8. none, stranger.
/// What a receiver says of a signature cannot be forged by the source; the text in a message that failed can, so it decides nothing.
/// </remarks>
static class ClassifySource
{
    /// <param name="Hosts">Its names, each with those below it.</param>
    /// <param name="Source">Where it says so, read on <paramref name="AsOf"/>.</param>
    sealed record Known(string Name, IReadOnlyList<string> Hosts, string Source, DateOnly AsOf);

    static readonly Known[] Forwarders = Read();

    static readonly string[] Says = ["arc", "forwarded", "mailing_list", "trusted_forwarder"];

    public static SourceVerdict Judge(DmarcEntry entry, OwnSenders own) =>
        Server(entry, own) ?? Spf(entry, own) ?? Receiver(entry) ?? Signed(entry, own) ?? Service(entry)
        ?? new(SourceClass.Stranger, "none", "Neither SPF nor DKIM ties it to the domain.");

    static SourceVerdict? Server(DmarcEntry entry, OwnSenders own) =>
        own.Addresses.TryGetValue(entry.Source, out var host) ? new(SourceClass.Yours, "own_server", $"The address of your server {host}.") : null;

    static SourceVerdict? Spf(DmarcEntry entry, OwnSenders own) =>
        entry.IsSpfAligned ? new(SourceClass.Yours, "spf", $"SPF of {own.Domain} names this address.")
        : entry.IsInSpf == true ? new(SourceClass.Yours, "spf", $"SPF of {own.Domain} names this address, but {(entry.SpfDomain.Length > 0 ? $"the return path was at {entry.SpfDomain}" : "SPF did not pass for the message")}.")
        : null;

    static SourceVerdict? Receiver(DmarcEntry entry) => entry.Reasons.FirstOrDefault(reason => Says.Contains(reason)) is not { } said ? null
        : new(SourceClass.Forwarder, "receiver_says", said switch
        {
            "mailing_list" => "The receiver says it is a mailing list.",
            "arc" => "The receiver trusted the chain of those who passed it on (ARC).",
            _ => "The receiver says it was forwarded.",
        });

    static SourceVerdict? Signed(DmarcEntry entry, OwnSenders own)
    {
        if (!entry.IsDkimAligned) return null;
        return own.Selectors.Contains(entry.DkimSelector) && entry.SpfResult is "" or "none" or "neutral" or "temperror"
            ? new(SourceClass.Yours, "signed", "Signed with your key, and SPF was not judged.")
            : new(SourceClass.Forwarder, "signed_passed_on", "Signed with a key of the domain, and came from an address that SPF does not name.");
    }

    static SourceVerdict? Service(DmarcEntry entry) =>
        entry.Host.Length > 0 && Forwarders.FirstOrDefault(known => known.Hosts.Any(host => ReportLimits.IsAtOrBelow(entry.Host, host))) is { } service
            ? new(SourceClass.Forwarder, "known_forwarder", $"{entry.Host} is a host of {service.Name}, which passes mail on.")
            : null;

    static Known[] Read()
    {
        using var file = typeof(ClassifySource).Assembly.GetManifestResourceStream("forwarders.json") ?? throw new InvalidOperationException("forwarders.json is not part of this program.");
        using var text = new StreamReader(file);
        return Json.Read<Known[]>(text.ReadToEnd());
    }
}
