using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.House.Tests;
using PenguinMails.Oversight.Reports;
using PenguinMails.Oversight.Reports.Pdf;

namespace PenguinMails.Modules.Tests.Oversight.Reports;

/// <summary>The printed board page, with the real Chromium: one page, tagged, and saying what the HTML says.</summary>
public sealed partial class PdfTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_board_page_is_one_tagged_page_with_the_words_of_the_html()
    {
        var world = new ReportWorld(database);
        await world.Fill();
        var model = await world.Model((await world.Build(added: "Uptime worsened because one provider moved machines. Replies rose. We hired a designer.")).Value);
        using var printer = new PdfPrinter(ReportSettings.From(null), TimeProvider.System, NullLogger<PdfPrinter>.Instance);
        var printed = await printer.Print(model, Ct);
        Assert.True(printed.IsOk, printed.Problem?.Detail);
        var pdf = printed.Value;
        Assert.Equal(1, PdfPrinter.PageCount(pdf));
        var text = Encoding.Latin1.GetString(pdf);
        Assert.Contains("/StructTreeRoot", text, StringComparison.Ordinal);
        Assert.Contains("/Marked true", text, StringComparison.Ordinal);
        Assert.Matches(A4(), text);
        // docs/guide/images/board.png is this page: pdftoppm -r 110 -png -singlefile board.pdf board.
        var folder = Directory.CreateDirectory(Path.Combine(Tree.Root, "artifacts/reports")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "board.pdf"), pdf, Ct);
        await File.WriteAllTextAsync(Path.Combine(folder, "board.html"), ReportHtml.Document(model), Ct);
        Assert.SkipUnless(File.Exists("/usr/bin/pdftotext"), "pdftotext is not on this machine: apt-get install poppler-utils.");
        Assert.Equal(Sorted(Visible(ReportHtml.Document(model))), Sorted(await Extracted(Path.Combine(folder, "board.pdf"))));
    }

    [Fact]
    public async Task Without_a_browser_it_says_what_to_install()
    {
        var model = await Empty();
        using var printer = new PdfPrinter(new("/nowhere/chromium"), TimeProvider.System, NullLogger<PdfPrinter>.Instance);
        var refused = await printer.Print(model, Ct);
        Assert.Equal("report.pdf_missing", refused.Problem?.Code);
        Assert.Contains("PENGUIN__REPORTS__CHROMIUM", refused.Problem?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_that_fails_is_told_and_leaves_no_folder()
    {
        using var printer = new PdfPrinter(new("/bin/false"), TimeProvider.System, NullLogger<PdfPrinter>.Instance);
        Assert.Equal("report.pdf_failed", (await printer.Print(await Empty(), Ct)).Problem?.Code);
    }

    async Task<ReportModel> Empty()
    {
        var world = new ReportWorld(database);
        return await world.Model((await world.Build()).Value);
    }

    // Words in no order: columns are read in another one from a page than from its source.
    static IEnumerable<string> Sorted(string text) => Words().Matches(text).Select(word => word.Value).Order(StringComparer.Ordinal);

    static string Visible(string html) => WebUtility.HtmlDecode(Markup().Replace(Unseen().Replace(html, " "), " "));

    static async Task<string> Extracted(string path)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/pdftotext", ["-layout", path, "-"]) { RedirectStandardOutput = true }) ?? throw new InvalidOperationException();
        return await process.StandardOutput.ReadToEndAsync(Ct);
    }

    [GeneratedRegex(@"/MediaBox \[0 0 59[45](\.\d+)? 84[12]", RegexOptions.NonBacktracking)]
    private static partial Regex A4();

    [GeneratedRegex(@"[\p{L}\p{N}]+", RegexOptions.NonBacktracking)]
    private static partial Regex Words();

    [GeneratedRegex("<head>[^§]*</head>", RegexOptions.NonBacktracking)]
    private static partial Regex Unseen();

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Markup();
}
