using System.Globalization;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;

namespace PenguinMails.Fleet.Stacks.Stalwart;

/// <summary>Queue and log of Stalwart, in both its ways of telling them.</summary>
static class StalwartQueue
{
    const int GetMax = 400;

    public static async Task<Result<IReadOnlyList<QueuedMail>>> Registry(StalwartRegistry registry, CancellationToken ct)
    {
        var found = await Newest(registry, "QueuedMessage", QueuedMail.ListMax, ct);
        return found.Problem is { } problem ? problem : Result<IReadOnlyList<QueuedMail>>.Of([.. found.Value.Select(FromRegistry).OrderBy(mail => mail.ArrivedAt)]);
    }

    public static async Task<Result<IReadOnlyList<string>>> RegistryLog(StalwartRegistry registry, int lines, CancellationToken ct)
    {
        var found = await Newest(registry, "Log", lines, ct);
        return found.Problem is { } problem ? problem : Result<IReadOnlyList<string>>.Of([.. found.Value.OrderBy(line => ApiJson.Text(line, "timestamp"), StringComparer.Ordinal).Select(line => Line(line, "event"))]);
    }

    static async Task<Result<List<JsonElement>>> Newest(StalwartRegistry registry, string kind, int most, CancellationToken ct)
    {
        var ids = await registry.Ids(kind, 0, most, ct);
        if (ids.Problem is { } problem) return problem;
        var found = new List<JsonElement>();
        foreach (var some in ids.Value.Take(most).Chunk(GetMax))
        {
            var objects = await registry.Get(kind, some, null, ct);
            if (objects.Problem is { } lost) return lost;
            found.AddRange(objects.Value);
        }

        return found;
    }

    static QueuedMail FromRegistry(JsonElement mail)
    {
        var recipients = ApiJson.Part(mail, "recipients") is { ValueKind: JsonValueKind.Object } map ? map.EnumerateObject().ToList() : [];
        return new QueuedMail(ApiJson.Id(mail) ?? "", ApiJson.Text(mail, "returnPath") ?? "", [.. recipients.Select(one => one.Name)], (long)(ApiJson.Decimal(mail, "size") ?? 0), Time(mail, "createdAt"),
            recipients.Select(one => ApiJson.Part(one.Value, "status") is { } status ? Reason(status) : null).FirstOrDefault(reason => reason is not null));
    }

    static string? Reason(JsonElement status) => ApiJson.Text(status, "@type") is not ("TemporaryFailure" or "PermanentFailure") ? null
        : string.Join(' ', new[] { ApiJson.Text(status, "responseHostname"), ApiJson.Id(status, "responseCode"), ApiJson.Text(status, "responseEnhanced"), ApiJson.Text(status, "responseMessage") ?? ApiJson.Text(status, "errorMessage") ?? ApiJson.Text(status, "errorType") }.Where(part => !string.IsNullOrEmpty(part)));

    /// <summary>As <c>/api/queue/messages?values=1</c> lists them; recipients stand under their domain in earlier releases.</summary>
    public static QueuedMail FromRest(JsonElement mail)
    {
        var recipients = ApiJson.List(mail, "recipients").Concat(ApiJson.List(mail, "domains").SelectMany(domain => ApiJson.List(domain, "recipients"))).ToList();
        var states = recipients.Concat(ApiJson.List(mail, "domains"));
        return new QueuedMail(ApiJson.Id(mail) ?? "", ApiJson.Text(mail, "return_path") ?? "", [.. recipients.Select(one => ApiJson.Text(one, "address") ?? "")], (long)(ApiJson.Decimal(mail, "size") ?? 0), Time(mail, "created"),
            states.Select(one => ApiJson.Part(one, "status") is { ValueKind: JsonValueKind.Object } status ? Failure(status) : null).FirstOrDefault(reason => reason is not null));
    }

    static string? Failure(JsonElement status) => status.EnumerateObject().Where(one => one.Name.Contains("fail", StringComparison.OrdinalIgnoreCase)).Select(one => one.Value.ToString()).FirstOrDefault();

    /// <summary>One line of a log entry, its time first.</summary>
    public static string Line(JsonElement entry, string name) =>
        string.Join(' ', new[] { ApiJson.Text(entry, "timestamp"), ApiJson.Text(entry, "level"), ApiJson.Text(entry, name), ApiJson.Text(entry, "details") }.Where(part => !string.IsNullOrEmpty(part)));

    static DateTimeOffset Time(JsonElement of, string name) => DateTimeOffset.TryParse(ApiJson.Text(of, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default;
}
