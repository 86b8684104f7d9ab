using System.Diagnostics;
using System.Text;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Bench;

/// <summary>Bounces read and classified on one core, over the forms and samples the tests use.</summary>
static class BounceBench
{
    const double SecondsMin = 3;

    /// <param name="samples">The folder tests/Mail.Tests/Samples.</param>
    public static void Run(string samples)
    {
        var messages = Directory.GetFiles(samples, "*.eml").Select(File.ReadAllBytes)
            .Concat(File.ReadAllText(Path.Combine(samples, "Bounces", "forms.txt")).Split("=== ", StringSplitOptions.RemoveEmptyEntries)
                .Select(block => Encoding.UTF8.GetBytes(block[(block.IndexOf('\n', StringComparison.Ordinal) + 1)..]))).ToList();
        var octets = messages.Average(message => message.Length);
        for (var i = 0; i < 5; i++) Pass(messages);
        var started = Stopwatch.GetTimestamp();
        var (count, verdicts) = (0, 0);
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < SecondsMin)
        {
            verdicts += Pass(messages);
            count += messages.Count;
        }

        var rate = count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        Stage.Row($"Bounces read and classified, one core ({messages.Count} forms, {octets / 1024:F1} KB on average, {verdicts / Math.Max(1, count / messages.Count)} verdicts each round)", $"{rate:F0}/s", "", "", "at least 3,000/s");
    }

    static int Pass(List<byte[]> messages)
    {
        var verdicts = 0;
        foreach (var message in messages)
            if (IncomingReport.Read(MimeReader.Read(message, new MimeLimits())).Delivery is { } report)
                foreach (var recipient in report.Recipients)
                    if (recipient.Classify().Class != BounceClass.Unknown) verdicts++;
        return verdicts;
    }
}
