using System.Text;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Mail.Tests.Reports;

/// <summary>DMARC reports that are no XML to the letter, but plain in what they mean.</summary>
public sealed class RoughReportTests
{
    static byte[] Seed(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Seeds", name));

    [Theory]
    [InlineData("<email>", "<email><reports@reporter.example>")]
    [InlineData("<org_name>", "<org_name>A & B ")]
    [InlineData("<org_name>", "<org_name>1 < 2 ")]
    public void Bare_brackets_and_ampersands_are_text(string from, string to)
    {
        var xml = Encoding.UTF8.GetString(Seed("dmarc/rfc9990.xml"));
        Assert.Contains(from, xml, StringComparison.Ordinal);
        var report = DmarcReader.Read(Encoding.UTF8.GetBytes(xml.Replace(from, to, StringComparison.Ordinal)))!;
        Assert.Equal("sender.example", report.Domain);
        Assert.Equal("b.example", Assert.Single(report.Records).EnvelopeTo);
        Assert.Empty(report.Errors);
    }

    [Theory]
    [InlineData("<?xml version=\"1.0\"?>\n<?xml version=\"1.0\"?>\n", "")]
    [InlineData("\uFEFF\n<?xml version=\"1.0\"?>\n", "")]
    [InlineData("<?xml version=\"1.1\"?>\n", "")]
    [InlineData("", " xsi:schemaLocation=\"a b\"")]
    public void What_stands_wrongly_around_the_root_is_passed_over(string before, string attribute)
    {
        var xml = Encoding.UTF8.GetString(Seed("dmarc/rfc9990.xml"));
        var root = xml[xml.IndexOf("<feedback", StringComparison.Ordinal)..].Replace("<feedback", "<feedback" + attribute, StringComparison.Ordinal);
        var report = DmarcReader.Read(Encoding.UTF8.GetBytes(before + root))!;
        Assert.Equal("b.example", Assert.Single(report.Records).EnvelopeTo);
    }
}
