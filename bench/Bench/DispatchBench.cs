using System.Globalization;
using PenguinMails.Bench.Sending;
using PenguinMails.Cli;

namespace PenguinMails.Bench;

/// <summary>The whole way of a message through ledger, gate and SMTP to smtp-sink, against nodemailer with a pool of 10 to the same sink.</summary>
static class DispatchBench
{
    const int Port = 2599;

    public static async Task Run(int messages, CancellationToken ct)
    {
        using var sink = Peers.Sink(Port);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, ct);
        try
        {
            var peer = await Peers.Nodemailer(Port, messages, ct);
            await using var stage = await Stage.Open(Roles.Web, ct);
            var sendings = await Sendings.Open(stage, Port, "bench.example", signs: false, ct);
            await sendings.Send(await sendings.Fill(Sendings.WarmUp, ct), Sendings.WarmUp, [], ct);
            var ours = await sendings.Send(await sendings.Fill(messages, ct), messages, [], ct);
            Stage.Row("Processor time for each message: program, database", string.Create(CultureInfo.InvariantCulture, $"{ours.ProgramMicroseconds:F0} µs, {ours.DatabaseMicroseconds:F0} µs"), "", "", "");
            Stage.Row($"Dispatch of {messages:N0} messages of 5 KB to smtp-sink, ledger and gate included", $"{ours.PerSecond:N0}/s", $"nodemailer, pool of 10, TCP_NODELAY: {peer:N0}/s", $"{ours.PerSecond / peer:F2} times", "at least 2 times");
        }
        finally
        {
            sink.Kill();
        }
    }
}
