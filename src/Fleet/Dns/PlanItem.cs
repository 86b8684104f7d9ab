using System.Security.Cryptography;
using System.Text;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>A record set that must stand in the zone, and why it matters.</summary>
/// <param name="Purpose">ownership, spf, dkim, dkim_next, dmarc, return_path, return_path_spf, mx, tracking, mta_sts, mta_sts_host, tls_reports, autoconfig, autodiscover or bimi; spf_part for pieces of a long SPF record; address_gone and dkim_revoked for what a server that was left had.</param>
/// <param name="Values">The whole set at that name and type, foreign records of it included; empty takes away what stands there.</param>
/// <param name="Why">What becomes of mail without it.</param>
/// <param name="Note">What was kept, merged or corrected; empty when it is as simple as it looks.</param>
sealed record DesiredRecord(string Purpose, string Name, DnsType Type, IReadOnlyList<string> Values, string Why, bool IsRequired, string Note = "");

/// <summary>Something of the zone that a person should know, with the way out.</summary>
/// <param name="Code">Stable, such as <c>spf.too_many_lookups</c>.</param>
/// <param name="IsBlocking">The records of that name cannot be published until it is gone.</param>
public sealed record ZoneFinding(string Code, string Name, string Detail, string WayOut, bool IsBlocking);

/// <summary>One record set of a plan: what stands there, what shall, and why.</summary>
/// <param name="Id">Of this very change: another before or after has another id.</param>
/// <param name="Action">create, change, leave, remove, or blocked by a finding.</param>
/// <param name="Before">Empty when nothing stands there.</param>
/// <param name="After">Empty when it is taken away.</param>
public sealed record PlanItem(
    string Id, string Purpose, string Action, string Name, string Type, int TtlSeconds, int? TtlSecondsBefore, IReadOnlyList<string> Before, IReadOnlyList<string> After, string Why, string Note, bool IsRequired)
{
    /// <summary>Where nothing says otherwise.</summary>
    internal const int TtlSecondsNew = 300;

    internal bool IsChange => Action is "create" or "change" or "remove";

    internal DnsType RecordType => Enum.Parse<DnsType>(Type, ignoreCase: true);

    internal DnsRecordSet? SetBefore => Before.Count == 0 ? null : new DnsRecordSet(Name, RecordType, TtlSecondsBefore ?? TtlSeconds, Before);

    internal DnsRecordSet? SetAfter => After.Count == 0 ? null : new DnsRecordSet(Name, RecordType, TtlSeconds, After);

    internal DnsChange Change => new(SetBefore, SetAfter);

    internal static PlanItem Of(DesiredRecord wanted, DnsRecordSet? found, bool isBlocked, int ttlSeconds)
    {
        var after = wanted.Values.Count == 0 ? null : new DnsRecordSet(wanted.Name, wanted.Type, found?.TtlSeconds ?? ttlSeconds, wanted.Values);
        var action = after is not null && found?.HasSameRecords(after) == true ? "leave" : isBlocked ? "blocked" : after is null ? "remove" : found is null ? "create" : "change";
        return Make(wanted.Purpose, action, found, after, wanted.Why, wanted.Note, wanted.IsRequired);
    }

    /// <summary>The way back: what was after must stand there, what was before comes again, its time to live included.</summary>
    internal PlanItem Undone() => Make(
        Purpose, SetBefore is null ? "remove" : SetAfter is null ? "create" : "change", SetAfter, SetBefore, Why, SetBefore is null ? "Was created by the plan that is undone." : "Restores what stood there before.", false);

    static PlanItem Make(string purpose, string action, DnsRecordSet? before, DnsRecordSet? after, string why, string note, bool isRequired)
    {
        var (name, type) = before is null ? (after?.Name ?? "", after?.Type ?? DnsType.Txt) : (before.Name, before.Type);
        var text = string.Join('\n', [name, type.ToString(), "before", .. before?.Values ?? [], "after", .. after?.Values ?? []]);
        var id = "chg_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
        return new PlanItem(id, purpose, action, name, type.ToString().ToUpperInvariant(), after?.TtlSeconds ?? before?.TtlSeconds ?? TtlSecondsNew, before?.TtlSeconds,
            before?.Values ?? [], after?.Values ?? [], why, note, isRequired);
    }
}
