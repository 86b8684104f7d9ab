using Microsoft.AspNetCore.Http;
using PenguinMails.Core;

namespace PenguinMails.Secrets.Store;

/// <summary>Who reaches for a secret, why, and from where. Goes into the audit chain with each access.</summary>
/// <param name="Actor">Also names the tenant: a store reaches no other.</param>
/// <param name="Reason">3 to 300 characters in one line, for the person who reads the log.</param>
/// <param name="Source">Where the wish came from: <c>web 198.51.100.7</c>, <c>job secrets.rotate</c>, <c>cli</c>; at most 100 characters.</param>
public sealed record SecretAccess(Actor Actor, string Reason, string Source)
{
    public const int ReasonLengthMin = 3;
    public const int ReasonLengthMax = 300;
    const int SourceLengthMax = 100;

    public TenantId Tenant => Actor.Tenant;

    internal bool HasReason => Reason.Trim().Length is >= ReasonLengthMin and <= ReasonLengthMax && !Reason.Any(char.IsControl);

    internal string SourceCut => Source.Length <= SourceLengthMax ? Source : Source[..SourceLengthMax];

    /// <summary>A request: its peer's address as the trusted proxies give it.</summary>
    public static SecretAccess From(HttpContext http, Actor actor, string reason) => new(actor, reason, Of(http));

    /// <summary>The program's own work in one tenant.</summary>
    public static SecretAccess Job(TenantId tenant, string reason, string kind) => new(Actor.System(tenant), reason, "job " + kind);

    public static string Of(HttpContext http) => "web " + (http.Connection.RemoteIpAddress?.ToString() ?? "unknown");
}
