using System.CommandLine;
using System.Net;
using System.Text.Json;
using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>May this client send for that address? One question, or many against zones of their own.</summary>
static class SpfVerb
{
    sealed record Answer(string Result, string? Explanation, string? Mechanism, int Lookups, string Domain, string Reason);

    const int LineMax = 16 * 1024 * 1024; // Characters of one case of a batch.

    public static Command Command()
    {
        var batch = new Option<bool>("--batch") { Description = "Read cases, one JSON object a line: id, ip, helo, mail_from, zone. One answer a line." };
        var file = new Argument<string>("file") { Description = "With --batch: the file with the cases; - or nothing is standard input.", Arity = ArgumentArity.ZeroOrOne };
        var ip = new Option<string>("--ip") { Description = "Address of the SMTP client." };
        var helo = new Option<string>("--helo") { Description = "What the client said in HELO or EHLO." };
        var from = new Option<string>("--from", "--mail-from") { Description = "Reverse path (MAIL FROM); leave out for a bounce." };
        var (resolver, json) = (Resolvers.Option(), MailInputs.Json());
        var command = new Command("spf", "Judge a sender by SPF (RFC 7208), with the reason.") { file, batch, ip, helo, from, resolver, json };
        command.SetAction(async (parsed, ct) => parsed.GetValue(batch)
            ? await Batch(parsed.GetValue(file) ?? "-", ct)
            : await One(parsed.GetValue(ip), parsed.GetValue(helo) ?? "", parsed.GetValue(from) ?? "", parsed.GetValue(resolver), parsed.GetValue(json), ct));
        return command;
    }

    static async Task<int> One(string? ip, string helo, string from, string[]? resolvers, bool json, CancellationToken ct)
    {
        if (!IPAddress.TryParse(ip, out var client))
        {
            await Console.Error.WriteLineAsync("penguin mail spf: --ip needs the address of the client (or use --batch).");
            return 2;
        }
        var verdict = await SpfChecker.Check(Question(client, helo, from), await Resolvers.Open(resolvers, ct), ct);
        var answer = new Answer(verdict.Result.Word(), verdict.Explanation, verdict.Mechanism, verdict.Lookups, verdict.Domain, verdict.Reason);
        await Console.Out.WriteLineAsync(json ? Core.Json.Write(answer) : $"{answer.Result}: {answer.Reason} ({answer.Lookups} lookups)");
        return 0;
    }

    public static SpfQuestion Question(IPAddress client, string helo, string from) =>
        new() { Client = client, Helo = helo, MailFrom = from is ['<', .. var inner, '>'] ? inner : from, At = TimeProvider.System.GetUtcNow() };

    static async Task<int> Batch(string path, CancellationToken ct)
    {
        var failed = 0;
        using var input = new StreamReader(GivenFile.Open(path));
        await using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 64 * 1024);
        while (await input.ReadLineAsync(ct) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            var (text, isError) = await Case(line, ct);
            if (isError) failed++;
            await output.WriteLineAsync(text.AsMemory(), ct);
        }
        return failed == 0 ? 0 : 1;
    }

    static async Task<(string Text, bool IsError)> Case(string line, CancellationToken ct)
    {
        JsonElement? id = null;
        string Error(string message) => JsonSerializer.Serialize(new { id, error = message }, Core.Json.Web);
        if (line.Length > LineMax) return (Error($"more than {LineMax} characters"), true);
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return (Error("a case is an object"), true);
            if (root.TryGetProperty("id", out var given)) id = given.Clone();
            if (!IPAddress.TryParse(Text(root, "ip"), out var client)) return (Error("ip is no address"), true);
            var zone = root.TryGetProperty("zone", out var names) ? ZoneJson.Read(names) : new MemoryZone();
            var verdict = await SpfChecker.Check(Question(client, Text(root, "helo"), Text(root, "mail_from")), zone, ct);
            var answer = new { id, result = verdict.Result.Word(), explanation = verdict.Explanation, mechanism = verdict.Mechanism, lookups = verdict.Lookups, domain = verdict.Domain, reason = verdict.Reason };
            return (JsonSerializer.Serialize(answer, Core.Json.Web), false);
        }
        catch (JsonException broken)
        {
            return (Error(broken.Message), true);
        }
    }

    static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
