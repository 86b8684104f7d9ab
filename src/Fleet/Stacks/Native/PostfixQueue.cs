using System.Text.Json;

namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>Reads <c>postqueue -j</c>: one JSON object a line (postqueue(1), since Postfix 3.1).</summary>
static class PostfixQueue
{
    public static IReadOnlyList<QueuedMail> Parse(string lines) =>
    [
        .. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(One).OfType<QueuedMail>().OrderBy(mail => mail.ArrivedAt).Take(QueuedMail.ListMax),
    ];

    // A line that is cut, or of another shape, is passed over.
    static QueuedMail? One(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var recipients = root.GetProperty("recipients").EnumerateArray().ToList();
            var reason = recipients.Select(one => one.TryGetProperty("delay_reason", out var said) ? said.GetString() : null).FirstOrDefault(said => said is not null);
            return new(
                root.GetProperty("queue_id").GetString() ?? "", root.GetProperty("sender").GetString() ?? "",
                [.. recipients.Select(one => one.GetProperty("address").GetString() ?? "")],
                root.GetProperty("message_size").GetInt64(), DateTimeOffset.FromUnixTimeSeconds(root.GetProperty("arrival_time").GetInt64()), reason);
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
