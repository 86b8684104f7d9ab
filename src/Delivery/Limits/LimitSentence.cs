using System.Globalization;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Delivery.Limits;

/// <summary>Why a message waits for a limit between a sending domain and a provider, or of its mailbox, in a sentence.</summary>
static class LimitSentence
{
    public static string Of(LimitFact limit)
    {
        var most = limit.Of is { } use ? string.Create(CultureInfo.InvariantCulture, $"at most {use.Most:N0} in {Stretch(use.WindowSeconds)}") : "no more for now";
        var isDefault = limit.Of?.IsDefault == true;
        if (limit.Scope == "mailbox") return $"Not now: {most} from one mailbox{(isDefault ? ", which is what its provider takes" : "")}.";
        var (domain, provider) = LimitPlace.Split(limit.Key);
        return $"Not now: {most} to {Provider.ById(provider).Name} from {domain}{(isDefault ? ", because it is still warming up" : "")}.";
    }

    static string Stretch(int seconds) => seconds switch
    {
        60 => "any minute",
        3_600 => "any hour",
        86_400 => "any 24 hours",
        _ => string.Create(CultureInfo.InvariantCulture, $"any {seconds:N0} seconds"),
    };
}
