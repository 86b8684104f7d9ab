using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Tests.Mime;

public sealed class MimeReaderTests
{
    static MimePart Read(string message) => MimeReader.Read(Encoding.Latin1.GetBytes(message), new MimeLimits());

    [Theory]
    [InlineData("=?utf-8?q?caf=C3=A9?=", "café")]
    [InlineData("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab")]                       // RFC 2047 8
    [InlineData("=?ISO-8859-1?Q?a?= b", "a b")]
    [InlineData("=?ISO-8859-1?Q?a_b?=", "a b")]
    [InlineData("=?UTF-8?B?w6k?=", "é")]
    [InlineData("=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é")]
    [InlineData("=?windows-1251?B?z/Do4uXy?=", "Привет")]
    [InlineData("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本")]
    [InlineData("=?utf-8*en?q?x?=", "x")]                                               // RFC 2231 5
    [InlineData("=?nonsense?q?x=41?=", "xA")]
    [InlineData("=?utf-8?x?abc?=", "=?utf-8?x?abc?=")]
    [InlineData("=?utf-8?q?open", "=?utf-8?q?open")]
    [InlineData("=?utf-8?q?a=0D=0ABcc:_x?=", "a  Bcc: x")]
    public void Encoded_words_decode(string header, string text) => Assert.Equal(text, Read("Subject: " + header + "\r\n\r\n").Header("Subject"));

    [Theory]
    [InlineData("text/plain; charset=iso-8859-1", "text/plain", "charset", "iso-8859-1")]
    [InlineData("TEXT/HTML; Charset=\"utf-8\" (comment; x=y)", "text/html", "charset", "utf-8")]
    [InlineData("application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "application/x-stuff", "title", "This is ***fun***")]  // RFC 2231 4
    [InlineData("message/external-body; URL*0=\"ftp://\"; URL*1=\"cs.utk.edu/pub\"", "message/external-body", "url", "ftp://cs.utk.edu/pub")]          // RFC 2231 3
    [InlineData("a/b; t*0*=us-ascii'en'This%20is%20even%20more%20; t*1*=%2A%2A%2Afun%2A%2A%2A%20; t*2=\"isn't it!\"", "a/b", "t", "This is even more ***fun*** isn't it!")]
    [InlineData("nonsense", "text/plain", "charset", null)]
    public void Types_and_parameters_parse(string header, string type, string key, string? value)
    {
        var part = Read("Content-Type: " + header + "\r\n\r\n");
        Assert.Equal((type, value), (part.MediaType, part.TypeParameters.GetValueOrDefault(key)));
    }

    [Theory]
    [InlineData("quoted-printable", "a=3Db=\r\nc=C3=A9", "a=bcé")]
    [InlineData("quoted-printable", "bad =ZZ end=", "bad =ZZ end")]
    [InlineData("base64", "w6k=\r\n", "é")]
    [InlineData("base64", "!!w6\r\nk", "é")]
    [InlineData("x-other", "as is", "as is")]
    public void Bodies_decode_as_far_as_they_can(string encoding, string body, string text) =>
        Assert.Equal(text, Read($"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}").Text());

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public void Nested_parts_are_found_with_either_line_end(string end)
    {
        var part = Read(string.Join(end,
            "Content-Type: multipart/mixed; boundary=a", "", "preamble", "--a", "Content-Type: multipart/alternative; boundary=ab", "",
            "--ab", "", "plain", "--ab", "Content-Type: text/html", "", "<p>html</p>", "--ab--", "--a", "Content-Disposition: attachment; filename=x.txt", "", "file", "--a--", "epilogue"));
        Assert.Equal(["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/plain"], part.All().Select(inner => inner.MediaType));
        Assert.Equal("plain", part.ReadableText());
        Assert.Equal("x.txt", part.Parts[1].FileName);
    }

    [Fact]
    public void Html_alone_is_read_as_words() =>
        Assert.Equal("Hi & bye\nnext", Read("Content-Type: text/html\r\n\r\n<style>p{}</style><!-- no > -->Hi &amp; bye<br/>next").ReadableText());

    [Fact]
    public void Depth_and_number_of_parts_are_bounded()
    {
        var deep = string.Concat(Enumerable.Range(0, 50).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}x\r\n\r\n--b{i}x\r\n"));
        Assert.Equal(21, Read(deep).All().Count());
        Assert.Contains(Read(deep).All(), part => part.IsCut);
        var wide = Read("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 1000)));
        Assert.Equal(500, wide.All().Count());
        Assert.True(wide.IsCut);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_octets_make_reading_throw(int seed)
    {
        var random = new Random(seed);
        var samples = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Samples"), "*.eml").Select(File.ReadAllBytes).ToList();
        for (var round = 0; round < 500; round++)
        {
            var octets = samples[random.Next(samples.Count)].ToArray();
            for (var i = 0; i < 30; i++) octets[random.Next(octets.Length)] = "\r\n=?;\"':-\0\xff"u8[random.Next(12)];
            octets = octets[random.Next(octets.Length / 2)..];
            foreach (var part in MimeReader.Read(octets, new MimeLimits()).All())
            {
                Assert.NotNull(part.Text());
                Assert.All(part.Headers, header => Assert.DoesNotContain('\n', part.Header(header.Name)!));
            }
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void What_is_written_reads_back_equal(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var subject = Words(random, " ");
            var name = Words(random, " ").Trim();
            var file = Words(random, " ");
            var text = Words(random, "\r\n") + "\r\n";
            var html = "<p>" + Words(random, "\r\n ") + "</p>\r\n";
            Assert.True(Attachment.TryCreate(HeaderText.Create(file), "application/x-test", Encoding.UTF8.GetBytes(text), out var attachment, out _));
            var written = MessageWriter.Write(new OutgoingMessage
            {
                From = new Mailbox(EmailAddress.Parse("a@example.com"), HeaderText.Create(name)),
                To = [new Mailbox(EmailAddress.Parse("b@example.com"))],
                Subject = HeaderText.Create(subject), Date = DateTimeOffset.UnixEpoch, MessageId = MessageId.Parse("1@x"), Text = text,
                Html = round % 2 == 0 ? html : null, Attachments = round % 3 == 0 ? [attachment] : [],
            });
            Assert.All(Encoding.UTF8.GetString(written).Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
            var read = MimeReader.Read(written, new MimeLimits());
            Assert.Equal((seed, round, subject), (seed, round, read.Header("Subject")));
            Assert.Equal((seed, round, text), (seed, round, read.ReadableText()));
            Assert.Contains(name, read.Header("From")!.Replace("\\", "", StringComparison.Ordinal), StringComparison.Ordinal);
            if (round % 2 == 0) Assert.Equal(html, read.All().First(part => part.MediaType == "text/html").Text());
            if (round % 3 != 0) continue;
            Assert.Equal((seed, round, file), (seed, round, read.Parts[^1].FileName));
            Assert.Equal(text, Encoding.UTF8.GetString(read.Parts[^1].Content()));
        }
    }

    static string Words(Random random, string gap)
    {
        string[] pool = ["a", "word", "é", "日本語", "🐧🐧", "=?x?=", "=", "From ", ".", "..", "--", "a;b", "'q'", "(c)", new string('x', 90), "100%", "ÿ"];
        return string.Join(gap, Enumerable.Range(0, random.Next(1, 40)).Select(_ => pool[random.Next(pool.Length)])).Replace("From  ", "From ", StringComparison.Ordinal);
    }
}
