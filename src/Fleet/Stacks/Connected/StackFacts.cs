namespace PenguinMails.Fleet.Stacks.Connected;

/// <summary>What stands on a server now, by name or address in lower case.</summary>
/// <param name="Others">Addresses that are taken by something that is neither mailbox nor alias of ours to judge: groups, second names, catch-alls.</param>
sealed record StackFacts(
    IReadOnlyDictionary<string, DomainFact> Domains, IReadOnlyDictionary<string, MailboxFact> Mailboxes, IReadOnlyDictionary<string, AliasFact> Aliases, IReadOnlySet<string> Others);

/// <param name="Ref">The server's own id; its name where it has none.</param>
/// <param name="Keys">DKIM keys by selector.</param>
/// <param name="IsShared">True when it holds what we do not know, so that it is never removed.</param>
sealed record DomainFact(string Ref, string Comment, IReadOnlyDictionary<string, KeyFact> Keys, bool IsShared);

/// <param name="Public">Public half as base64 of its SubjectPublicKeyInfo; empty when it cannot be read.</param>
sealed record KeyFact(string Ref, string Public);

/// <param name="Mark">Empty when it bears none.</param>
/// <param name="HourlyLimit">Null when there is none, or one that was changed by hand.</param>
/// <param name="LimitRefs">Limits of ours that name it; more than one only after an interrupted change.</param>
/// <param name="IsOpen">False when its log-in is switched off.</param>
sealed record MailboxFact(string Ref, string Mark, long QuotaBytes, int? HourlyLimit, IReadOnlyList<string> LimitRefs, bool IsOpen = true);

sealed record AliasFact(string Ref, string Mark, IReadOnlyList<string> Targets);
