using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>How pages call the plans of DNS and their parts.</summary>
static class DnsWords
{
    public static string Title(string origin, int changes) => origin switch
    {
        "undo" => $"Undo of {Words.Count(changes, "change")}",
        "drift" => $"Repair of {Words.Count(changes, "record")}",
        _ => changes == 0 ? "Nothing to change" : $"Plan of {Words.Count(changes, "change")}",
    };

    public static string Word(string state) => state switch { "ready" => "not applied", "applying" => "being written", "stale" => "out of date", _ => state };

    public static string Action(string action) => action switch { "leave" => "right", "create" => "missing", "change" => "to change", "remove" => "to remove", _ => action };

    public static Tone ToneOf(string word) => word switch
    {
        "verified" or "leave" => Tone.Good,
        "applying" or "written" => Tone.Running,
        "failed" or "blocked" => Tone.Bad,
        "create" or "change" or "remove" or "ready" => Tone.Warn,
        _ => Tone.Quiet,
    };

    public static string Purpose(string purpose) => purpose switch
    {
        "ownership" => "Proof that the domain is yours",
        "spf" => "SPF",
        "spf_part" => "SPF, a part",
        "dkim" => "DKIM",
        "dkim_next" => "DKIM, the next key",
        "dmarc" => "DMARC",
        "return_path" => "Return path",
        "return_path_spf" => "SPF of the return path",
        "mx" => "MX",
        "tracking" => "Tracking host",
        "mta_sts" => "MTA-STS",
        "mta_sts_host" => "MTA-STS, host of the policy",
        "tls_reports" => "TLS reports",
        "autoconfig" => "Autoconfig",
        "autodiscover" => "Autodiscover",
        "bimi" => "BIMI",
        _ => Words.Plain(purpose),
    };
}
