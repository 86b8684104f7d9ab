using System.Buffers;
using System.Globalization;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Smtp;

/// <summary>The part of a visit that is about one message: MAIL, RCPT, and DATA or BDAT.</summary>
sealed partial class SmtpSession
{
    EmailAddress? sender;
    bool hasUtf8;
    List<EmailAddress> recipients = [];
    ArrayBufferWriter<byte>? chunks;

    async ValueTask Mail(SmtpCommand command)
    {
        if (options.RequiresAuth && user is null) { Bad(530, "5.7.0", "Log in first"); return; }
        if (!command.TryPath("FROM:", out var path, out var parameters)) { Bad(501, "5.5.4", "MAIL FROM:<address>"); return; }
        hasUtf8 = false;
        foreach (var parameter in parameters)
        {
            if (parameter == "SMTPUTF8") { hasUtf8 = true; continue; }
            if (parameter is "BODY=7BIT" or "BODY=8BITMIME" || parameter.StartsWith("AUTH=", StringComparison.Ordinal)) continue;
            if (!parameter.StartsWith("SIZE=", StringComparison.Ordinal)) { Bad(555, "5.5.4", "Parameter not known"); return; }
            if (!long.TryParse(parameter.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var size)) { Bad(501, "5.5.4", "SIZE is a number"); return; }
            if (size > options.MessageOctetsMax) { wire.Reply(552, "5.3.4", "Message too large"); return; }
        }
        sender = path.Length == 0 ? null : SmtpCommand.Address(path, options.Name);
        if (path.Length > 0 && sender is null) { Bad(501, "5.1.7", "Not an address"); return; }
        if (sender?.NeedsSmtpUtf8 == true && !hasUtf8) { Bad(553, "5.6.7", "Needs SMTPUTF8"); return; }
        var answer = await Ask(() => handler.Mail(Visitor, sender, ct)).ConfigureAwait(false);
        if (answer.Code is >= 200 and < 300) state = SmtpState.HasSender;
        Say(answer);
    }

    async ValueTask Rcpt(SmtpCommand command)
    {
        if (!command.TryPath("TO:", out var path, out var parameters)) { Bad(501, "5.5.4", "RCPT TO:<address>"); return; }
        if (parameters.Length > 0) { Bad(555, "5.5.4", "Parameter not known"); return; }
        if (SmtpCommand.Address(path, options.Name) is not { } recipient) { Bad(501, "5.1.3", "Not an address"); return; }
        if (recipient.NeedsSmtpUtf8 && !hasUtf8) { Bad(553, "5.6.7", "Needs SMTPUTF8"); return; }
        if (recipients.Count >= options.RecipientsMax) { wire.Reply(452, "4.5.3", "Too many recipients"); return; }
        var answer = await Ask(() => handler.Rcpt(Visitor, recipient, ct)).ConfigureAwait(false);
        if (answer.Code is >= 200 and < 300)
        {
            recipients.Add(recipient);
            state = SmtpState.HasRecipient;
        }
        Say(answer);
    }

    async ValueTask Data(SmtpCommand command)
    {
        if (command.Argument.Length > 0) { Bad(501, "5.5.4", "DATA takes nothing"); return; }
        wire.Raw("354 End with a dot on a line of its own\r\n");
        var (fault, message) = await wire.Content().ConfigureAwait(false);
        await Conclude(fault, message).ConfigureAwait(false);
    }

    /// <summary>RFC 3030 2. A chunk that cannot be used is read all the same, or its octets would be taken for commands.</summary>
    async ValueTask Bdat(SmtpCommand command)
    {
        if (!command.TryChunk(out var octets, out var isLast))
        {
            // Nobody knows where the next command begins.
            wire.Reply(501, "5.5.4", "BDAT size [LAST]");
            isOver = true;
            return;
        }
        var isLegal = state is SmtpState.HasRecipient or SmtpState.InChunks;
        var kept = isLegal ? chunks ??= new ArrayBufferWriter<byte>() : null;
        var isTooLarge = kept is not null && kept.WrittenCount + octets > options.MessageOctetsMax;
        var fault = await wire.Chunk(octets, isTooLarge ? null : kept).ConfigureAwait(false);
        if (fault == ContentFault.None && isTooLarge) fault = ContentFault.TooLarge;
        if (fault == ContentFault.None && !isLegal) Bad(503, "5.5.1", "Not in this order");
        else if (fault == ContentFault.None && !isLast)
        {
            state = SmtpState.InChunks;
            wire.Reply(250, "2.0.0", "Go on");
        }
        else
        {
            var message = fault == ContentFault.None && kept is not null ? SmtpContent.Whole(kept.WrittenSpan, options.MessageLineOctetsMax, out fault) : [];
            await Conclude(fault, message).ConfigureAwait(false);
        }
    }

    async ValueTask Conclude(ContentFault fault, byte[] message)
    {
        switch (fault)
        {
            case ContentFault.None:
                var delivery = new SmtpDelivery(sender, recipients, message);
                Say(await Ask(() => handler.Data(Visitor, delivery, ct)).ConfigureAwait(false));
                break;
            case ContentFault.Closed: isOver = true; break;
            case ContentFault.TimedOut: wire.Reply(421, "4.4.2", "Timeout, closing"); isOver = true; break;
            case ContentFault.TooLarge: wire.Reply(552, "5.3.4", "Message too large"); break;
            case ContentFault.LineTooLong: wire.Reply(550, "5.6.0", "Line too long"); break;
            case ContentFault.BareLineEnd: wire.Reply(550, "5.5.2", "Lines end with CR LF"); break;
        }
        Forget();
    }
}
