using System.Net;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Transcripts;

/// <summary>What the client does in every dialogue, and what it learned, in words.</summary>
static class Scenarios
{
    static readonly EmailAddress Sender = EmailAddress.Parse("sender@client.example");

    /// <summary>A refused recipient, a message with dots and UTF-8, and goodbye.</summary>
    public static async Task<string> Smtp(DnsEndPoint server, CancellationToken ct)
    {
        var options = new SmtpClientOptions { Server = server, EhloName = "client.example", Tls = TlsPolicy.None, Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(20)) };
        var opening = await SmtpConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, ct);
        if (opening.Connection is not { } connection) return $"{opening.Refusal}";
        var told = new StringBuilder();
        await using (connection)
        {
            var (has, size) = (connection.Capabilities, connection.Capabilities.MessageOctetsMax);
            told.Append($"size {size}, pipelining {has.Pipelining}, dsn {has.Dsn}, chunking {has.Chunking}, utf8 {has.SmtpUtf8}, tls {has.StartTls}\n");
            foreach (var recipient in new[] { "refused@far.example", "b@far.example" })
            {
                var envelope = new SmtpEnvelope(Sender, EmailAddress.Parse(recipient)) { Dsn = new SmtpDsn(EnvelopeId: "e1") };
                var outcome = await connection.Send(envelope, Encoding.UTF8.GetBytes("Subject: x\r\nMessage-ID: <1@client.example>\r\n\r\n.one\r\nzwölf\r\n..\r\n"), null, ct);
                told.Append($"{outcome.Stage} {outcome.Kind} {outcome.Code} {outcome.EnhancedCode}\n");
            }

            told.Append($"noop {await connection.Noop(ct)}\n");
            await connection.Quit(ct);
        }

        return told.ToString();
    }

    /// <summary>Log in, list, append, select, search, fetch, store, move away, goodbye.</summary>
    public static async Task<string> Imap(DnsEndPoint server, CancellationToken ct)
    {
        var options = new ImapOptions { Server = server, Tls = TlsPolicy.None, Credentials = new SmtpCredentials("olivia", "sesame", false), Timeout = TimeSpan.FromSeconds(20) };
        var opening = await ImapConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, ct);
        if (opening.Connection is not { } connection) return $"{opening.Outcome}";
        var told = new StringBuilder();
        await using (connection)
        {
            told.Append($"folders {string.Join(", ", (await connection.List(ct)).Value?.Select(folder => folder.Name) ?? [])}\n");
            for (var i = 1; i <= 2; i++)
                told.Append($"appended {(await connection.Append("INBOX", Encoding.UTF8.GetBytes($"Subject: Brief {i}\r\nMessage-ID: <{i}@b.example>\r\n\r\nGrüße {i}\r\n)\r\n"), ["\\Flagged"], new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero), ct)).Value?.Uid}\n");
            var folder = (await connection.Select("INBOX", false, null, ct)).Value;
            told.Append($"exists {folder?.Exists}, next {folder?.UidNext}\n");
            told.Append($"found {(await connection.Search(ImapCriteria.Subject("Brief 2"), ct)).Value}\n");
            await connection.Fetch(ImapUidSet.From(1), new ImapFetch { Flags = true, Size = true, Sections = [ImapSection.Whole, ImapSection.Fields("Subject")] }, (got, _) =>
            {
                told.Append($"fetched {got.Uid} {got.Size} {string.Join(' ', got.Flags?.Where(flag => flag != "\\Recent") ?? [])} {string.Join(' ', got.Contents.Select(content => End(content.Octets)))}\n");
                return ValueTask.CompletedTask;
            }, ct);
            told.Append($"stored {(await connection.Store(ImapUidSet.Of(1), ImapStoreKind.Add, ["\\Seen"], ct)).Kind}\n");
            told.Append($"moved {(await connection.Move(ImapUidSet.Of(1), "Nowhere", ct)).Kind}\n");
            await connection.LogOut(ct);
        }

        return told.ToString();
    }

    static string End(ReadOnlyMemory<byte> octets) => Encoding.UTF8.GetString(octets.Span[Math.Max(0, octets.Length - 16)..]).Trim().ReplaceLineEndings("|");
}
