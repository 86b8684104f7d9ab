using System.CommandLine;
using System.Text;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>Whether texts are addresses, and if not, why and where.</summary>
static class AddressVerb
{
    // A line longer than this is no address; the rest of it is not read into memory twice.
    const int LineLengthMax = 1_000_000;

    sealed record Judged(string Input, bool Valid, string? Address, string? Local, string? Domain, AddressReason? Reason, int? Offset);

    public static Command Command()
    {
        var texts = new Argument<string[]>("address") { Description = "Addresses to judge; with --batch a file, or - (or nothing) for standard input.", Arity = ArgumentArity.ZeroOrMore };
        var batch = new Option<bool>("--batch") { Description = "Read one address a line and print one JSON object for each, in order." };
        var json = MailInputs.Json();
        var command = new Command("address", "Judge addresses by RFC 5321, 5322 and 6531: the wire form, or the first rule broken and its place.") { texts, batch, json };
        command.SetAction((parsed, ct) => Run(parsed.GetValue(texts) ?? [], parsed.GetValue(batch), parsed.GetValue(json), ct));
        return command;
    }

    static async Task<int> Run(string[] texts, bool batch, bool json, CancellationToken ct)
    {
        await using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 64 * 1024);
        if (batch) return await Batch(texts.Length == 0 ? ["-"] : texts, output, ct);
        if (texts.Length == 0)
        {
            await Console.Error.WriteLineAsync("penguin mail address: say which, or --batch to read them line by line.");
            return 2;
        }
        foreach (var text in texts) await output.WriteLineAsync((json ? Core.Json.Write(Judge(text)) : Sentence(AddressSpec.Read(text))).AsMemory(), ct);
        return 0;
    }

    static async Task<int> Batch(string[] paths, StreamWriter output, CancellationToken ct)
    {
        var failed = 0;
        foreach (var path in paths)
        {
            try
            {
                await using var stream = GivenFile.Open(path);
                using var reader = new StreamReader(stream, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true);
                await Lines(reader, output, ct);
            }
            catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
            {
                failed++;
                await Console.Error.WriteLineAsync($"penguin mail address: {path}: {unread.Message}");
            }
        }
        return failed == 0 ? 0 : 1;
    }

    // Only LF and CRLF end a line: a CR alone may be part of a text that is to be refused.
    static async Task Lines(StreamReader reader, StreamWriter output, CancellationToken ct)
    {
        var block = new char[16 * 1024];
        var line = new StringBuilder();
        while (await reader.ReadAsync(block, ct) is > 0 and var count)
        {
            for (var at = 0; at < count;)
            {
                var feed = block.AsSpan(at, count - at).IndexOf('\n');
                var length = feed < 0 ? count - at : feed;
                if (line.Length < LineLengthMax) line.Append(block, at, length);
                at += length + 1;
                if (feed >= 0) await Write(line, output, ct);
            }
        }
        if (line.Length > 0) await Write(line, output, ct);
    }

    static async Task Write(StringBuilder line, StreamWriter output, CancellationToken ct)
    {
        if (line.Length > 0 && line[^1] == '\r') line.Length--;
        await output.WriteLineAsync(Core.Json.Write(Judge(line.ToString())).AsMemory(), ct);
        line.Clear();
    }

    static Judged Judge(string text)
    {
        var spec = AddressSpec.Read(text);
        return spec.IsValid
            ? new Judged(text, true, spec.Address, spec.Local, spec.Domain, null, null)
            : new Judged(text, false, null, null, null, spec.Fault?.Reason, spec.Fault?.Offset);
    }

    static string Sentence(AddressSpec spec)
    {
        if (spec.Fault is { } fault) return $"{spec.Input}: no, {Core.Json.Write(fault.Reason).Trim('"').Replace('_', ' ')} at character {fault.Offset + 1}";
        var notes = new List<string>();
        if (spec.IsLiteral) notes.Add("an address literal, which few servers take");
        if (spec.IsSingleLabel) notes.Add("a domain of one label, known inside a network only");
        if (spec.Sendable is { } address)
        {
            if (address.NeedsSmtpUtf8) notes.Add("needs SMTPUTF8");
            if (AddressClasses.IsRole(address)) notes.Add("a role, not a person");
            if (AddressClasses.IsConsumer(address.Domain)) notes.Add("a private mailbox");
            if (AddressClasses.IsDisposable(address.Domain)) notes.Add("a throw-away domain");
        }
        return $"{spec.Input}: yes, {spec.Address}{(notes.Count == 0 ? "" : " (" + string.Join("; ", notes) + ")")}";
    }
}
