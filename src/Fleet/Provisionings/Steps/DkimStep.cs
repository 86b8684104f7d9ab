using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.Provisionings.Steps;

/// <summary>What DNS shows is the key mail is signed with, and SPF, DMARC and the return path are right.</summary>
static class DkimStep
{
    public static async Task<StepOutcome> Run(StepDesk desk, CancellationToken ct)
    {
        await desk.Seen("Asking DNS for the signing key, SPF, DMARC and the return path");
        var looked = await CheckDomain.Handle(desk.Actor, desk.Domain, desk.Db, desk.Tools.Dns.Dns, desk.Clock, ct);
        if (looked.Problem is { } refused) return StepOutcome.Of(refused);
        var wrong = looked.Value.Records.FirstOrDefault(record => record is { IsRequired: true, State: not "ok" });
        return wrong is null
            ? StepOutcome.Done($"DNS shows the key {looked.Value.Domain.DkimSelector}; SPF, DMARC and the return path are right.")
            : StepOutcome.Waiting(wrong.Detail, desk.Patience);
    }
}
