using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Fleet.Dns;

/// <summary>What shall stand in a domain's zone beyond the needed. Changes no DNS: the next plan does. A new logo is fetched and looked at first.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c> or <c>dns.settings_invalid</c>.</remarks>
public static class ChangeDnsSettings
{
    const int ExchangesMax = 10;
    const int ReasonLengthMax = 500;

    static readonly string[] Stages = ["none", "quarantine", "reject"];
    static readonly string[] Modes = ["none", "testing", "enforce"];

    /// <summary>What is null stays.</summary>
    /// <param name="DmarcStage">none, quarantine or reject. A stricter one needs <paramref name="DmarcReason"/>: reports that show all own mail passing.</param>
    /// <param name="DkimDelegate">A domain below which this installation publishes the keys; empty for keys in the customer's zone.</param>
    /// <param name="MxHosts">Hosts that take mail for the domain, best first; none leaves MX records alone.</param>
    /// <param name="HasMtaSts">Needs hosts that take mail: the policy names them.</param>
    /// <param name="HasAutoconfig">Settings for mail programs, for mailboxes on servers of ours.</param>
    /// <param name="MtaStsMode">none (no policy any more), testing or enforce.</param>
    /// <param name="BimiLogo">Https address of an SVG Tiny PS file, at most 32 KB; empty for none.</param>
    /// <param name="BimiEvidence">Https address of the certificate that vouches for it (VMC or CMC), in PEM; empty for none.</param>
    public sealed record Input(
        string? DmarcStage = null, string? DmarcReason = null, string? DkimDelegate = null, IReadOnlyList<string>? MxHosts = null, bool? HasMtaSts = null, bool? HasTlsReports = null, bool? HasAutoconfig = null,
        string? MtaStsMode = null, string? BimiLogo = null, string? BimiEvidence = null);

    const string Update = """
        update fleet.dns_setup
        set dmarc_stage = $3, dmarc_reason = $4, dkim_delegate = $5, mx_hosts = $6, has_mta_sts = $7, has_tls_reports = $8, has_autoconfig = $9, mta_sts_mode = $10, bimi_logo = $11, bimi_evidence = $12,
          mx_hosts_left = (select coalesce(array_agg(distinct host), '{}') from unnest(mx_hosts_left || mx_hosts) as host where host <> all($6))
        where tenant_id = $1 and domain_id = $2
        """;

    public static async Task<Result<DnsOverview>> Handle(Actor actor, DomainId id, Input input, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        var found = await DnsDesk.SetUp(actor, id, db, reach, clock, ct);
        if (found.Problem is { } refused) return refused;
        var (domain, setup) = found.Value;
        if ((Wrong(input, setup) ?? WrongWeb(input, setup)) is { } wrong) return Problem.Invalid("dns.settings_invalid", wrong);
        var next = Next(input, setup);
        if (await Unfit(domain, setup, next, reach, clock, ct) is { } unfit) return Problem.Invalid("dns.settings_invalid", unfit);
        var now = clock.GetUtcNow();
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            await tx.Execute(Update, ct, actor.Tenant, id, next.DmarcStage, next.DmarcReason, next.DkimDelegate, next.MxHosts.ToArray(), next.HasMtaSts, next.HasTlsReports, next.HasAutoconfig, next.MtaStsMode, next.BimiLogo, next.BimiEvidence);
            await tx.Append(actor, "dns.settings_changed", id.ToString(), new { dmarc_stage = next.DmarcStage, was = setup.DmarcStage, mta_sts = next.HasMtaSts ? next.MtaStsMode : "off" }, now, ct);
            await tx.Commit(ct);
        }

        return await ReadDns.Handle(actor with { Kind = ActorKind.System }, id, db, reach, clock, ct);
    }

    static DnsSetup Next(Input input, DnsSetup setup) => setup with
    {
        DmarcStage = input.DmarcStage ?? setup.DmarcStage,
        DmarcReason = input.DmarcStage is null || input.DmarcStage == setup.DmarcStage ? setup.DmarcReason : input.DmarcReason?.Trim() ?? "",
        DkimDelegate = input.DkimDelegate is null ? setup.DkimDelegate : Host(input.DkimDelegate),
        MxHosts = [.. (input.MxHosts ?? setup.MxHosts).Select(host => Host(host) ?? "")],
        HasMtaSts = input.HasMtaSts ?? setup.HasMtaSts,
        HasTlsReports = input.HasTlsReports ?? setup.HasTlsReports,
        HasAutoconfig = input.HasAutoconfig ?? setup.HasAutoconfig,
        MtaStsMode = input.MtaStsMode ?? setup.MtaStsMode,
        BimiLogo = input.BimiLogo?.Trim() ?? setup.BimiLogo,
        BimiEvidence = input.BimiEvidence?.Trim() ?? setup.BimiEvidence,
    };

    // What stands already was looked at when it came, and may be out of reach now without that being this change's fault.
    static async Task<FieldProblem?> Unfit(Domain domain, DnsSetup was, DnsSetup next, DnsReach reach, TimeProvider clock, CancellationToken ct) => await FetchBimi.Wrong(
        domain.Name, next.BimiLogo == was.BimiLogo ? "" : next.BimiLogo, next.BimiEvidence == was.BimiEvidence ? "" : next.BimiEvidence, reach, clock, ct);

    static FieldProblem? Wrong(Input input, DnsSetup setup)
    {
        if (input.DmarcStage is { } stage && !Stages.Contains(stage)) return new("dmarc_stage", "Choose none, quarantine or reject.");
        if (input.DmarcReason is { Length: > ReasonLengthMax }) return new("dmarc_reason", $"At most {ReasonLengthMax} characters.");
        if (input.DmarcStage is { } next && Array.IndexOf(Stages, next) > Array.IndexOf(Stages, setup.DmarcStage) && string.IsNullOrWhiteSpace(input.DmarcReason))
            return new("dmarc_reason", "Say what shows that all of your own mail passes, such as two weeks of reports: a stricter policy makes receivers refuse what does not.");
        if (input.DkimDelegate is { Length: > 0 } target && Host(target) is null) return new("dkim_delegate", "Give a domain of this installation, such as dkim.example.net.");
        if (input.MxHosts is { Count: > ExchangesMax }) return new("mx_hosts", $"At most {ExchangesMax} hosts.");
        return input.MxHosts?.Any(host => Host(host) is null) == true ? new("mx_hosts", "Give host names, such as mx.example.com, one on each line.") : null;
    }

    static FieldProblem? WrongWeb(Input input, DnsSetup setup)
    {
        if (input.MtaStsMode is { } mode && !Modes.Contains(mode)) return new("mta_sts_mode", "Choose none, testing or enforce.");
        if ((input.HasMtaSts ?? setup.HasMtaSts) && (input.MxHosts ?? setup.MxHosts).Count == 0 && (input.HasMtaSts is not null || input.MxHosts is not null))
            return new("mx_hosts", "Name the hosts that take mail, or switch MTA-STS off: its policy lists them.");
        return (input.BimiLogo?.Trim() ?? setup.BimiLogo).Length == 0 && (input.BimiEvidence?.Trim() ?? setup.BimiEvidence).Length > 0
            ? new("bimi_logo", "Give the address of the logo that the certificate vouches for.") : null;
    }

    static string? Host(string text) => DomainName.TryParse(text.Trim().TrimEnd('.'), out var name, out _) ? name.Ascii : null;

    internal static void Map(IEndpointRouteBuilder api) => api.MapPatch("/domains/{id}/dns/settings",
        async (Actor actor, DomainId id, Input input, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, reach, clock, ct)).ToHttp());
}
