using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.WebNames;

/// <summary>Whether something is served here under a host name: what a TLS proxy asks before it gets a certificate for it. Says nothing else.</summary>
/// <remarks>Refuses with <c>web_name.unknown</c>.</remarks>
public static class AskWebName
{
    public static async Task<Result<Done>> Handle(string host, TenantDb db, CancellationToken ct)
    {
        var names = await WebName.Find(host, db, ct);
        if (names.Any(name => name.Kind == "tracking")) return default(Done);
        var isServed = names.Any(name => name.Kind == "mta_sts") && (await ReadMtaSts.Handle(host, db, ct)).IsOk;
        isServed = isServed || (names.Any(name => name.Kind == "autoconfig") && (await ReadMailSettings.Handle(host, db, ct)).IsOk);
        return isServed ? default(Done) : WebName.Unknown;
    }
}
