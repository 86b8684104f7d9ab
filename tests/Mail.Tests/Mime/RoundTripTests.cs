using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Tests.Mime;

/// <summary>What is written parses back to the same message, in both forms.</summary>
public sealed class RoundTripTests
{
    static readonly string[] Words = ["a", "word", "é", "日本語", "🐧🐧", "=?x?=", "=", "From ", ".", "..", "--=_", "a;b", "'q'", "(c)", "\"d\"", "e\\f", "<g>", "h,i", "100%", "ÿ", new string('x', 120), new string('ж', 40)];

    [Theory]
    [InlineData(31, MessageForm.SevenBit)]
    [InlineData(32, MessageForm.SevenBit)]
    [InlineData(33, MessageForm.Utf8)]
    [InlineData(34, MessageForm.Utf8)]
    public void What_is_written_reads_back(int seed, MessageForm form)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var sent = Message(random, form);
            var written = MessageWriter.Write(sent, form);
            var place = $"seed {seed}, round {round}";
            Assert.All(Encoding.UTF8.GetString(written).Split("\r\n"), line => Assert.True(Encoding.UTF8.GetByteCount(line) <= 998, place));
            if (form == MessageForm.SevenBit && !sent.NeedsSmtpUtf8) Assert.True(Ascii.IsValid(written), place);
            var read = MimeMessage.Read(written, new MimeLimits());
            Assert.Equal((place, ""), (place, string.Join(' ', read.Defects)));
            Assert.Equal((place, sent.Subject.Value), (place, read.Subject));
            Assert.Equal((place, sent.Date), (place, read.Date));
            Assert.Equal((place, Squeezed(sent.From)), (place, Shown(read.From[0])));
            Assert.Equal((place, string.Join('|', sent.To.Select(Squeezed))), (place, string.Join('|', read.To.Select(Shown))));
            Assert.Equal((place, sent.Text.ToString()), (place, read.Text));
            Assert.Equal((place, sent.Html.IsEmpty ? null : sent.Html.ToString()), (place, read.Html));
            Assert.Equal((place, sent.MessageId.ToString()), (place, read.MessageId));
            Files(sent, read, place);
        }
    }

    static void Files(OutgoingMessage sent, MimeMessage read, string place)
    {
        var files = read.Attachments.Where(file => file.ContentType != "text/calendar").ToDictionary(file => Convert.ToHexString(file.Part.Content()));
        Assert.Equal((place, sent.Attachments.Count), (place, files.Count));
        foreach (var file in sent.Attachments)
        {
            var found = files[Convert.ToHexString(file.Content.Span)];
            Assert.Equal((place, file.Name.Value, file.MediaType, file.ContentId?.Value), (place, found.FileName ?? "", found.ContentType, found.ContentId));
            Assert.Equal((place, !sent.Html.IsEmpty && file.ContentId is not null ? "inline" : "attachment"), (place, found.Disposition));
        }
        var calendar = read.Attachments.SingleOrDefault(file => file.ContentType == "text/calendar");
        Assert.Equal((place, sent.Calendar?.Method), (place, calendar?.Part.TypeParameters["method"]));
        if (sent.Calendar is { } invitation) Assert.Equal(invitation.Text.ReplaceLineEndings("\r\n"), calendar?.Part.Text());
    }

    static OutgoingMessage Message(Random random, MessageForm form)
    {
        Assert.True(CalendarPart.TryCreate("request", "BEGIN:VCALENDAR\nSUMMARY:Grüße\nEND:VCALENDAR\n", out var calendar, out _));
        return new OutgoingMessage
        {
            From = Mailbox(random, form), To = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Mailbox(random, form))],
            Subject = HeaderText.Create(Text(random, " ", 30)), Date = DateTimeOffset.UnixEpoch.AddSeconds(random.Next()).ToOffset(TimeSpan.FromMinutes(random.Next(-56, 57) * 15)),
            MessageId = MessageId.Parse(random.Next() + "@x.example"), Text = Text(random, "\n", 40) + "\n",
            Html = random.Next(2) == 0 ? null : "<p>" + Text(random, "\n", 40) + "</p>\n", Calendar = random.Next(4) == 0 ? calendar : null,
            Attachments = [.. Enumerable.Range(0, random.Next(4)).Select(i => File(random, i))],
        };
    }

    static Attachment File(Random random, int number)
    {
        var content = new byte[random.Next(1, 3000)];
        random.NextBytes(content);
        Assert.True(Attachment.TryCreate(HeaderText.Create(Text(random, " ", 12).Trim()), random.Next(2) == 0 ? "image/png" : "application/x-test", content, out var file, out _));
        return random.Next(3) == 0 ? file with { ContentId = MessageId.Parse($"{number}.{random.Next()}@x.example") } : file;
    }

    static Mailbox Mailbox(Random random, MessageForm form)
    {
        var local = form == MessageForm.Utf8 && random.Next(3) == 0 ? "jörg" : random.Next(4) == 0 ? "\"a b,c\"" : "bob";
        return new Mailbox(EmailAddress.Parse($"{local}@x{random.Next(9)}.example"), random.Next(3) == 0 ? null : HeaderText.Create(Text(random, " ", 8).Trim()));
    }

    // A reader joins the blanks of a name to one.
    static string Squeezed(Mailbox mailbox) => string.Join(' ', (mailbox.Name?.Value ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)) + " " + mailbox.Address.Text;

    static string Shown(ListedMailbox mailbox) => mailbox.Name + " " + mailbox.Address;

    static string Text(Random random, string gap, int words) =>
        string.Join(gap, Enumerable.Range(0, random.Next(1, words)).Select(_ => Words[random.Next(Words.Length)])).Replace("=?x?= =?x?=", "=?x?=", StringComparison.Ordinal);
}
