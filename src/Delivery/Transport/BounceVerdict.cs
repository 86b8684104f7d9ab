namespace PenguinMails.Delivery.Transport;

/// <summary>What a refusal means.</summary>
/// <param name="Class">hard, soft or block.</param>
/// <param name="SuppressesAddress">True when the address itself is at fault and must not be tried again (rules.md 4.2).</param>
public sealed record BounceVerdict(string Class, string Category, bool SuppressesAddress)
{
    /// <param name="code">SMTP reply code; 0 when unknown.</param>
    /// <param name="enhanced">RFC 3463 code such as 5.1.1.</param>
    public static BounceVerdict Of(int code, string? enhanced, string text) => enhanced switch
    {
        "5.1.1" or "5.1.2" or "5.1.3" or "5.1.10" => new("hard", "invalid_recipient", true),
        "5.2.1" => new("hard", "inactive_mailbox", true),
        "5.2.2" or "4.2.2" => new("soft", "quota", false),
        { } policy when policy.StartsWith("5.7.", StringComparison.Ordinal) => new("block", "policy", false),
        null when code == 550 && text.Contains("unknown", StringComparison.OrdinalIgnoreCase) => new("hard", "invalid_recipient", true),
        _ => new("unknown", "uncategorized", false),
    };
}
