using System.Diagnostics;
using System.Text;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Mail.Tests.Reports;

/// <summary>Mutations of committed seeds: nothing may throw, and every pass is bounded in time.</summary>
public sealed class ReportFuzzTests(ITestOutputHelper output)
{
    const int SecondsMax = 2;
    const int RoundsMax = 400;

    void Mutate(string folder, Action<byte[]> read)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var seeds = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Seeds", folder)).Order().Select(File.ReadAllBytes).ToList();
        foreach (var one in seeds) read(one);
        var started = Stopwatch.StartNew();
        for (var round = 0; round < RoundsMax && started.Elapsed.TotalSeconds < SecondsMax; round++)
        {
            var octets = seeds[random.Next(seeds.Count)].ToList();
            for (var change = random.Next(1, 12); change > 0 && octets.Count > 4; change--)
            {
                var at = random.Next(octets.Count);
                var length = Math.Min(random.Next(1, 80), octets.Count - at);
                switch (random.Next(5))
                {
                    case 0: octets[at] = (byte)random.Next(256); break;
                    case 1: octets.RemoveRange(at, length); break;
                    case 2: octets.InsertRange(at, octets.GetRange(random.Next(octets.Count - length + 1), length)); break;
                    case 3: octets.InsertRange(at, Encoding.UTF8.GetBytes(Words[random.Next(Words.Length)])); break;
                    default: octets.RemoveRange(at, octets.Count - at); break;
                }
            }
            read([.. octets]);
        }
    }

    static readonly string[] Words = ["\r\n\r\n", "<", ">", "@", "550 5.1.1 ", "Final-Recipient: rfc822;", "On x wrote:", "\0", "<blockquote>", "</div>", "From: ", "=?utf-8?q?", "&#xFFFF;", "[[[[[[", "]]>"];

    [Fact]
    public void Reports_bear_any_octets() => Mutate("reports", octets =>
    {
        var report = IncomingReport.Read(MimeReader.Read(octets, new MimeLimits()));
        foreach (var one in report.Delivery?.Recipients ?? []) Assert.NotNull(one.Classify().Rule);
    });

    [Fact]
    public void Replies_bear_any_octets() => Mutate("replies", octets =>
    {
        var text = Encoding.UTF8.GetString(octets);
        Assert.NotNull(ReplyText.Of(text).Reply);
        Assert.NotNull(HtmlReply.Of(text).Reply);
        ReturnDate.Find(text, "Mon, 2 Mar 2026 10:00:00 +0000");
    });

    [Fact]
    public void Dmarc_reports_bear_any_octets() => Mutate("dmarc", octets => DmarcReader.Read(octets));

    [Fact]
    public void Tls_reports_bear_any_octets() => Mutate("tls", octets => TlsReport.Read(octets));

    [Theory]
    [InlineData("<div>")]
    [InlineData("</b><b>")]
    [InlineData("> ")]
    [InlineData("On 1 Jan 2026 a@b wrote ")]
    [InlineData("a@b.example\n")]
    [InlineData("Final-Recipient: rfc822; a@b.example\n")]
    [InlineData("From: a\nTo: b\n")]
    [InlineData("until 3 May ")]
    [InlineData("--\n")]
    public void Long_monotony_takes_no_long_time(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 300_000 / piece.Length));
        var started = Stopwatch.StartNew();
        Assert.NotNull(ReplyText.Of(text));
        Assert.NotNull(HtmlReply.Of(text));
        ReturnDate.Find(text, null);
        IncomingReport.Read(MimeReader.Read(Encoding.UTF8.GetBytes("From: mailer-daemon@x\nReturn-Path: <>\nSubject: failure notice\n\n" + text), new MimeLimits()));
        Assert.True(started.Elapsed.TotalSeconds < 30, $"{started.Elapsed}");
    }
}
