using PenguinMails.Delivery.Transport;

namespace PenguinMails.Modules.Tests.Delivery;

static class LedgerSteps
{
    /// <summary>True when the message may be sent.</summary>
    public static async Task<bool> Passes(this LaneLedger ledger, Claimed message) => (await ledger.Write([message], [], [])).Contains(message.Id.Value);
}
