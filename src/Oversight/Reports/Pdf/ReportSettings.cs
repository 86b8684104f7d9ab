using Microsoft.Extensions.Configuration;

namespace PenguinMails.Oversight.Reports.Pdf;

/// <summary>Settings of reports.</summary>
/// <param name="Chromium">The browser that prints PDFs. <c>PENGUIN__REPORTS__CHROMIUM</c>; default the first of <see cref="Usual"/> that is there; null when none is, and then there are no PDFs.</param>
public sealed record ReportSettings(string? Chromium)
{
    /// <summary>Where distributions put it.</summary>
    public static readonly IReadOnlyList<string> Usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    public static ReportSettings From(IConfiguration? configuration) => new(configuration?["Reports:Chromium"] is { Length: > 0 } given ? given : Usual.FirstOrDefault(File.Exists));
}
