namespace PenguinMails.Web.Parts;

/// <summary>What a movement means for the reader, whatever its direction on paper: a falling bounce rate is improving.</summary>
public enum Meaning { Improving, Worsening, Flat, NotEnough }

/// <summary>How something stands. Always shown as shape and word, never as colour alone.</summary>
public enum Tone { Quiet, Running, Good, Warn, Bad, Held }

/// <summary>Shape, word and class of each meaning and tone, in one place.</summary>
public static class Meanings
{
    public static string Word(this Meaning meaning) => meaning switch
    {
        Meaning.Improving => "improving",
        Meaning.Worsening => "worsening",
        Meaning.Flat => "flat",
        Meaning.NotEnough => "not enough data",
    };

    /// <summary>The character for text, CSV and titles; pages draw the same shape.</summary>
    public static string Glyph(this Meaning meaning) => meaning switch
    {
        Meaning.Improving => "▲",
        Meaning.Worsening => "▼",
        Meaning.Flat => "▬",
        Meaning.NotEnough => "○",
    };

    internal static string Class(this Meaning meaning) => meaning switch
    {
        Meaning.Improving => "is-improving",
        Meaning.Worsening => "is-worsening",
        Meaning.Flat => "is-flat",
        Meaning.NotEnough => "is-not-enough",
    };

    internal static string Shape(this Meaning meaning) => meaning switch
    {
        Meaning.Improving => "M8 3.5 13.5 12.5H2.5Z",
        Meaning.Worsening => "M8 12.5 2.5 3.5H13.5Z",
        Meaning.Flat => "M2.5 6.5H13.5V9.5H2.5Z",
        Meaning.NotEnough => "M8 3A5 5 0 1 1 8 13 5 5 0 1 1 8 3Z",
    };

    internal static string Class(this Tone tone) => tone switch
    {
        Tone.Quiet => "is-quiet",
        Tone.Running => "is-running",
        Tone.Good => "is-good",
        Tone.Warn => "is-warn",
        Tone.Bad => "is-bad",
        Tone.Held => "is-held",
    };

    internal static string Icon(this Tone tone) => tone switch
    {
        Tone.Quiet => "circle",
        Tone.Running => "running",
        Tone.Good => "check-circle",
        Tone.Warn => "alert",
        Tone.Bad => "cross-circle",
        Tone.Held => "pause-circle",
    };
}
