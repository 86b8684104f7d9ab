using PenguinMails.Core;

namespace PenguinMails.Delivery.Conversations;

/// <summary>What conversations of one language are made of: a file of <c>src/Delivery/Warmup/conversations</c>.</summary>
/// <param name="Quote">The line above quoted text, with <c>{date}</c> and <c>{peer}</c>.</param>
/// <param name="Leads">Begin an answer.</param>
/// <param name="Farewells">With <c>{me}</c> for the writer's name.</param>
/// <param name="Slots">Words for the places in braces; a conversation keeps its choice.</param>
sealed record Phrases(
    string Language, string Quote, IReadOnlyList<string> Greetings, IReadOnlyList<string> Leads, IReadOnlyList<string> Farewells, IReadOnlyDictionary<string, IReadOnlyList<string>> Slots, IReadOnlyList<Topic> Topics)
{
    /// <summary>The languages there are, as a mailbox names them.</summary>
    public static readonly IReadOnlyList<string> Languages = ["en", "de", "fr", "es"];

    static readonly Dictionary<string, Phrases> All = Languages.ToDictionary(language => language, language => EmbeddedJson.Read<Phrases>($"conversations.{language}.json"));

    /// <param name="language">One of <see cref="Languages"/>.</param>
    public static Phrases Of(string language) => All[language];
}

/// <summary>What a conversation is about: ways to begin, to answer and to end it.</summary>
sealed record Topic(IReadOnlyList<string> Subjects, IReadOnlyList<string> Openers, IReadOnlyList<string> Answers, IReadOnlyList<string> Closings);
