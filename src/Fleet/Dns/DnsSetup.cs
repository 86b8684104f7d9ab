using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Dns;

/// <summary>How the zone is reached; what is not needed by the kind of host is empty.</summary>
/// <param name="Endpoint">Host and port of an RFC 2136 server, or the address of an API.</param>
/// <param name="KeyName">Of a TSIG key; the server's id at PowerDNS.</param>
/// <param name="Algorithm">Of a TSIG key.</param>
public sealed record DnsHostSettings(string Endpoint = "", string KeyName = "", string Algorithm = "");

/// <summary>How a domain's DNS is run and what shall stand there.</summary>
/// <param name="HostKind">by_hand, rfc2136, powerdns, cloudflare, route53, hetzner or digitalocean.</param>
/// <param name="Zone">The zone at the host that holds the domain; null until known.</param>
/// <param name="Challenge">The text that proves the domain is this account's.</param>
/// <param name="DmarcStage">none, quarantine or reject: what we ask for at least; a stricter policy that stands there stays.</param>
/// <param name="DkimDelegate">A domain below which this installation publishes the keys itself; the customer's records are aliases to it then. Null: keys stand in the customer's zone.</param>
public sealed record DnsSetup(
    DomainId Domain, string HostKind, string? Zone, DnsHostSettings Settings, string Challenge, DateTimeOffset? ProvedAt, string DmarcStage, string DmarcReason,
    string DkimNextSelector, string DkimNextPublicKey, string? DkimDelegate, DateTimeOffset? DkimRotatedAt, IReadOnlyList<string> MxHosts, bool HasMtaSts, bool HasTlsReports, bool HasAutoconfig)
{
    public const string ByHand = "by_hand";

    /// <summary>Null when the domain's mail leaves from another provider.</summary>
    [JsonIgnore] public SendingServer? Server { get; init; }

    /// <summary>Null when the domain's mail goes through its mailboxes' own servers.</summary>
    [JsonIgnore] public DirectRoute? Direct { get; init; }

    /// <summary>none, testing or enforce (RFC 8461 5). Default testing: senders report what would fail, and deliver.</summary>
    public string MtaStsMode { get; init; } = "testing";

    /// <summary>Https address of the logo that mail shows (BIMI), an SVG Tiny PS file; empty for none.</summary>
    public string BimiLogo { get; init; } = "";

    /// <summary>Https address of the certificate that vouches for the logo (VMC or CMC), in PEM; empty for none.</summary>
    public string BimiEvidence { get; init; } = "";

    /// <summary>Hosts that took mail until DNS shows those of now.</summary>
    [JsonIgnore] public IReadOnlyList<string> MxHostsLeft { get; init; } = [];

    /// <summary>Null while it is off or no host that takes mail is known.</summary>
    [JsonIgnore] internal MtaStsText? MtaSts => MtaStsText.Of(HasMtaSts, MtaStsMode, MxHosts, MxHostsLeft);

    /// <summary>Selectors whose keys must not verify any more, newest first.</summary>
    [JsonIgnore] public IReadOnlyList<string> DkimRevokedSelectors { get; init; } = [];

    const int DkimKeyBits = 2048; // RFC 8301 3.2.
    const int ChallengeOctets = 32;

    const string Select = """
        select domain_id, host_kind, zone, settings, challenge, proved_at, dmarc_stage, dmarc_reason, dkim_next_selector, dkim_next_public_key, dkim_delegate, dkim_rotated_at,
          mx_hosts, has_mta_sts, has_tls_reports, has_autoconfig, dkim_revoked_selectors, mta_sts_mode, bimi_logo, bimi_evidence, mx_hosts_left
        from fleet.dns_setup
        where tenant_id = $1 and domain_id = $2
        """;

    const string Insert = """
        insert into fleet.dns_setup (tenant_id, domain_id, challenge, dkim_next_selector, dkim_next_public_key, dkim_next_private_key_sealed, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict on constraint dns_setup_pkey do nothing
        """;

    /// <summary>Made at the first question: a challenge, and a second key that waits in DNS until the first one is rotated out.</summary>
    internal static async Task<DnsSetup> Need(TenantTx tx, Domain domain, SealedBox box, DateTimeOffset now, CancellationToken ct)
    {
        var (server, direct) = (await SendingServer.Find(tx, domain.Id, ct), await ReadTransport.Within(tx, domain.Id, ct));
        if (await tx.Maybe(Select, Read, ct, tx.Tenant, domain.Id) is { } known) return known with { Server = server, Direct = direct };
        using var key = RSA.Create(DkimKeyBits);
        var challenge = "penguin-domain-verification=" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(ChallengeOctets));
        await tx.Execute(Insert, ct, tx.Tenant, domain.Id, challenge, $"{domain.DkimSelector}n", Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
            box.Seal(tx.Tenant, AddDomain.DkimPurpose(domain.Id), key.ExportPkcs8PrivateKeyPem()), now);
        return (await tx.One(Select, Read, ct, tx.Tenant, domain.Id)) with { Server = server, Direct = direct };
    }

    internal static DnsSetup Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), row.GetString(1), row.Text(2), Json.Read<DnsHostSettings>(row.GetString(3)), row.GetString(4), row.Maybe<DateTimeOffset>(5), row.GetString(6), row.GetString(7),
        row.GetString(8), row.GetString(9), row.Text(10), row.Maybe<DateTimeOffset>(11), row.GetFieldValue<string[]>(12), row.GetBoolean(13), row.GetBoolean(14), row.GetBoolean(15))
    {
        DkimRevokedSelectors = row.GetFieldValue<string[]>(16), MtaStsMode = row.GetString(17), BimiLogo = row.GetString(18), BimiEvidence = row.GetString(19), MxHostsLeft = row.GetFieldValue<string[]>(20),
    };
}
