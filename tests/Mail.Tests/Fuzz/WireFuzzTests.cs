using System.Net;
using System.Net.Sockets;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;
using PenguinMails.Mail.Tests.Smtp;
using PenguinMails.Mail.Tests.Transcripts;

namespace PenguinMails.Mail.Tests.Fuzz;

/// <summary>The fuzz entry points of what comes over a wire: whole conversations with changed octets in them must end in a verdict, in time.</summary>
public sealed class WireFuzzTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static async Task Each(string parser, int seed, int rounds, Func<byte[], Task> read)
    {
        foreach (var sample in Mutations.Samples(parser, new Random(seed), rounds))
        {
            try
            {
                await read(sample).WaitAsync(Patience, Ct);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !Ct.IsCancellationRequested)
            {
                throw new InvalidOperationException($"{parser}: seed {seed}, input {Convert.ToBase64String(sample)}", failure);
            }
        }
    }

    static Task Each(string parser, int seed, int rounds, Action<byte[]> read) => Each(parser, seed, rounds, sample =>
    {
        read(sample);
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData(5001)]
    [InlineData(5002)]
    public async Task The_smtp_server_answers_any_octets_in_lines_and_ends(int seed)
    {
        var (faults, broken) = (0, 0);
        var options = new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.example.net"), MessageOctetsMax = 400, AllowsClearAuth = true };
        await using var server = SmtpServer.Start(options, new SmtpHandler
        {
            Auth = (_, _, _, _) => ValueTask.FromResult(new SmtpAnswer(535, "5.7.8", "No")),
            Data = (_, delivery, _) =>
            {
                var bare = Encoding.Latin1.GetString(delivery.Message.Span).Replace("\r\n", "", StringComparison.Ordinal);
                if (bare.AsSpan().IndexOfAny('\r', '\n') >= 0 || delivery.Message.Length > 402 || delivery.Recipients.Count is 0 or > 100) Interlocked.Increment(ref broken);
                return ValueTask.FromResult(SmtpAnswer.Ok);
            },
            Faulted = _ => Interlocked.Increment(ref faults),
        }, TimeProvider.System);
        await Each("smtp-commands", seed, 500, async sample =>
        {
            var replies = await SmtpServerTests.Talk(server, Encoding.UTF8.GetString(sample));
            Assert.StartsWith("220 ", replies);
            Assert.All(replies.TrimEnd('\r', '\n').Split("\r\n"), line => Assert.Matches("^[2345][0-9][0-9][ -][ -~]*$", line));
        });
        Assert.Equal((0, 0), (faults, broken));
    }

    [Theory]
    [InlineData(5101)]
    [InlineData(5102)]
    public async Task The_smtp_client_makes_an_outcome_of_any_answers(int seed)
    {
        byte[] said = [];
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await Each("smtp-replies", seed, 400, async sample =>
        {
            said = sample;
            var serving = Say(listener, said);
            var options = new SmtpClientOptions
            {
                Server = new DnsEndPoint("127.0.0.1", port), EhloName = "client.example", Tls = seed % 2 == 0 ? TlsPolicy.None : TlsPolicy.Opportunistic, KeepDialogue = true, Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(5)),
            };
            var opening = await SmtpConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, Ct);
            var outcomes = new List<SmtpOutcome>();
            if (opening.Connection is { } connection)
            {
                for (var i = 0; i < 2; i++) outcomes.Add(await connection.Send(new SmtpEnvelope(null, EmailAddress.Parse("b@example.net")), "A: b\r\n\r\n.c\r\n"u8.ToArray(), null, Ct));
                await connection.Quit(Ct);
            }
            else
            {
                outcomes.Add(opening.Refusal!);
            }

            await serving;
            Assert.All(outcomes, outcome => Assert.True(outcome.Text.Length <= 2000 && !outcome.Text.Any(char.IsControl) && (outcome.Kind != SmtpKind.Accepted || outcome.Code / 100 == 2), outcome.ToString()));
            Assert.All(opening.Dialogue!.Lines, line => Assert.True(line.Text.Length <= SmtpDialogue.LineLengthMax && !line.Text.Any(char.IsControl)));
        });
    }

    [Theory]
    [InlineData(5201)]
    [InlineData(5202)]
    public async Task The_imap_client_ends_any_dialogue(int seed)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = new DnsEndPoint("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        await Each("imap-dialogue", seed, 400, async sample =>
        {
            var serving = Say(listener, sample);
            Assert.NotEmpty(await Scenarios.Imap(server, Ct));
            await serving;
        });
    }

    /// <summary>Everything at once, as if the server foresaw what the client will say; then the end.</summary>
    static async Task Say(TcpListener listener, byte[] octets)
    {
        using var socket = await listener.AcceptSocketAsync(Ct);
        try
        {
            await socket.SendAsync(octets, Ct);
            socket.Shutdown(SocketShutdown.Send);
            var room = new byte[4096];
            while (await socket.ReceiveAsync(room, Ct) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // The client has heard enough.
        }
    }

    [Fact]
    public Task A_proxy_header_is_whole_broken_or_not_yet_there() => Each("proxy-header", 5301, 20_000, sample =>
    {
        var header = ProxyHeader.Read(sample, out var octets);
        Assert.InRange(octets, 0, sample.Length);
        if (header is { IsBroken: false }) Assert.True(octets > 0);
        if (header is null) Assert.True(sample.Length < 16 + 2048 && octets == 0);
        // Nothing changes its mind when more comes.
        if (header is { IsBroken: false }) Assert.Equal(header, ProxyHeader.Read([.. sample, .. "EHLO x\r\n"u8], out _));
    });

    [Fact]
    public Task A_policy_is_read_or_refused_with_a_reason() => Each("mta-sts", 5401, 20_000, sample =>
    {
        var policy = MtaStsPolicy.Read(Encoding.UTF8.GetString(sample), out var reason);
        Assert.Equal(policy is null, reason.Length > 0);
        if (policy is null) return;
        Assert.InRange(policy.MaxAgeSeconds, 0, 31_557_600);
        Assert.InRange(policy.MxPatterns.Count, policy.Mode == MtaStsMode.None ? 0 : 1, 100);
        _ = (policy.Allows(""), policy.Allows("a.mail.example.net"), policy.Allows(Encoding.UTF8.GetString(sample)));
    });

    [Fact]
    public Task A_dns_message_of_any_type_gives_records_or_none() => Each("dns-records", 5501, 20_000, sample =>
    {
        foreach (var type in Enum.GetValues<DnsType>())
        {
            var read = DnsMessage.Read(sample, 7, "example.com", type);
            Assert.InRange(read?.Answers.Count ?? 0, 0, 256);
            foreach (var record in read?.Answers ?? [])
                if (record.Type == DnsType.Tlsa) _ = TlsaRecord.Read(record)?.IsUsable;
        }
    });

    [Fact]
    public Task A_tlsa_record_is_four_words_or_nothing() => Each("tlsa", 5601, 20_000, sample =>
    {
        var text = Encoding.UTF8.GetString(sample);
        if (TlsaRecord.Read(new DnsRecord("_25._tcp.mx.example", DnsType.Tlsa, 300, text, 0)) is { } record)
            Assert.Equal(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Length, record.Association.Length * 2);
    });
}
