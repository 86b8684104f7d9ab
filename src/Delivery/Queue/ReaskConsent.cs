using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Halts;

namespace PenguinMails.Delivery.Queue;

/// <summary>The account asks for something else where no country is known: what waits for consent is asked about again.</summary>
static class ReaskConsent
{
    public const string Kind = "delivery.reask_consent";

    public static async Task Run(ConsentPolicyChanged changed, JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await ReleaseHeld.Within(tx, [.. ConsentRule.Codes], run.Need<TimeProvider>().GetUtcNow(), ct);
        await tx.Commit(ct);
    }
}
