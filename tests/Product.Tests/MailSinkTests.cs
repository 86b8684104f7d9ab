using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Product.Tests;

/// <summary><c>penguin mail sink</c> and <c>bench</c>, at each other and at our client.</summary>
public sealed partial class MailSinkTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [GeneratedRegex("Taking mail on 127.0.0.1:([0-9]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Taking();

    static async Task<(Process Process, int Port)> Sink(params string[] words)
    {
        var process = MailCommand.Start(["sink", "--port", "0", "--json", .. words]);
        var line = await process.StandardError.ReadLineAsync(Ct) ?? "";
        return (process, int.Parse(Taking().Match(line).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(0, 40, 0)]
    [InlineData(25, 30, 10)]
    [InlineData(100, 0, 40)]
    public async Task Bench_counts_what_the_sink_took_and_refused(int refusePercent, int accepted, int refused)
    {
        var (sink, port) = await Sink("--count", "40", "--refuse", $"{refusePercent}");
        using var running = sink;
        var bench = await MailCommand.Run(Ct, "bench", "--to", $"127.0.0.1:{port}", "--count", "40", "--size", "5000", "--connections", "4", "--json");
        var report = Assert.Single(bench.Json);
        Assert.Equal((accepted, refused, 0), (report.GetProperty("accepted").GetInt32(), report.GetProperty("refused").GetInt32(), report.GetProperty("lost").GetInt32()));
        Assert.Equal(refused == 0 ? 0 : 1, bench.Code);
        if (refused > 0) Assert.StartsWith("550 5.7.1", report.GetProperty("first_trouble").GetString());
        var ended = await MailCommand.End(sink, Ct);
        Assert.Equal((0, 41), (ended.Code, ended.Json.Count));
        Assert.All(ended.Json.Take(40), one => Assert.Equal(5000, one.GetProperty("size").GetInt32()));
        Assert.Equal((40, refused, 200_000), (ended.Json[40].GetProperty("messages").GetInt32(), ended.Json[40].GetProperty("refused").GetInt32(), ended.Json[40].GetProperty("octets").GetInt32()));
    }

    [Fact]
    public async Task The_sink_offers_tls_answers_late_and_tells_who_came()
    {
        var (sink, port) = await Sink("--count", "1", "--tls", "--latency", "300");
        using var running = sink;
        var opening = await SmtpConnection.Open(new SmtpClientOptions { Server = new DnsEndPoint("127.0.0.1", port), EhloName = "client.example", Tls = TlsPolicy.Opportunistic }, SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        var started = Stopwatch.GetTimestamp();
        var outcome = await connection.Send(new SmtpEnvelope(null, EmailAddress.Parse("b@far.example")), "A: b\r\n\r\n"u8.ToArray(), null, Ct);
        Assert.Equal(SmtpKind.Accepted, outcome.Kind);
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(290));
        var ended = await MailCommand.End(sink, Ct);
        var one = ended.Json[0];
        Assert.Equal((true, "client.example", "b@far.example", 250), (one.GetProperty("tls").GetBoolean(), one.GetProperty("helo").GetString(), one.GetProperty("recipients")[0].GetString(), one.GetProperty("code").GetInt32()));
    }

    [Fact]
    public async Task Bench_says_when_nobody_is_there()
    {
        var bench = await MailCommand.Run(Ct, "bench", "--to", $"127.0.0.1:{FreePorts.Take(1)[0]}", "--count", "5", "--connections", "2", "--json");
        Assert.Equal((1, 0), (bench.Code, bench.Json[0].GetProperty("accepted").GetInt32()));
        Assert.Contains("refused", bench.Json[0].GetProperty("first_trouble").GetString(), StringComparison.OrdinalIgnoreCase);
    }
}
