using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PenguinMails.Fleet.Apis;
using PenguinMails.Fleet.Stacks.Connected;

namespace PenguinMails.Fleet.Stacks.Stalwart;

/// <summary>What Stalwart up to 0.15 holds, as facts of a mail server: principals, and settings by their names.</summary>
static class StalwartRestFacts
{
    const string Limits = "queue.limiter.inbound.", Signatures = "signature.rsa-";

    /// <summary>The name of a mailbox's limit: whose it is, which mailbox, and which passwords were set. Letters, digits and dashes only, so that it is one part of a setting's name.</summary>
    public static string LimitId(string address, IEnumerable<string> passwords, StackMarks marks) => $"{marks.Owner}-{Short(address)}-{marks.Digest(address, passwords)}";

    public static StackFacts Of(List<JsonElement> principals, Dictionary<string, string> settings, StackMarks marks)
    {
        var limits = OurLimits(settings, marks);
        var mailboxes = new Dictionary<string, MailboxFact>(StringComparer.Ordinal);
        var (aliases, others) = (new Dictionary<string, AliasFact>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var one in principals)
        {
            var (type, name, emails) = (ApiJson.Text(one, "type"), ApiJson.Text(one, "name") ?? "", Texts(one, "emails"));
            var first = emails.Count > 0 ? emails[0] : name.ToLowerInvariant();
            if (type == "individual") mailboxes[first] = Mailbox(name, (long)(ApiJson.Decimal(one, "quota") ?? 0), first, limits, settings, marks);
            else if (type == "list") aliases[first] = new AliasFact(name, ApiJson.Text(one, "description") ?? "", [.. Texts(one, "externalMembers").Concat(Texts(one, "members"))]);
            else if (type == "group") others.Add(first);
            else continue;
            others.UnionWith(emails.Skip(1));
        }

        foreach (var address in limits.Select(limit => limit.Key).Where(address => !mailboxes.ContainsKey(address)).ToList()) mailboxes[address] = Mailbox("", -1, address, limits, settings, marks);
        return new StackFacts(principals.Where(one => ApiJson.Text(one, "type") == "domain").ToDictionary(one => (ApiJson.Text(one, "name") ?? "").ToLowerInvariant(), one => Domain(one, settings)), mailboxes, aliases, others);
    }

    static ILookup<string, string> OurLimits(Dictionary<string, string> settings, StackMarks marks) => settings.Keys
        .Where(key => key.StartsWith(Limits + marks.Owner + "-", StringComparison.Ordinal) && key.EndsWith(".match", StringComparison.Ordinal))
        .Select(key => (Id: key[Limits.Length..^".match".Length], Address: StalwartFacts.Ruled(settings[key])))
        .Where(one => one.Address is not null && one.Id.StartsWith($"{marks.Owner}-{Short(one.Address)}-", StringComparison.Ordinal)).ToLookup(one => one.Address ?? "", one => one.Id);

    static MailboxFact Mailbox(string name, long quota, string address, ILookup<string, string> limits, Dictionary<string, string> settings, StackMarks marks)
    {
        string[] ids = [.. limits[address].Order(StringComparer.Ordinal)];
        // Of several, left by an interrupted change, none tells which passwords were set last.
        var mark = ids.Length == 0 ? "" : ids.Length == 1 ? marks.Plain[..^1] + $" {ids[0][(ids[0].LastIndexOf('-') + 1)..]})" : marks.Plain;
        return new MailboxFact(name, mark, quota, ids is [var id] ? Hourly(Limits + id + ".", settings) : null, ids);
    }

    static int? Hourly(string prefix, Dictionary<string, string> settings) =>
        settings.GetValueOrDefault(prefix + "enable") == "true" && settings.GetValueOrDefault(prefix + "key") == "authenticated_as" && settings.GetValueOrDefault(prefix + "rate")?.Split('/') is [var count, "1h"]
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var hourly) ? hourly : null;

    static DomainFact Domain(JsonElement one, Dictionary<string, string> settings)
    {
        var name = (ApiJson.Text(one, "name") ?? "").ToLowerInvariant();
        var keys = new Dictionary<string, KeyFact>();
        if (settings.GetValueOrDefault($"{Signatures}{name}.private-key") is { } pem) keys[settings.GetValueOrDefault($"{Signatures}{name}.selector", "")] = new KeyFact($"rsa-{name}", Public(pem));
        return new DomainFact(name, ApiJson.Text(one, "description") ?? "", keys, settings.ContainsKey($"signature.ed25519-{name}.private-key"));
    }

    // A private key may also be named by a file or an environment variable, which tells nothing.
    static string Public(string pem)
    {
        try
        {
            return StackKeys.Public(new("x", pem));
        }
        catch (Exception foreign) when (foreign is ArgumentException or CryptographicException)
        {
            return "";
        }
    }

    static List<string> Texts(JsonElement of, string name) => ApiJson.Part(of, name) switch
    {
        { ValueKind: JsonValueKind.String } one => [(one.GetString() ?? "").ToLowerInvariant()],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => (one.GetString() ?? "").ToLowerInvariant())],
        _ => [],
    };

    static string Short(string? address) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address ?? "")))[..16];
}
