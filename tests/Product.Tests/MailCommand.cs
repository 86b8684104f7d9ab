using System.Diagnostics;
using System.Text.Json;

namespace PenguinMails.Product.Tests;

/// <summary>One run of <c>penguin mail …</c>, or another verb without an installation, as people start it.</summary>
public sealed record MailCommand(int Code, string Out, string Error)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>What was printed as JSON, one object for each line.</summary>
    public IReadOnlyList<JsonElement> Json => [.. Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    public static async Task<MailCommand> Run(CancellationToken ct, params string[] words)
    {
        using var process = Start(words);
        return await End(process, ct);
    }

    public static Process Start(params string[] words) => StartVerb("mail", words);

    /// <summary>The same for another verb that needs no installation.</summary>
    public static Process StartVerb(string verb, params string[] words)
    {
        var info = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "penguin"), [verb, .. words]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        info.Environment["PENGUIN_MAIL_PASSWORD"] = "sesame";
        return Process.Start(info) ?? throw new InvalidOperationException("penguin did not start.");
    }

    public static async Task<MailCommand> End(Process process, CancellationToken ct)
    {
        process.StandardInput.Close();
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct)).WaitAsync(Patience, ct);
        await process.WaitForExitAsync(ct);
        return new MailCommand(process.ExitCode, said[0], said[1]);
    }
}
