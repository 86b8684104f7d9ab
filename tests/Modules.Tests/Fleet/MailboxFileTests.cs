using System.Text;
using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes.Imports;

namespace PenguinMails.Modules.Tests.Fleet;

/// <summary>What is said of a file of mailboxes before anything is connected.</summary>
public sealed class MailboxFileTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static Task<Result<MailboxImport>> Upload(FleetWorld world, string text) => Upload(world, Encoding.UTF8.GetBytes(text));

    static Task<Result<MailboxImport>> Upload(FleetWorld world, byte[] bytes) => UploadMailboxImport.Handle(world.Actor, "boxes.csv", new MemoryStream(bytes), world.Db, world.Box, world.Clock, Ct);

    [Theory]
    [InlineData("", "mailbox_import.empty")]
    [InlineData("address,smtp_host\r\n", "mailbox_import.header_invalid")]
    [InlineData("address,smtp_host,smtp_password,ADDRESS\r\n", "mailbox_import.header_invalid")]
    [InlineData("Address; SMTP_Host ;smtp_password\r\n", null)]
    public async Task The_header_names_what_is_needed(string text, string? code)
    {
        await using var world = FleetWorld.Create(database);
        Assert.Equal(code, (await Upload(world, text)).Problem?.Code);
    }

    [Theory]
    [InlineData(5000, null)]
    [InlineData(5001, "mailbox_import.too_large")]
    public async Task A_file_has_at_most_5000_rows(int rows, string? code)
    {
        await using var world = FleetWorld.Create(database);
        var text = "address,smtp_host,smtp_password\r\n" + string.Concat(Enumerable.Range(0, rows).Select(i => $"m{i}@{world.Name},smtp.firm.example,x\r\n"));
        Assert.Equal(code, (await Upload(world, text)).Problem?.Code);
    }

    [Fact]
    public async Task Another_encoding_is_refused_because_it_could_change_a_password()
    {
        await using var world = FleetWorld.Create(database);
        Assert.Equal("mailbox_import.not_utf8", (await Upload(world, Encoding.Latin1.GetBytes($"address,smtp_host,smtp_password\r\nanna@{world.Name},smtp.firm.example,fünf\r\n"))).Problem?.Code);
        Assert.Equal("mailbox_import.too_large", (await Upload(world, new byte[UploadMailboxImport.BytesMax + 1])).Problem?.Code);
    }

    [Theory]
    [InlineData("smtp.firm.example,587,,,pw", null)]
    [InlineData("smtp.firm.example,,,,pw", null)]
    [InlineData("smtp.firm.example,587,SSL,,pw", null)]
    [InlineData("smtp.firm.example,587,none,,pw", "smtp_security")]
    [InlineData("smtp.firm.example,587,maybe,,pw", "smtp_security")]
    [InlineData("smtp.firm.example,many,,,pw", "smtp_port")]
    [InlineData("smtp.firm.example,70000,,,pw", "smtp_port")]
    [InlineData("not a host,587,,,pw", "smtp_host")]
    [InlineData(",587,,,pw", "smtp_host")]
    [InlineData("smtp.firm.example,587,,,", "smtp_password")]
    public async Task Each_refused_row_names_its_column(string cells, string? field)
    {
        await using var world = FleetWorld.Create(database);
        var uploaded = (await Upload(world, $"address,smtp_host,smtp_port,smtp_security,smtp_user,smtp_password\r\nanna@{world.Name},{cells}\r\n")).Value;
        Assert.Equal(field, (await ReadMailboxImport.Problems(world.Actor, uploaded.Id, world.Db, Ct)).Value.Items.SingleOrDefault()?.Field);
    }
}
