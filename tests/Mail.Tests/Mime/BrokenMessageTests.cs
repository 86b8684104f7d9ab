using System.Text;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Tests.Mime;

/// <summary>Mail as it should not be and is: what a person still reads, and the repair that is listed.</summary>
public sealed class BrokenMessageTests
{
    const string Alternative = "Content-Type: multipart/alternative; boundary=";

    static MimeMessage Read(string message) => MimeMessage.Read(Encoding.Latin1.GetBytes(message.Replace("\n", "\r\n", StringComparison.Ordinal)), new MimeLimits());

    static string Defects(MimeMessage message) => string.Join(' ', message.Defects.Select(defect => $"{defect.Code}@{defect.Offset}"));

    [Theory]
    [InlineData("Subject: a\n\nb", "a", "b", "")]
    [InlineData("Subject: a\nb c d\n\nmore", "a", "b c d\n\nmore", "HeaderEndMissing@12")]
    [InlineData("Subject: a\nis long\nTo: b@x.example\n\nmore", "a is long", "more", "HeaderLineInvalid@12")]
    [InlineData("X-A: a\nrubbish\nSubject: s\n\nmore", "s", "more", "HeaderLineInvalid@8")]
    [InlineData("From bob Sat Nov 21 2026\nSubject: a\n\nb", "a", "b", "MboxFromLine@0")]
    [InlineData("\nSubject: a\n\nb", "a", "b", "BlankLinesBeforeHeader@2")]
    [InlineData("\nHello: Bob, not a header\n", null, "Hello: Bob, not a header\n", "")]
    [InlineData("no header at all\nbut text", null, "no header at all\nbut text", "HeaderEndMissing@0")]
    [InlineData("\u00ef\u00bb\u00bfSubject: a\n\nb", "a", "b", "ByteOrderMark@0")]
    [InlineData("Subject : a\n\nb", "a", "b", "")]                                          // RFC 5322 4.5
    [InlineData("Subject: a\nSubject: b\n\nc", "a", "c", "HeaderDuplicate@12")]
    [InlineData("Subject: a\0b\n\nc", "a b", "c", "NullOctet@0")]
    [InlineData("Subject: a\n\tb\n\nc", "a\tb", "c", "")]                                  // RFC 5322 2.2.3: only the line end goes
    [InlineData("Subject: a\rb\n\nc", "a b", "c", "LineEndsMixed")]
    public void Header_is_found(string raw, string? subject, string text, string defects)
    {
        var message = Read(raw);
        Assert.Equal((subject, text), (message.Subject, message.Text));
        if (defects.Length > 0) Assert.Contains(defects, Defects(message), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    [InlineData("\r\r\n")]
    public void Any_line_end_will_do(string end)
    {
        var raw = string.Join(end, "Subject: a", Alternative + "b", "", "--b", "", "text", "--b", "Content-Type: text/html", "", "<b>", "--b--", "");
        var message = MimeMessage.Read(Encoding.ASCII.GetBytes(raw), new MimeLimits());
        Assert.Equal(("a", "text", "<b>"), (message.Subject, message.Text, message.Html));
        Assert.Empty(message.Defects);
    }

    [Fact]
    public void Mixed_line_ends_are_listed_once()
    {
        var message = MimeMessage.Read("Subject: a\r\nTo: b@x.example\nX-A: c\rX-B: d\r\n\r\ntext\n"u8.ToArray(), new MimeLimits());
        Assert.Equal(["Subject", "To", "X-A", "X-B"], message.Root.Headers.Select(header => header.Name));
        Assert.Equal("LineEndsMixed@27", Defects(message));
    }

    [Theory]
    [InlineData(Alternative + "b\n\n--b\n\nt\n--b\nContent-Type: text/html\n\nh\n--b--\n", "t", "h", "")]
    [InlineData(Alternative + "\"b \"\n\n--b  \n\nt\n--b\t\nContent-Type: text/html\n\nh\n--b-- \n", "t", "h", "")]          // RFC 2046 5.1.1: padding
    [InlineData(Alternative + "b\n\n--b\n\nt\n--b\nContent-Type: text/html\n\nh\n", "t", "h\n", "BoundaryNotClosed")]
    [InlineData("Content-Type: multipart/alternative\n\n--x\nContent-Type: text/plain\n\nt\n--x\nContent-Type: text/html\n\nh\n--x--\n", "t", "h", "BoundaryMissing")]
    [InlineData(Alternative + "\"\"\n\n--x\n\nt\n--x\nContent-Type: text/html\n\nh\n--x--\n", "t", "h", "BoundaryMissing")]
    [InlineData(Alternative + "y\n\npreamble\n--x\nContent-Type: text/plain\n\nt\n--x\nContent-Type: text/html\n\nh\n--x--\n", "t", "h", "BoundaryWrong")]
    [InlineData(Alternative + "y\n\nonly text\n", "only text\n", null, "BoundaryAbsent")]
    [InlineData(Alternative + "b; boundary=c\n\n--b\n\nt\n--b--\n", "t", null, "")]
    [InlineData(Alternative + "b\nThis is MIME\n--b\n\nt\n--b--\n", "t", null, "HeaderEndMissing")]
    [InlineData(Alternative + "b\n\n--b\n--b\n\nt\n--b--\nepilogue\n--b\n\nno part\n", "t", null, "")]
    [InlineData(Alternative + "b\n\n--b\nContent-Type: text/plain\nt without blank line\n--b--\n", "t without blank line", null, "HeaderEndMissing")]
    [InlineData(Alternative + "b\n\n--b\nno header, no blank line\n--b--\n", "no header, no blank line", null, "HeaderEndMissing")]
    [InlineData(Alternative + "b\nContent-Transfer-Encoding: base64\n\n--b\n\nt\n--b--\n", "t", null, "MultipartEncoded")]
    [InlineData("Content-Type: multipart/mixed; boundary=a\n\n--a\n" + Alternative + "ab\n\n--ab\n\nt\n--ab--\n--a\n\nu\n--a--\n", "t\nu", null, "")]
    [InlineData("Content-Type: multipart/mixed; boundary=ab\n\n--ab\n" + Alternative + "a\n\n--a\n\nt\n--a--\n--ab\n\nu\n--ab--\n", "t\nu", null, "")]
    [InlineData("Content-Type: multipart/mixed; boundary=a\n\n--a\n" + Alternative + "b\n\n--b\n\nt\n--a\n\nu\n--a--\n", "t\nu", null, "BoundaryNotClosed")]
    [InlineData("Content-Type: multipart/mixed; boundary=\"=_a:b?c\"\n\n--=_a:b?c\n\nt\n--=_a:b?c--\n", "t", null, "")]
    [InlineData("Content-Type: multipart/mixed boundary=a\n\n--a\n\nt\n--a--\n", "t", null, "")]
    public void Parts_are_found(string raw, string? text, string? html, string defect)
    {
        var message = Read("MIME-Version: 1.0\n" + raw);
        Assert.Equal((text, html), (message.Text, message.Html));
        Assert.Equal(defect, string.Join(' ', message.Defects.Select(found => found.Code).Distinct()));
    }

    [Theory]
    [InlineData("7bit", "Subject: in\n\nhi\n")]
    [InlineData("base64", "U3ViamVjdDogaW4NCg0KaGkNCg==\n")]
    [InlineData("quoted-printable", "Subject:=20in\n\nhi\n")]
    public void Message_inside_is_read_under_any_encoding_and_is_one_attachment(string encoding, string body)
    {
        var message = Read($"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: {encoding}\n\n{body}\n--b--\n");
        Assert.Equal("see below", message.Text);
        Assert.Equal("message/rfc822", Assert.Single(message.Attachments).ContentType);
        Assert.Equal("in", message.Root.Parts[1].Parts[0].Header("Subject"));
        Assert.Equal(["1", "1.1", "1.2", "1.2.1"], message.Parts.Select(part => part.Path));
    }

    [Fact]
    public void Named_things_and_unknown_types_are_attachments_and_uuencode_in_text_stays_text()
    {
        const string uuencoded = "begin 644 a.txt\n#0V%T\n`\nend";
        var message = Read($"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{uuencoded}\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+\n--b\nContent-Type: text/plain; name=notes.txt\n\nfile\n--b\nContent-Type: text/plain\n\nfooter\n--b--\n");
        Assert.Equal(uuencoded + "\nfooter", message.Text);
        Assert.Equal([("winmail.dat", 3L), ("notes.txt", 4L)], message.Attachments.Select(file => (file.FileName ?? "", file.Size)));
    }

    [Fact]
    public void Picture_of_an_html_is_an_inline_attachment_with_its_id_and_digest()
    {
        var message = Read("Content-Type: multipart/related; boundary=r; type=text/html\n\n--r\nContent-Type: text/html\n\n<img src=cid:p@x>\n--r\nContent-Type: image/png\nContent-ID: <p@x>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\nYWJj\n--r--\n");
        var file = Assert.Single(message.Attachments);
        Assert.Equal(("p@x", "inline", "image/png", 3L, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), (file.ContentId, file.Disposition, file.ContentType, file.Size, file.Sha256));
        Assert.Equal("<img src=cid:p@x>", message.Html);
        Assert.Null(message.Text);
    }

    [Theory]
    [InlineData("base64", "dGV4dA==\n-- \nlist footer\n", "text", "Base64Invalid")]
    [InlineData("base64", "dGV4\ndA==\n", "text", "")]
    [InlineData("base64", "dGV4dA=\n", "text", "")]
    [InlineData("base64", "dGV4dA", "text", "Base64Invalid")]
    [InlineData("base64", "dG==\ndGV4dA==\n", "ttext", "")]
    [InlineData("base64", "d#GV4%dA==", "text", "Base64Invalid")]
    [InlineData("BASE64 (comment)", "dGV4dA==", "text", "")]
    [InlineData("quoted-printable", "te=\nxt \t\n=e4=ZZ=", "text\nä=ZZ", "QuotedPrintableInvalid")]
    [InlineData("quoted-printable", "te=  \nxt", "text", "")]
    [InlineData("x-nonsense", "text", "text", "TransferEncodingUnknown")]
    [InlineData("x-uuencode", "begin 644 a\n#0V%T\n`\nend\n", "Cat", "")]
    public void Body_is_decoded_as_far_as_it_goes(string encoding, string body, string text, string defect)
    {
        var message = Read($"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: {encoding}\n\n{body}");
        Assert.Equal(text, message.Text);
        Assert.Equal(defect, string.Join(' ', message.Defects.Select(found => found.Code)));
    }

    [Theory]
    [InlineData("", "a \nb\n", "a \nb\n")]
    [InlineData("; format=flowed", "a \nb\n\n>> c \n>> d\n> e\n -- stuffed\n-- \nname \n", "a b\n\n>> c d\n> e\n-- stuffed\n-- \nname \n")]      // RFC 3676 4
    [InlineData("; format=flowed; delsp=yes", "\u00e3\u0081\u0082 \n\u00e3\u0081\u0084\n", "\u3042\u3044\n")]
    public void Flowing_lines_are_joined(string parameters, string body, string text) =>
        Assert.Equal(text, Read($"Content-Type: text/plain; charset=utf-8{parameters}\n\n{body}").Text);

    [Theory]
    [InlineData("filename=\"a b.pdf\"", "a b.pdf")]
    [InlineData("filename=a b (1).pdf", "a b (1).pdf")]
    [InlineData("filename=\"C:\\dir\\a.txt\"", "C:\\dir\\a.txt")]
    [InlineData("filename=\"a \\\"b\\\".txt\"", "a \"b\".txt")]
    [InlineData("filename=\"never closed.pdf; size=3", "never closed.pdf")]
    [InlineData("filename==?utf-8?q?caf=C3=A9.pdf?=", "café.pdf")]
    [InlineData("filename=\"=?utf-8?b?Y2Fmw6k=?= =?utf-8?b?LnBkZg==?=\"", "café.pdf")]
    [InlineData("filename=plain.pdf; filename*=utf-8''caf%C3%A9.pdf", "café.pdf")]
    [InlineData("filename*0*=iso-8859-1'fr'caf%E9; filename*1=\"-x\"; filename*2*=%2Epdf", "café-x.pdf")]
    [InlineData("filename*1=b.pdf; filename*0=a", "ab.pdf")]
    [InlineData("filename*0=\"=?utf-8?q?caf=C3\"; filename*1=\"=A9.pdf?=\"", "café.pdf")]
    [InlineData("filename=\"caf\u00e9.pdf\"", "café.pdf")]
    [InlineData("filename=\"\"", null)]
    public void File_name_is_read(string parameter, string? name) =>
        Assert.Equal(name, Read($"Content-Type: application/pdf\nContent-Disposition: attachment; {parameter}\n\nx").Attachments.Single().FileName);
}
