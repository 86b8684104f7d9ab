using System.CommandLine;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>What a message says and how it is built.</summary>
static class ParseVerb
{
    sealed record Header(string Name, string Value);

    sealed record Person(string? Name, string? Address);

    sealed record File(string? Filename, string ContentType, string? ContentId, string? Disposition, long Size, string Sha256);

    sealed record Parsed(
        string Path, IReadOnlyList<Header> Headers, IReadOnlyList<Person> From, IReadOnlyList<Person> To, IReadOnlyList<Person> Cc, string? Subject, string? Date,
        string? MessageId, string? InReplyTo, IReadOnlyList<string> References, string? Text, string? Html, IReadOnlyList<File> Attachments, IReadOnlyList<PlacedPart> Parts, IReadOnlyList<MimeDefect> Defects);

    public static Command Command()
    {
        var (paths, json) = (MailInputs.Paths(), MailInputs.Json());
        var command = new Command("parse", "Read messages: headers, text, parts and attachments, and what is broken in them.") { paths, json };
        command.SetAction((parsed, ct) => MailInputs.Each(parsed.GetValue(paths) ?? [], parsed.GetValue(json), (input, _) => ValueTask.FromResult(Read(input)), Text, ct));
        return command;
    }

    static Parsed Read(MailInput input)
    {
        var message = MimeMessage.Read(input.Octets, new MimeLimits());
        return new Parsed(
            input.Path, [.. message.Root.Headers.Select(header => new Header(header.Name, EncodedWords.Decode(header.Value)))],
            Persons(message.From), Persons(message.To), Persons(message.Cc), message.Subject,
            message.Date?.ToString("yyyy-MM-dd'T'HH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture), message.MessageId, message.InReplyTo, message.References,
            message.Text, message.Html,
            [.. message.Attachments.Select(file => new File(file.FileName, file.ContentType, file.ContentId, file.Disposition, file.Size, file.Sha256))],
            message.Parts, message.Defects);
    }

    static Person[] Persons(IReadOnlyList<ListedMailbox> mailboxes) => [.. mailboxes.Select(mailbox => new Person(mailbox.Name, mailbox.Address))];

    static string Text(Parsed parsed)
    {
        var lines = new List<string> { parsed.Path };
        lines.AddRange(parsed.Headers.Select(header => $"  {header.Name}: {header.Value}"));
        lines.Add("");
        lines.Add(parsed.Text ?? parsed.Html ?? "(no text)");
        lines.AddRange(parsed.Parts.Select(part => $"  part {part.Path}: {part.ContentType}{(part.Charset is null ? "" : ", " + part.Charset)}{(part.Encoding is null ? "" : ", " + part.Encoding)}, {part.Size} octets"));
        lines.AddRange(parsed.Attachments.Select(file => $"  attached: {file.Filename ?? "(no name)"}, {file.ContentType}, {file.Size} octets, sha256 {file.Sha256}"));
        lines.AddRange(parsed.Defects.Select(defect => $"  defect: {Core.Json.Write(defect.Code).Trim('"')} at octet {defect.Offset}"));
        lines.Add("");
        return string.Join('\n', lines);
    }
}
