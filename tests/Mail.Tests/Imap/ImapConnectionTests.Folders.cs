using PenguinMails.Mail.Imap;

namespace PenguinMails.Mail.Tests.Imap;

/// <content>Names of folders, both ways.</content>
public sealed partial class ImapConnectionTests
{
    public static TheoryData<string, string, string> Folders => new()
    {
        { "* LIST (\\HasNoChildren \\Sent) \"/\" \"[Gmail]/Gesendet\"\r\n", "[Gmail]/Gesendet", "Sent" },
        { "* LIST (\\HasNoChildren) \"/\" [Gmail]/Spam\r\n", "[Gmail]/Spam", "" },
        { "* LIST (\\Marked) \".\" INBOX.Sent Items\r\n", "INBOX.Sent Items", "" },
        { "* LIST () \"/\" {5}\r\na\"b c\r\n", "a\"b c", "" },
        { "* LIST () NIL \"a\\\\b\\\"c\"\r\n", "a\\b\"c", "" },
        { "* LIST (\\Junk) \"\\\\\" &UXZO1mWHTvZZOQ-\r\n", "其他文件夹", "Junk" },
        { "* LIST () \"/\" \"A &- B\"\r\n", "A & B", "" },
        { "* LIST () \"/\" \"A & B\"\r\n", "A & B", "" },
        { "* LIST () \"/\" \"&broken\"\r\n", "&broken", "" },
        { "* list (\\spam) \"/\" Bulk\r\n", "Bulk", "Junk" },
        { "* LIST (\\NonExistent) \"/\" (x) NIL\r\n", "", "" },
        { "* LIST () \"/\" \"\"\r\n", "", "" },
    };

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Folders_are_read_as_servers_write_them(string said, string name, string use) => await Talk("", async connection =>
    {
        var first = (await connection.List(Ct)).Value is [var found, ..] ? found : null;
        Assert.Equal((name, use), (first?.Name ?? "", first?.Use ?? ""));
    }, Answer("LIST", said + "* 3 EXISTS\r\n* FLAGS (a b)\r\n$ OK x\r\n"));

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("Entwürfe", "\"Entw&APw-rfe\"")]
    [InlineData("R&D", "\"R&-D\"")]
    [InlineData("日本語/😀", "\"&ZeVnLIqe-/&2D3eAA-\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    public async Task Names_go_out_in_modified_utf7_and_come_back(string name, string said)
    {
        var heard = await Talk("", async connection => await connection.Select(name, true, null, Ct));
        Assert.EndsWith("EXAMINE " + said, heard[^1]);
        Assert.Equal(name, MailboxName.Decode(MailboxName.Encode(name)));
    }

    [Fact]
    public async Task Line_end_in_a_name_becomes_part_of_utf7_and_never_a_command()
    {
        var heard = await Talk("", async connection => await connection.Select("a\r\nA9 DELETE INBOX", false, null, Ct));
        Assert.EndsWith("SELECT \"a&AA0ACg-A9 DELETE INBOX\"", heard[^1]);
    }
}
