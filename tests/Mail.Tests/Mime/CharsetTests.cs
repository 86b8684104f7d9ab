using System.Text;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Tests.Mime;

public sealed class CharsetTests
{
    static string Body(string? label, byte[] octets, string type = "text/plain")
    {
        var head = $"Content-Type: {type}{(label is null ? "" : "; charset=" + label)}\r\n\r\n";
        var message = MimeMessage.Read((byte[])[.. Encoding.ASCII.GetBytes(head), .. octets], new MimeLimits());
        return message.Text ?? message.Html ?? "";
    }

    [Theory]
    [InlineData("utf-16", "FFFE61006200", "ab")]
    [InlineData("utf-16be", "FEFF00610062", "ab")]
    [InlineData("utf-8", "C3A9", "é")]
    [InlineData("\"UTF8\"", "C3A9", "é")]
    [InlineData("iso-8859-1", "E98093", "é€“")]                        // Read as windows-1252.
    [InlineData("ISO_8859-1:1987", "E9", "é")]
    [InlineData("windows-1251", "CFF0E8E2E5F2", "Привет")]
    [InlineData("win-1251", "CFF0E8E2E5F2", "Привет")]
    [InlineData("koi8-r", "F0D2C9D7C5D4", "Привет")]
    [InlineData("KOI8-U", "F0A4", "Пє")]
    [InlineData("iso-8859-2", "B1", "ą")]
    [InlineData("iso-8859-15", "A4", "€")]
    [InlineData("windows-1256", "E3", "م")]
    [InlineData("tis-620", "A1", "ก")]
    [InlineData("iso-2022-jp", "1B2442467C4B5C1B2842", "日本")]
    [InlineData("csISO2022JP", "1B2442467C4B5C1B2842", "日本")]
    [InlineData("x-sjis", "93FA967B", "日本")]
    [InlineData("cp932", "8740", "①")]
    [InlineData("euc-jp", "C6FCCBDC", "日本")]
    [InlineData("gb2312", "C4E3BAC3", "你好")]
    [InlineData("GBK", "C4E3BAC3", "你好")]
    [InlineData("gb18030", "8130813381308134", "\u0083\u0084")]
    [InlineData("hz-gb-2312", "7E7B44633A437E7D", "你好")]
    [InlineData("big5", "A741A66E", "你好")]
    [InlineData("Big5-HKSCS", "A741A66E", "你好")]
    [InlineData("ks_c_5601-1987", "BEC8B3E7", "안녕")]
    [InlineData("euc-kr", "BEC8B3E7", "안녕")]
    [InlineData("utf-16le", "E900", "é")]
    [InlineData("unicode-1-1-utf-7", "48692B414F6B2D212B2D", "Hié!+")]
    [InlineData("utf-7", "2B5A65566E4C4971652D2E", "日本語.")]
    [InlineData(null, "C3A9", "é")]
    [InlineData(null, "636166E9", "café")]
    [InlineData("us-ascii", "C3A9", "é")]
    [InlineData("us-ascii", "636166E9", "café")]
    [InlineData("utf-8", "636166E9", "café")]                          // The label cannot be true.
    [InlineData("utf-8", "C3A9C3A9E9", "éé\ufffd")]                     // It is, but for one octet.
    [InlineData("utf-8", "EFBBBFC3A9", "é")]
    [InlineData("x-nobody-knows", "C3A9", "é")]
    [InlineData("unknown-8bit", "E9", "é")]
    public void Text_is_read_by_its_label_or_a_guess(string? label, string hex, string text) => Assert.Equal(text, Body(label, Convert.FromHexString(hex)));

    [Fact]
    public void Every_label_listed_has_a_reader()
    {
        foreach (var row in EmbeddedTable.Rows("charsets.tsv"))
        {
            Assert.Equal(CharsetFit.Good, Fit(row[0]));
            Assert.NotNull(Charsets.Legacy([0xe9, 0x41], row[0]));
        }

        static CharsetFit Fit(string label)
        {
            Charsets.Text("A"u8, label, out var fit);
            return fit;
        }
    }

    [Theory]
    [InlineData("<meta charset=windows-1251>", "CFF0E8", "При")]
    [InlineData("<META http-equiv=Content-Type content=\"text/html; charset=koi8-r\">", "F0D2C9", "При")]
    [InlineData("<meta name=x>", "E9", "é")]
    public void Html_without_a_label_is_read_by_its_own(string meta, string hex, string text) =>
        Assert.Equal(meta + text, Body(null, [.. Encoding.ASCII.GetBytes(meta), .. Convert.FromHexString(hex)], "text/html"));

    [Theory]
    [InlineData("Content-Type: text/plain; charset=windows-1251\r\n", "CFF0E8E2E5F2", "Привет")]
    [InlineData("", "CFF0E8E2E5F2", "Привет")]
    [InlineData("", "F0D2C9D7C5D4", "Привет")]
    [InlineData("", "D0BFD180", "пр")]                                  // RFC 6532
    [InlineData("", "4D81", "M\u0081")]
    [InlineData("", "4AF67267", "Jörg")]
    [InlineData("Content-Type: text/plain; charset=euc-kr\r\n", "BEC8B3E7", "안녕")]
    public void Eight_bit_subject_is_read(string header, string hex, string subject) =>
        Assert.Equal(subject, MimeReader.Read((byte[])[.. Encoding.ASCII.GetBytes(header + "Subject: "), .. Convert.FromHexString(hex), .. "\r\n\r\n"u8], new MimeLimits()).Header("Subject"));

    [Theory]
    [InlineData("=?utf-8?q?a b=C3=A9?=", "a bé")]                                           // Blanks inside.
    [InlineData("=?utf-8?B?w6 k=?=", "é")]
    [InlineData("=?utf-8?B?4pyTIOKck?= =?utf-8?B?yBvaw==?=", "✓ ✓ ok")]                   // Chopped inside a group.
    [InlineData("=?gb2312?B?xOO6?= =?gb2312?B?ww==?=", "你好")]                              // Chopped inside a character.
    [InlineData("=?iso-2022-jp?B?GyRCRnwbKEI=?=\r\n =?iso-2022-jp?B?GyRCS1wbKEI=?=", "日本")]
    [InlineData("=?utf-8?q?a?==?utf-8?q?b?=", "ab")]
    [InlineData("=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b")]
    [InlineData("x=?utf-8?q?a?=y", "xay")]
    [InlineData("=?utf-8?q?Are you there??=", "Are you there?")]
    [InlineData("\"=?utf-8?q?J=C3=B6rg?=\" <j@x.example>", "\"Jörg\" <j@x.example>")]
    [InlineData("=?UTF-8?Q?=E9?=", "é")]
    [InlineData("=?iso-8859-1?q?=80?=", "€")]
    [InlineData("=??q?a?=", "a")]
    [InlineData("=?utf-8?q??=", "")]
    [InlineData("=?utf-8?", "=?utf-8?")]
    public void Encoded_words_are_read_as_they_are_abused(string raw, string text) =>
        Assert.Equal(text, MimeReader.Read(Encoding.ASCII.GetBytes("Subject: " + raw + "\r\n\r\n"), new MimeLimits()).Header("Subject"));
}
