using System.CommandLine;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>What a message says and how it is built.</summary>
static class ParseVerb
{
    sealed record Header(string Name, string Value);

    sealed record Parsed(string Path, IReadOnlyList<Header> Headers, string Text);

    public static Command Command()
    {
        var (paths, json) = (MailInputs.Paths(), MailInputs.Json());
        var command = new Command("parse", "Read messages: headers, text, parts and attachments, and what is broken in them.") { paths, json };
        command.SetAction((parsed, ct) => MailInputs.Each(parsed.GetValue(paths) ?? [], parsed.GetValue(json), (input, _) => ValueTask.FromResult(Read(input)), Text, ct));
        return command;
    }

    static Parsed Read(MailInput input)
    {
        var message = MimeReader.Read(input.Octets, new MimeLimits());
        return new Parsed(input.Path, [.. message.Headers.Select(h => new Header(h.Name, message.Header(h.Name) ?? ""))], message.ReadableText());
    }

    static string Text(Parsed parsed) => $"{parsed.Path}\n{string.Join('\n', parsed.Headers.Select(h => $"  {h.Name}: {h.Value}"))}\n\n{parsed.Text}\n";
}
