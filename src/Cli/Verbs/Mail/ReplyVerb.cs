using System.CommandLine;
using System.Text;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>What a person wrote in an answer.</summary>
static class ReplyVerb
{
    sealed record Taken(string Path, string Reply, string? Signature, string? Quoted, bool AutoReply);

    public static Command Command()
    {
        var (paths, json) = (MailInputs.Paths(), MailInputs.Json());
        var text = new Option<bool>("--text") { Description = "The inputs are bare text, not messages." };
        var command = new Command("reply", "Take answers apart: the new text, the signature, what is quoted, and whether a machine wrote it.") { paths, json, text };
        command.SetAction((parsed, ct) =>
        {
            var isBare = parsed.GetValue(text);
            return MailInputs.Each(parsed.GetValue(paths) ?? [], parsed.GetValue(json), (input, _) => ValueTask.FromResult(isBare ? Bare(input) : Read(input)), Text, ct);
        });
        return command;
    }

    static Taken Read(MailInput input)
    {
        var reply = IncomingReply.Read(MimeReader.Read(input.Octets, new MimeLimits()));
        return Of(input, reply.Parts, reply.Kind != ReplyKind.Human);
    }

    static Taken Bare(MailInput input) => Of(input, ReplyText.Of(Encoding.UTF8.GetString(input.Octets).TrimStart('\uFEFF')), false);

    static Taken Of(MailInput input, ReplyText parts, bool isAutomatic) => new(input.Path, parts.Reply, parts.Signature, parts.Quoted, isAutomatic);

    static string Text(Taken taken) => $"{taken.Path}{(taken.AutoReply ? " (automatic)" : "")}\n{taken.Reply}\n";
}
