using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Tracking;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Smtp;
using Mailbox = PenguinMails.Mail.Addresses.Mailbox;
using MessageId = PenguinMails.Mail.Mime.MessageId;

namespace PenguinMails.Delivery.Content;

/// <summary>A stored step, compiled.</summary>
sealed record CompiledContent(Guid Id, MergeTemplate Subject, MergeTemplate? Html, MergeTemplate Text, string SenderName, string PhysicalAddress, string[] Links, bool TracksOpens, TrackingReach Reach);

/// <summary>Makes the message for one recipient from stored content and merge fields.</summary>
sealed partial class RenderMessage(Tokens tokens, DeliveryOptions options, TimeProvider clock)
{
    const int CompiledMax = 500;
    const int SpareMax = 128 * 1024; // Characters that a thread keeps room for.

    const string Select = """
        select c.id, c.subject, c.html, c.text, c.sender_name, c.physical_address,
          array(select l.url from delivery.link l where l.tenant_id = c.tenant_id and l.content_id = c.id order by l.number limit 200), c.tracks_opens, c.tracking_reach
        from delivery.content c
        where c.tenant_id = $1 and c.id = $2
        """;

    // What was rendered is written at once, so one room for each thread is enough.
    [ThreadStatic]
    static (ArrayBufferWriter<char> Texts, ArrayBufferWriter<char> Htmls)? spare;

    readonly ConcurrentDictionary<Guid, CompiledContent> _compiled = new();

    /// <exception cref="InvalidOperationException">The content is not there or does not compile: preflight would have refused it.</exception>
    public async Task<CompiledContent> Load(TenantId tenant, Guid content, TenantDb db, CancellationToken ct)
    {
        if (_compiled.TryGetValue(content, out var known)) return known;
        if (_compiled.Count >= CompiledMax) _compiled.Clear();
        await using var tx = await db.Begin(tenant, ct);
        var loaded = await tx.One(Select, Compile, ct, tenant, content);
        _compiled[content] = loaded;
        return loaded;
    }

    /// <param name="dkim">Null leaves the message unsigned: the mailbox's own server signs.</param>
    /// <param name="country">ISO 3166-1 alpha-2, or empty: decides whether the message may be tracked.</param>
    /// <param name="fields">JSON object whose values are text.</param>
    /// <param name="room">Holds the message until it is sent.</param>
    public Rendered Build(CompiledContent content, SenderFace sender, Mail.Auth.DkimKey? dkim, Messages.MessageId id, EmailAddress recipient, string country, string fields, MessageRoom room)
    {
        var token = tokens.For(id, TokenPurpose.Link);
        var values = Values(content, sender, recipient, country, token, fields);
        values[MergeTemplate.Signature] = sender.SignatureText;
        var subject = content.Subject.Render(values);
        var (texts, htmls) = spare ?? (new(), new());
        spare = null; // Whatever is thrown meanwhile, nobody gets a half of this message.
        content.Text.Render(values, texts);
        values[MergeTemplate.Signature] = sender.SignatureHtml;
        content.Html?.Render(values, htmls);
        var message = new OutgoingMessage
        {
            From = sender.From,
            To = [new Mailbox(recipient)],
            Subject = HeaderText.Create(OneLine(subject)),
            Date = clock.GetUtcNow(),
            MessageId = MessageId.Parse($"{tokens.For(id, TokenPurpose.Thread)}@{sender.From.Address.Domain.Ascii}"),
            Text = texts.WrittenMemory,
            Html = htmls.WrittenMemory,
            ListUnsubscribe = ListUnsubscribe.Create(new Uri(sender.Web + "u/" + token), sender.ReturnPathHost is { } unsubscribes ? EmailAddress.At("u-" + token, unsubscribes) : null),
        };
        var returnPath = sender.ReturnPathHost is { } bounces ? EmailAddress.At("b-" + token, bounces) : sender.From.Address;
        var rendered = Written(message, returnPath, recipient, dkim, room);
        texts.ResetWrittenCount();
        htmls.ResetWrittenCount();
        if (texts.Capacity + htmls.Capacity <= SpareMax) spare = (texts, htmls);
        return rendered;
    }

    static Rendered Written(OutgoingMessage message, EmailAddress returnPath, EmailAddress recipient, Mail.Auth.DkimKey? dkim, MessageRoom room)
    {
        MessageWriter.Write(message, room.Octets);
        var bytes = room.Octets.WrittenMemory;
        return new(new SmtpEnvelope(returnPath, recipient) { HasUtf8Headers = message.NeedsSmtpUtf8 }, dkim?.Sign(bytes, message.Date) ?? bytes, room);
    }

    static Dictionary<string, string> Values(CompiledContent content, SenderFace sender, EmailAddress recipient, string country, string token, string fields)
    {
        var values = JsonSerializer.Deserialize<Dictionary<string, string>>(fields) ?? [];
        values["email"] = recipient.Text;
        values["unsubscribe_url"] = sender.Web + "u/" + token;
        values["physical_address"] = content.PhysicalAddress;
        values["sender_name"] = content.SenderName;
        values["sender_address"] = sender.Address;
        var isTracked = content.Reach.Allows(country, recipient);
        for (var number = 0; number < content.Links.Length; number++)
            values[$"link_{number}"] = isTracked ? $"{sender.Web}c/{token}/{number}" : content.Links[number];
        if (isTracked && content.Links.Length > 0) values["trap_url"] = $"{sender.Web}c/{token}/{FollowLink.Trap}";
        if (isTracked && content.TracksOpens) values["pixel_url"] = $"{sender.Web}o/{token}.gif";
        return values;
    }

    /// <summary>What a mailbox shows of itself; good for as long as the mailbox was read for.</summary>
    public SenderFace FaceOf(Sender sender) => SenderFace.Of(sender, options.PublicWeb);

    static string OneLine(string subject) => string.Join(' ', subject.Split(['\r', '\n', '\t', '\0'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    static CompiledContent Compile(NpgsqlDataReader row) => new(row.GetGuid(0), Template(row.GetString(1), false), row.Text(2) is { } html ? Template(html, true) : null,
        Template(row.GetString(3), false), row.GetString(4), row.GetString(5), row.GetFieldValue<string[]>(6), row.GetBoolean(7), TrackingReaches.Parse(row.GetString(8)));

    // With the line ends of the wire, so that they need not be made for every message.
    static MergeTemplate Template(string source, bool isHtml) => MergeTemplate.TryCompile(
        source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\n", "\r\n", StringComparison.Ordinal), isHtml, out var template, out var fault)
        ? template
        : throw new InvalidOperationException($"Stored content does not compile: line {fault.Line}: {fault.Detail}");
}
