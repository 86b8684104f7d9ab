namespace PenguinMails.Delivery.Limits;

/// <summary>How many messages may be sent in any stretch of time.</summary>
/// <param name="Scope">plan (what the account's plan includes), account, domain (the sender's), server (the mailbox's outgoing server), company (the recipient's domain; consumer mail has none),
/// provider (who receives for it), domain_provider (what one sending domain sends to one provider) or mailbox.</param>
/// <param name="Key">Of the scope, as <c>example.com/google</c> for domain_provider and <c>mbx_…</c> for mailbox, or <c>*</c>: each by itself. A limit with a key takes the place of <c>*</c> over the same stretch.</param>
/// <param name="WindowSeconds">60 to 2,678,400 (31 days). It is counted in sixtieths, each of which counts until the whole of it has left.</param>
/// <param name="Most">0 or more; never exceeded in any such stretch, whoever sends.</param>
/// <param name="Reason">3 to 500 characters. Needed for domain_provider and mailbox, where the limit takes the place of what the provider asks for.</param>
public sealed record SendLimit(string Scope, string Key, int WindowSeconds, int Most, string? Reason = null)
{
    /// <summary>Every key by itself.</summary>
    public const string Each = "*";

    /// <summary>What the account's plan includes; written by the plan, not by people.</summary>
    public const string Plan = "plan";
}
