using System.CommandLine;
using System.Globalization;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>What DNS says of a name, by the resolver the program itself uses.</summary>
static class DnsVerb
{
    sealed record Record(string Name, string Type, int Ttl, int Preference, string Value);

    sealed record Answer(string Name, string Type, string Status, string CanonicalName, IReadOnlyList<Record> Records);

    static readonly IdnMapping Idn = new();

    public static Command Command()
    {
        var name = new Argument<string>("name") { Description = "The name; an address with the type PTR is turned round." };
        var type = new Argument<string>("type") { Description = "A, AAAA, MX, TXT, CNAME, PTR, NS, SOA, SRV, CAA or TLSA.", DefaultValueFactory = _ => "A" };
        var (resolver, json) = (Resolvers.Option(), MailInputs.Json());
        var command = new Command("dns", "Ask DNS: records, or which of the four ways there are none (nxdomain, nodata, servfail, timeout).") { name, type, resolver, json };
        command.SetAction(async (parsed, ct) => await Ask(parsed.GetValue(name) ?? "", parsed.GetValue(type) ?? "", parsed.GetValue(resolver), parsed.GetValue(json), ct));
        return command;
    }

    static async Task<int> Ask(string given, string word, string[]? resolvers, bool json, CancellationToken ct)
    {
        if (!Enum.TryParse<DnsType>(word, ignoreCase: true, out var type) || !Enum.IsDefined(type) || char.IsAsciiDigit(word[0]))
        {
            await Console.Error.WriteLineAsync($"penguin mail dns: {word} is no type it knows.");
            return 2;
        }
        var name = Name(given, type);
        var answer = await (await Resolvers.Open(resolvers, ct)).Look(name, type, ct);
        var shown = new Answer(name, word.ToUpperInvariant(), Word(answer.Status), answer.CanonicalName,
            [.. answer.Records.Select(record => new Record(record.Name, word.ToUpperInvariant(), record.TtlSeconds, record.Preference, record.Value))]);
        await Console.Out.WriteLineAsync(json ? Core.Json.Write(shown) : Text(shown));
        return answer.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut ? 1 : 0;
    }

    static string Name(string given, DnsType type)
    {
        if (type == DnsType.Ptr && System.Net.IPAddress.TryParse(given, out var address)) return ReverseName.Of(address);
        try { return System.Text.Ascii.IsValid(given) ? given : Idn.GetAscii(given); }
        catch (ArgumentException) { return given; }
    }

    static string Word(DnsStatus status) => status switch
    {
        DnsStatus.Found => "found",
        DnsStatus.NoRecords => "nodata",
        DnsStatus.NoName => "nxdomain",
        DnsStatus.ServerFailed => "servfail",
        DnsStatus.TimedOut => "timeout",
    };

    static string Text(Answer answer) => answer.Records.Count == 0
        ? $"{answer.Name} {answer.Type}: {answer.Status}"
        : string.Join('\n', answer.Records.Select(record => $"{record.Name} {record.Ttl} {record.Type} {(record.Type is "MX" or "SRV" ? $"{record.Preference} " : "")}{record.Value}"));
}
