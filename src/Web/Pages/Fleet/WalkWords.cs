using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>Words and tones of walks and their steps, whatever they lead to.</summary>
static class WalkWords
{
    public static string Word(string state) => state switch { "customer" => "waiting for you", "waiting" => "waiting", "undone" => "taken back", "undoing" => "taking back", _ => state };

    public static Tone ToneOf(string state) => state switch
    {
        "running" or "waiting" or "undoing" => Tone.Running,
        "customer" => Tone.Warn,
        "done" or "ready" => Tone.Good,
        "stopped" => Tone.Bad,
        "undone" or "cancelled" => Tone.Held,
        _ => Tone.Quiet,
    };
}
