using System.Text.Json;

namespace PenguinMails.Delivery.Conversations;

/// <summary>The words of a message of a conversation, as the ledger keeps them in its fields.</summary>
/// <param name="Text">With <see cref="Talk.Writer"/> for the writer's name.</param>
/// <param name="References">Message-IDs without brackets of the conversation so far, oldest first.</param>
sealed record TurnFields(string Subject, string Text, IReadOnlyList<string> References)
{
    public string ToJson() => JsonSerializer.Serialize(new Dictionary<string, string> { ["subject"] = Subject, ["text"] = Text, ["references"] = string.Join(' ', References) });

    public static TurnFields Read(string json)
    {
        var fields = JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [];
        return new(fields["subject"], fields["text"], fields["references"].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
