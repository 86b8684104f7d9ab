namespace PenguinMails.Delivery.Decisions;

/// <summary>The questions asked before a message is sent, in this order. The first that says no decides.</summary>
public enum DecisionStep
{
    /// <summary>Did a person stop it: the platform, the account, the receiving provider, the campaign?</summary>
    Halted,

    /// <summary>Must this recipient never be mailed again?</summary>
    Suppressed,

    /// <summary>Does the law of the recipient's country let it go?</summary>
    Consent,

    /// <summary>Is this content held back?</summary>
    Content,

    /// <summary>Is the account's plan used up?</summary>
    Entitlement,

    /// <summary>Would receivers refuse the domain?</summary>
    DomainHealth,

    /// <summary>Can the mailbox send at all?</summary>
    MailboxHealth,

    /// <summary>Did bounces, complaints or blocks pause it?</summary>
    Guard,

    /// <summary>Did the recipient's provider ask for less?</summary>
    ProviderBackOff,

    /// <summary>Is the window open, and is there room in every limit?</summary>
    Caps,

    /// <summary>Is there room in today's warm-up budget?</summary>
    WarmUp,

    /// <summary>Nothing speaks against it.</summary>
    Send,
}

/// <summary>What a decision holds for.</summary>
public enum DecisionReach
{
    /// <summary>One message.</summary>
    Message,

    /// <summary>All of the campaign from this mailbox.</summary>
    Campaign,

    /// <summary>All of the mailbox.</summary>
    Mailbox,
}

/// <summary>May a message be sent now, and if not: why, and when will it be?</summary>
/// <param name="Code">Stable; <c>send</c> when nothing speaks against it. Listed in <c>docs/states/decision.md</c>.</param>
/// <param name="Reason">The same in a sentence, with the figures it was decided on.</param>
/// <param name="Until">When to ask again; null: somebody must act first, or never when <paramref name="IsFinal"/>.</param>
/// <param name="IsFinal">It will never be sent.</param>
public sealed record Decision(DecisionStep Step, string Code, string Reason, DateTimeOffset? Until, DecisionReach Reach, bool IsFinal = false)
{
    /// <summary>Nothing speaks against it.</summary>
    public static Decision Go { get; } = new(DecisionStep.Send, "send", "Nothing speaks against it; it is sent in its turn.", null, DecisionReach.Message);

    /// <summary>True when the message may be sent.</summary>
    public bool IsGo => Step == DecisionStep.Send;

    /// <summary>The step in the words of the API.</summary>
    public string StepWord => Word(Step);

    /// <summary>Snake case, as in the API.</summary>
    public static string Word(DecisionStep step) => step switch
    {
        DecisionStep.Halted => "halted",
        DecisionStep.Suppressed => "suppressed",
        DecisionStep.Consent => "consent",
        DecisionStep.Content => "content",
        DecisionStep.Entitlement => "entitlement",
        DecisionStep.DomainHealth => "domain_health",
        DecisionStep.MailboxHealth => "mailbox_health",
        DecisionStep.Guard => "guard",
        DecisionStep.ProviderBackOff => "provider_back_off",
        DecisionStep.Caps => "caps",
        DecisionStep.WarmUp => "warm_up",
        DecisionStep.Send => "send",
    };
}
