using System.Text.Json;
using PenguinMails.Fleet.Apis;
using PenguinMails.Fleet.Stacks.Connected;

namespace PenguinMails.Fleet.Stacks.Stalwart;

/// <summary>What the registry of Stalwart holds, as facts of a mail server.</summary>
static class StalwartFacts
{
    public const long HourMilliseconds = 3_600_000;

    const string RuleOpening = "authenticated_as == '", RuleEnd = "' && !is_empty(rcpt)";

    public sealed record Objects(List<JsonElement> Domains, List<JsonElement> Accounts, List<JsonElement> Lists, List<JsonElement> Keys, List<JsonElement> Limits);

    /// <summary>Counts recipients of one log-in, since it asks for the recipient. Addresses hold no quotes.</summary>
    public static string Rule(string address) => RuleOpening + address + RuleEnd;

    /// <summary>The address a rule of ours is for; null for others.</summary>
    public static string? Ruled(string? rule) =>
        rule is not null && rule.StartsWith(RuleOpening, StringComparison.Ordinal) && rule.EndsWith(RuleEnd, StringComparison.Ordinal) && rule.Length > RuleOpening.Length + RuleEnd.Length ? rule[RuleOpening.Length..^RuleEnd.Length] : null;

    public static StackFacts Of(Objects all, StackMarks marks)
    {
        var names = all.Domains.ToDictionary(domain => ApiJson.Id(domain) ?? "", domain => (ApiJson.Text(domain, "name") ?? "").ToLowerInvariant());
        var limits = all.Limits.Where(limit => marks.IsOurs(ApiJson.Text(limit, "description"))).Select(limit => (Address: Ruled(Rule(limit)), Limit: limit)).Where(one => one.Address is not null).ToLookup(one => one.Address ?? "", one => one.Limit);
        var mailboxes = new Dictionary<string, MailboxFact>(StringComparer.Ordinal);
        var others = new HashSet<string>(StringComparer.Ordinal);
        foreach (var account in all.Accounts)
        {
            var address = Address(account, names);
            if (ApiJson.Text(account, "@type") == "Group") others.Add(address);
            else mailboxes[address] = Mailbox(ApiJson.Id(account) ?? "", ApiJson.Part(account, "quotas") is { } quotas ? (long)(ApiJson.Decimal(quotas, "maxDiskQuota") ?? 0) : 0, [.. limits[address]], marks);
            others.UnionWith(Second(account, names));
        }

        // A limit alone is a mailbox that was about to be made.
        foreach (var limit in limits)
            if (!mailboxes.ContainsKey(limit.Key)) mailboxes[limit.Key] = Mailbox("", -1, [.. limit], marks);
        others.UnionWith(all.Lists.SelectMany(list => Second(list, names)));
        return new StackFacts(Domains(all, names), mailboxes,
            all.Lists.DistinctBy(list => Address(list, names)).ToDictionary(list => Address(list, names), list => new AliasFact(ApiJson.Id(list) ?? "", ApiJson.Text(list, "description") ?? "", Values(list, "recipients"))), others);
    }

    // Of several limits, left by an interrupted change, none tells what was set last: ours, with passwords unknown.
    static MailboxFact Mailbox(string id, long quota, List<JsonElement> limits, StackMarks marks) => new(id,
        limits.Count == 0 ? "" : limits.Count == 1 ? ApiJson.Text(limits[0], "description") ?? "" : marks.Plain,
        quota, limits is [var one] ? Hourly(one) : null, [.. limits.Select(limit => ApiJson.Id(limit) ?? "")]);

    static Dictionary<string, DomainFact> Domains(Objects all, Dictionary<string, string> names)
    {
        var keys = all.Keys.ToLookup(key => names.GetValueOrDefault(ApiJson.Text(key, "domainId") ?? "", ""));
        return all.Domains.ToDictionary(domain => names[ApiJson.Id(domain) ?? ""], domain => new DomainFact(ApiJson.Id(domain) ?? "", ApiJson.Text(domain, "description") ?? "",
            keys[names[ApiJson.Id(domain) ?? ""]].DistinctBy(key => ApiJson.Text(key, "selector") ?? "").ToDictionary(key => ApiJson.Text(key, "selector") ?? "", key => new KeyFact(ApiJson.Id(key) ?? "", StackKeys.Canonical(ApiJson.Text(key, "publicKey")))),
            Values(domain, "aliases").Count > 0));
    }

    static int? Hourly(JsonElement limit) =>
        ApiJson.Flag(limit, "enable") != false && Values(limit, "key") is ["authenticatedAs"] && ApiJson.Part(limit, "rate") is { } rate && Period(rate) ? ApiJson.Number(rate, "count") : null;

    static bool Period(JsonElement rate) => ApiJson.Decimal(rate, "period") == HourMilliseconds || ApiJson.Text(rate, "period") is "1h" or "60m" or "3600s";

    static string? Rule(JsonElement limit) => ApiJson.Part(limit, "match") is { } match && (ApiJson.Part(match, "match") is not { ValueKind: JsonValueKind.Object } cases || !cases.EnumerateObject().Any()) ? ApiJson.Text(match, "else") : null;

    static string Address(JsonElement of, Dictionary<string, string> names) => $"{ApiJson.Text(of, "name")}@{names.GetValueOrDefault(ApiJson.Text(of, "domainId") ?? "", "")}".ToLowerInvariant();

    static IEnumerable<string> Second(JsonElement of, Dictionary<string, string> names) =>
        ApiJson.Part(of, "aliases") is not { } aliases ? [] : (aliases.ValueKind == JsonValueKind.Object ? aliases.EnumerateObject().Select(one => one.Value) : aliases.ValueKind == JsonValueKind.Array ? aliases.EnumerateArray() : []).Select(alias => Address(alias, names));

    /// <summary>A set as the registry writes it ({"value": true}), or a list.</summary>
    static List<string> Values(JsonElement of, string name) => ApiJson.Part(of, name) switch
    {
        { ValueKind: JsonValueKind.Object } set => [.. set.EnumerateObject().Where(one => one.Value.ValueKind == JsonValueKind.True).Select(one => one.Name)],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString() ?? "")],
        _ => [],
    };
}
