using System.IO.Compression;
using System.Text;

namespace PenguinMails.Product.Tests;

/// <summary><c>penguin mail bounce</c> and <c>dmarc-report</c> on what people really have at hand: forwarded bounces, zips with several reports.</summary>
public sealed class MailReportVerbTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("penguin-mail-");

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static string Samples => Path.Combine(Penguin.Root, "tests/Mail.Tests/Samples");

    public void Dispose() => _folder.Delete(recursive: true);

    string Write(string name, byte[] octets)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, octets);
        return path;
    }

    [Fact]
    public async Task A_bounce_attached_by_a_person_reads_like_the_bounce_itself()
    {
        var bounce = Path.Combine(Samples, "Peers/postfix-unknown.eml");
        var head = "From: olivia@client.example\r\nSubject: Please look\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n";
        var forwarded = Write("forwarded.eml", [.. Encoding.ASCII.GetBytes(head), .. await File.ReadAllBytesAsync(bounce, Ct), .. "\r\n--b--\r\n"u8]);
        var run = await MailCommand.Run(Ct, "bounce", bounce, forwarded, "--json");
        Assert.Equal((0, 2), (run.Code, run.Json.Count));
        Assert.Equal([false, true], run.Json.Select(one => one.GetProperty("forwarded").GetBoolean()));
        Assert.Equal(run.Json[0].GetProperty("recipients").GetRawText(), run.Json[1].GetProperty("recipients").GetRawText());
        Assert.Equal("bounce unknown@far.example 5.1.1 hard invalid_recipient", string.Join(' ', run.Json[1].GetProperty("kind").GetString(), Text("address"), Text("status"), Text("class"), Text("category")));
        string? Text(string name) => run.Json[1].GetProperty("recipients")[0].GetProperty(name).GetString();
    }

    [Fact]
    public async Task Every_report_of_a_zip_is_told_in_one_object()
    {
        using var made = new MemoryStream();
        using (var archive = new ZipArchive(made, ZipArchiveMode.Create, leaveOpen: true))
            for (var i = 1; i <= 3; i++)
            {
                await using var entry = await archive.CreateEntry($"{i}.xml").OpenAsync(Ct);
                await entry.WriteAsync(Encoding.UTF8.GetBytes($"<feedback><report_metadata><org_name>Org {i}</org_name></report_metadata><policy_published><domain>d{i}.example</domain></policy_published><record><row><source_ip>192.0.2.{i}</source_ip><count>{i}</count></row></record></feedback>"), Ct);
            }

        var run = await MailCommand.Run(Ct, "dmarc-report", Write("reports.zip", made.ToArray()), "--json");
        var report = Assert.Single(run.Json);
        Assert.Equal((0, "Org 1"), (run.Code, report.GetProperty("org_name").GetString()));
        Assert.Equal(["Org 2 2", "Org 3 3"], report.GetProperty("more").EnumerateArray().Select(one => $"{one.GetProperty("org_name").GetString()} {one.GetProperty("records")[0].GetProperty("count").GetInt32()}"));
        var text = await MailCommand.Run(Ct, "dmarc-report", Path.Combine(_folder.FullName, "reports.zip"));
        Assert.All(new[] { "Org 1", "Org 2", "Org 3" }, name => Assert.Contains(name, text.Out, StringComparison.Ordinal));
    }
}
