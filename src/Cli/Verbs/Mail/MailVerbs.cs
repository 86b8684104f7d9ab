using System.CommandLine;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>What people use to look into mail: each verb reads files, folders or standard input and needs no installation.</summary>
static class MailVerbs
{
    public static Command Command() => new("mail", "Look into mail: read, judge and send single messages, without an installation.")
    {
        ParseVerb.Command(), BounceVerb.Command(), ReplyVerb.Command(), AddressVerb.Command(), SpfVerb.Command(), AuthVerb.Command(),
        DnsVerb.Command(), DmarcReportVerb.Command(), TlsReportVerb.Command(), SendVerb.Command(), ImapVerb.Command(), SinkVerb.Command(), BenchVerb.Command(),
    };
}
