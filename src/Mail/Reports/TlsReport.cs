using System.Text.Json;

namespace PenguinMails.Mail.Reports;

/// <summary>An SMTP TLS report (RFC 8460 4.4), as far as it could be read.</summary>
/// <param name="StartDatetime">As written, RFC 3339.</param>
/// <param name="Errors">What reading stumbled over.</param>
public sealed record TlsReport(
    string? OrganizationName, string? ContactInfo, string? ReportId, string? StartDatetime, string? EndDatetime, IReadOnlyList<TlsReportPolicy> Policies, IReadOnlyList<string> Errors)
{
    const int OctetsMax = 16 * 1024 * 1024;
    const int PoliciesMax = 10_000;
    const int FailuresMax = 100_000;

    /// <summary>Finds and reads the first TLS report in a message, JSON, gzip or zip; null when there is none.</summary>
    /// <remarks>At most 16 MB of JSON.</remarks>
    public static TlsReport? Read(ReadOnlyMemory<byte> input)
    {
        foreach (var open in ReportPayload.Find(input, PayloadKind.Json))
            if (One(open) is { } report) return report;
        return null;
    }

    static TlsReport? One(Func<Stream> open)
    {
        try
        {
            using var bounded = new BoundedStream(open(), OctetsMax);
            // Read as text first: octets that are no UTF-8 become marks instead of a refusal.
            using var text = new StreamReader(bounded, System.Text.Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
            using var document = JsonDocument.Parse(text.ReadToEnd(), new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 32 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? Report(document.RootElement) : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or InvalidDataException or IOException or NotSupportedException)
        {
            return null;
        }
    }

    static TlsReport? Report(JsonElement root)
    {
        var policies = Items(root, "policies").Take(PoliciesMax).Where(one => one.ValueKind == JsonValueKind.Object).Select(Policy).ToList();
        var (name, id) = (Text(root, "organization-name"), Text(root, "report-id"));
        if (policies.Count == 0 && (name is null || id is null)) return null;
        var range = Member(root, "date-range") ?? root;
        return new TlsReport(name, Text(root, "contact-info"), id, Text(range, "start-datetime"), Text(range, "end-datetime"), policies, policies.Count == 0 ? ["no policies"] : []);
    }

    static TlsReportPolicy Policy(JsonElement one)
    {
        var policy = Member(one, "policy") ?? one;
        var summary = Member(one, "summary") ?? one;
        var failures = Items(one, "failure-details").Take(FailuresMax).Where(failure => failure.ValueKind == JsonValueKind.Object).Select(Failure).ToList();
        return new TlsReportPolicy(
            Text(policy, "policy-type")?.ToLowerInvariant(), [.. Items(policy, "policy-string").Select(Plain).OfType<string>()], Text(policy, "policy-domain"), [.. Items(policy, "mx-host").Concat(Items(policy, "mx-host-pattern")).Select(Plain).OfType<string>()],
            Number(summary, "total-successful-session-count") ?? 0, Number(summary, "total-failure-session-count") ?? failures.Sum(failure => failure.FailedSessionCount), failures);
    }

    static TlsFailure Failure(JsonElement one) => new(
        Text(one, "result-type")?.ToLowerInvariant(), Text(one, "sending-mta-ip"), Text(one, "receiving-mx-hostname"), Text(one, "receiving-mx-helo"), Text(one, "receiving-ip"),
        Number(one, "failed-session-count") ?? 0, Text(one, "additional-information") ?? Text(one, "additional-info-uri"), Text(one, "failure-reason-code") ?? Text(one, "failure-error-code"));

    static JsonElement? Member(JsonElement from, string name)
    {
        foreach (var member in from.EnumerateObject())
            if (member.Name.Replace('_', '-').Equals(name, StringComparison.OrdinalIgnoreCase))
                return member.Value.ValueKind is JsonValueKind.Object ? member.Value : null;
        return null;
    }

    static JsonElement? Any(JsonElement from, string name)
    {
        foreach (var member in from.EnumerateObject())
            if (member.Name.Replace('_', '-').Equals(name, StringComparison.OrdinalIgnoreCase)) return member.Value;
        return null;
    }

    /// <summary>The elements of a list; a single value stands for a list of one.</summary>
    static IEnumerable<JsonElement> Items(JsonElement from, string name) => Any(from, name) is not { } value || value.ValueKind == JsonValueKind.Null
        ? []
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];

    static string? Text(JsonElement from, string name) => Any(from, name) is { } value ? Plain(value) : null;

    static string? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    static long? Number(JsonElement from, string name) =>
        long.TryParse(Text(from, name), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>How mail to one domain fared under one policy.</summary>
/// <param name="PolicyType">tlsa, sts, no-policy-found.</param>
public sealed record TlsReportPolicy(
    string? PolicyType, IReadOnlyList<string> PolicyString, string? PolicyDomain, IReadOnlyList<string> MxHost, long TotalSuccessfulSessionCount, long TotalFailureSessionCount, IReadOnlyList<TlsFailure> FailureDetails);

/// <summary>One kind of failure (RFC 8460 4.3).</summary>
public sealed record TlsFailure(
    string? ResultType, string? SendingMtaIp, string? ReceivingMxHostname, string? ReceivingMxHelo, string? ReceivingIp, long FailedSessionCount, string? AdditionalInformation, string? FailureReasonCode);
