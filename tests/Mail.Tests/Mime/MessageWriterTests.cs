using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Tests.Mime;

public sealed class MessageWriterTests
{
    static readonly OutgoingMessage Plain = new()
    {
        From = new Mailbox(EmailAddress.Parse("alice@example.com"), HeaderText.Create("Alice A.")),
        To = [new Mailbox(EmailAddress.Parse("bob@example.net"))],
        Subject = HeaderText.Create("Hello"),
        Date = new DateTimeOffset(2026, 11, 21, 3, 4, 5, TimeSpan.FromHours(-3.5)),
        MessageId = MessageId.Parse("<1@example.com>"),
        Text = "Hi Bob\nbye",
    };

    [Fact]
    public void Plain_message_is_written_so() => Assert.Equal(
        """
        From: "Alice A." <alice@example.com>
        To: bob@example.net
        Subject: Hello
        Date: Sat, 21 Nov 2026 03:04:05 -0330
        Message-ID: <1@example.com>
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 7bit

        Hi Bob
        bye

        """.ReplaceLineEndings("\r\n"), Text(Plain));

    [Fact]
    public void Alternative_message_is_written_so()
    {
        var written = Text(Plain with
        {
            Sender = Plain.From,
            ReplyTo = new Mailbox(EmailAddress.Parse("r@example.com")),
            InReplyTo = MessageId.Parse("0@example.com"),
            References = [MessageId.Parse("0@example.com")],
            Html = "<p>Hi</p>",
            ListUnsubscribe = ListUnsubscribe.Create(new Uri("https://u.example/t/1"), EmailAddress.Parse("unsub+1@example.com")),
            Headers = [ExtraHeader.Create("X-Campaign", "7")],
        });
        var boundary = written.Split("boundary=\"")[1].Split('"')[0];
        Assert.Contains("List-Unsubscribe: <https://u.example/t/1>,\r\n <mailto:unsub%2B1@example.com?subject=unsubscribe>\r\n", written, StringComparison.Ordinal);
        Assert.Contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", written, StringComparison.Ordinal);
        Assert.Contains("X-Campaign: 7\r\n", written, StringComparison.Ordinal);
        Assert.Contains("In-Reply-To: <0@example.com>\r\nReferences: <0@example.com>\r\n", written, StringComparison.Ordinal);
        Assert.EndsWith($"""
            Content-Type: multipart/alternative; boundary="{boundary}"

            --{boundary}
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 7bit

            Hi Bob
            bye

            --{boundary}
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: 7bit

            <p>Hi</p>

            --{boundary}--

            """.ReplaceLineEndings("\r\n"), written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("caf\u00e9", "=?utf-8?q?caf=C3=A9?=")]
    [InlineData("\u4f60\u597d", "=?utf-8?b?5L2g5aW9?=")]
    [InlineData("a =?x b", "=?utf-8?q?a_=3D=3Fx_b?=")]
    [InlineData(" lead", "=?utf-8?q?_lead?=")]
    [InlineData("two  blanks", "two  blanks")]
    public void Subject_is_encoded_only_when_it_must_be(string subject, string written) =>
        Assert.Contains("\r\nSubject: " + written + "\r\n", Text(Plain with { Subject = HeaderText.Create(subject) }), StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Encoded_words_end_at_75_and_keep_each_rune_whole(int seed)
    {
        var random = new Random(seed);
        string[] runes = ["a", " ", "é", "語", "🐧", "=", "?"];
        var subject = "é" + string.Concat(Enumerable.Range(0, 300).Select(_ => runes[random.Next(runes.Length)]));
        var header = Text(Plain with { Subject = HeaderText.Create(subject) }).Split("\r\nSubject: ")[1].Split("\r\nDate:")[0];
        foreach (var word in header.Split("\r\n "))
        {
            Assert.InRange(word.Length, 1, 75);
            var octets = word.Contains("?b?", StringComparison.Ordinal) ? Convert.FromBase64String(word[10..^2]) : Octets(word[10..^2]);
            _ = new UTF8Encoding(false, true).GetString(octets);
        }
    }

    [Fact]
    public void Header_lines_fold_at_78_and_unfold_to_themselves()
    {
        var subject = string.Join(' ', Enumerable.Range(0, 60).Select(i => "word" + i));
        var written = Text(Plain with { Subject = HeaderText.Create(subject), To = [.. Enumerable.Range(0, 50).Select(i => new Mailbox(EmailAddress.Parse($"person{i}@example.net")))] });
        Assert.All(written.Split("\r\n\r\n")[0].Split("\r\n"), line => Assert.InRange(line.Length, 1, 78));
        Assert.Contains("Subject: " + subject, written.Replace("\r\n ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Unbroken_header_text_beyond_900_is_encoded_to_stay_within_998()
    {
        var written = Text(Plain with { Headers = [ExtraHeader.Create("X-Long", new string('x', 1500))] });
        Assert.All(written.Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
        Assert.Contains("X-Long: =?utf-8?q?xxx", written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(998, "7bit")]   // RFC 5322 2.1.1
    [InlineData(999, "quoted-printable")]
    public void Body_lines_beyond_998_are_quoted(int length, string encoding) =>
        Assert.Contains("Content-Transfer-Encoding: " + encoding + "\r\n", Text(Plain with { Text = new string('x', length) }), StringComparison.Ordinal);

    [Theory]
    [InlineData("é", "=C3=A9")]
    [InlineData("é \n", "=C3=A9=20")]
    [InlineData("é\t\nx", "=C3=A9=09\r\nx")]
    [InlineData("a=é", "a=3D=C3=A9")]
    [InlineData("From é", "=46rom =C3=A9")]
    [InlineData(".é", "=2E=C3=A9")]
    [InlineData("\0", "=00")]
    [InlineData("\r\ré", "\r\n\r\n=C3=A9")]
    public void Quoted_printable_body(string text, string written) =>
        Assert.EndsWith("quoted-printable\r\n\r\n" + written + "\r\n", Text(Plain with { Text = text }), StringComparison.Ordinal);

    [Theory]
    [InlineData(74)]
    [InlineData(75)]
    [InlineData(76)]
    [InlineData(77)]
    [InlineData(500)]
    public void Quoted_printable_lines_end_at_76(int length)
    {
        var written = Text(Plain with { Text = new string('x', length) + "\né" + new string('é', length) });
        var lines = written.Split("\r\n\r\n")[1].Split("\r\n");
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 76));
        Assert.Equal(length <= 76 ? new string('x', length) : new string('x', 75) + "=", lines[0]);
    }

    [Theory]
    [InlineData("report.pdf", "filename=report.pdf")]
    [InlineData("my report.pdf", "filename=\"my report.pdf\"")]
    [InlineData("b\u00fccher.pdf", "filename*=utf-8''b%C3%BCcher.pdf")]   // RFC 2231 4
    public void Attachment_name_is_written_so(string name, string written)
    {
        Assert.True(Attachment.TryCreate(HeaderText.Create(name), "application/pdf", new byte[100], out var file, out _));
        var text = Text(Plain with { Attachments = [file] });
        Assert.Contains("Content-Disposition: attachment; " + written + "\r\n", text, StringComparison.Ordinal);
        Assert.Contains("multipart/mixed", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_messages_are_written_alike_and_no_octet_is_a_bare_cr_or_lf()
    {
        var message = Plain with { Html = "<p>\r\u00e9\n</p>", Text = "a\r\nb\nc\rd" };
        var written = Text(message);
        Assert.Equal(written, Text(message));
        Assert.DoesNotContain('\r', written.Replace("\r\n", "", StringComparison.Ordinal));
        Assert.DoesNotContain('\n', written.Replace("\r\n", "", StringComparison.Ordinal));
    }

    static string Text(OutgoingMessage message) => Encoding.UTF8.GetString(MessageWriter.Write(message));

    static byte[] Octets(string q)
    {
        var octets = new List<byte>();
        for (var i = 0; i < q.Length; i++)
        {
            if (q[i] == '=') { octets.Add(Convert.ToByte(q.Substring(i + 1, 2), 16)); i += 2; }
            else octets.Add(q[i] == '_' ? (byte)' ' : (byte)q[i]);
        }
        return [.. octets];
    }
}
