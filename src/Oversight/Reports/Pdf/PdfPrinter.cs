using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using PenguinMails.Core;

namespace PenguinMails.Oversight.Reports.Pdf;

/// <summary>Prints reports with Chromium: one at a time, from a file of its own, without script and without network.</summary>
/// <remarks>The document forbids script and everything fetched by its own policy; every host name leads nowhere; the environment, which may hold secrets, is not handed on. As root there is no sandbox, because Chromium has none for root.</remarks>
public sealed class PdfPrinter(ReportSettings settings, TimeProvider clock, ILogger<PdfPrinter> log) : IDisposable
{
    /// <summary>Prints that may wait while one is made.</summary>
    public const int WaitingMax = 4;

    /// <summary>Octets of a PDF.</summary>
    public const int OctetsMax = 20 * 1024 * 1024;

    const int TightnessMax = 2;
    const int WordsMax = 300;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    static readonly Problem Missing = new(ProblemKind.Unavailable, "report.pdf_missing",
        "PDFs are printed by Chromium, and there is none on this machine. Install it (apt-get install chromium) or name it in PENGUIN__REPORTS__CHROMIUM. The HTML prints on one page from any browser.");

    static readonly Problem Busy = new(ProblemKind.Unavailable, "report.pdf_busy", "Other reports are being printed. Ask again in a moment.") { RetryAfterSeconds = 10 };

    static readonly Problem Failed = new(ProblemKind.Unavailable, "report.pdf_failed", "Chromium did not print the report; the log says why. The HTML prints on one page from any browser.") { RetryAfterSeconds = 60 };

    readonly SemaphoreSlim _one = new(1, 1);
    int _waiting;

    /// <summary>A tagged PDF, A4. The board page is printed smaller until it is one page.</summary>
    public async Task<Result<byte[]>> Print(ReportModel model, CancellationToken ct)
    {
        if (settings.Chromium is not { } chromium || !File.Exists(chromium)) return Missing;
        if (Interlocked.Increment(ref _waiting) > WaitingMax + 1)
        {
            Interlocked.Decrement(ref _waiting);
            return Busy;
        }

        try
        {
            await _one.WaitAsync(ct);
            try
            {
                return await Fitted(chromium, model, ct);
            }
            finally
            {
                _one.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose() => _one.Dispose();

    async Task<Result<byte[]>> Fitted(string chromium, ReportModel model, CancellationToken ct)
    {
        for (var tightness = 0; ; tightness++)
        {
            if (await Print(chromium, ReportHtml.Document(model, tightness), ct) is not { } pdf) return Failed;
            if (model.Header.Kind != ReportKind.Board || PageCount(pdf) <= 1 || tightness == TightnessMax) return pdf;
        }
    }

    async Task<byte[]?> Print(string chromium, string html, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("penguin-report-").FullName; // Readable by this user only.
        try
        {
            var (source, target) = (Path.Combine(folder, "report.html"), Path.Combine(folder, "report.pdf"));
            await File.WriteAllTextAsync(source, html, ct);
            if (!await Run(chromium, folder, source, target, ct)) return null;
            if (new FileInfo(target) is { Exists: true, Length: > 0 and <= OctetsMax }) return await File.ReadAllBytesAsync(target, ct);
            Refused("no file, or one too large");
            return null;
        }
        finally
        {
            Remove(folder);
        }
    }

    async Task<bool> Run(string chromium, string folder, string source, string target, CancellationToken ct)
    {
        var info = new ProcessStartInfo(chromium) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var word in Words(folder, source, target)) info.ArgumentList.Add(word);
        info.Environment.Clear();
        foreach (var (name, value) in new[] { ("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", folder), ("TMPDIR", folder), ("LANG", "C.UTF-8") }) info.Environment[name] = value;
        using var patience = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            using var process = Process.Start(info) ?? throw new InvalidOperationException("No process.");
            process.StandardInput.Close();
            var said = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var rest = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            try
            {
                await process.WaitForExitAsync(both.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                ct.ThrowIfCancellationRequested();
                Refused("it took longer than 30 s");
                return false;
            }

            await rest;
            if (process.ExitCode != 0) Refused($"exit code {process.ExitCode}: {Short(await said)}");
            return process.ExitCode == 0;
        }
        catch (Win32Exception failed)
        {
            Refused(failed.Message);
            return false;
        }
    }

    static IEnumerable<string> Words(string folder, string source, string target)
    {
        yield return "--headless";
        if (Environment.IsPrivilegedProcess) yield return "--no-sandbox";
        string[] rest =
        [
            "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--no-default-browser-check",
            "--host-resolver-rules=MAP * ~NOTFOUND", $"--user-data-dir={Path.Combine(folder, "profile")}", "--no-pdf-header-footer", $"--print-to-pdf={target}", new Uri(source).AbsoluteUri,
        ];
        foreach (var word in rest) yield return word;
    }

    /// <summary>Pages of a PDF as Chromium writes them, whose page objects stand in the clear.</summary>
    internal static int PageCount(ReadOnlySpan<byte> pdf)
    {
        var count = 0;
        var mark = "/Type /Page"u8;
        while (pdf.IndexOf(mark) is var at and >= 0)
        {
            pdf = pdf[(at + mark.Length)..];
            if (pdf.IsEmpty || pdf[0] != (byte)'s') count++;
        }

        return count;
    }

    // A child of a killed browser may still write into its profile for a moment; what stays then is in the temporary folder.
    void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException left)
        {
            Refused("its folder could not be removed: " + left.Message);
        }
    }

    static string Short(string text) => text.Length <= WordsMax ? text : text[..WordsMax];

    void Refused(string why) => log.PdfRefused(why);
}
