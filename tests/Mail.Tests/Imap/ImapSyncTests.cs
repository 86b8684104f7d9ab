using System.Text;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Imap;

public sealed class ImapSyncTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static byte[] Message(int number, int octets = 10) => Encoding.ASCII.GetBytes($"Subject: {number}\r\nMessage-ID: <m{number}@x.example>\r\n\r\n{new string('x', octets)}\r\n");

    /// <summary>An owner that stores message and state in one step, as it should.</summary>
    sealed class Owner(ImapSyncState start)
    {
        public ImapSyncState State { get; private set; } = start;

        public List<ImapMessage> Got { get; } = [];

        public HashSet<string> Digests { get; } = [];

        public bool Refuses { get; set; }

        public IEnumerable<int> Numbers => Got.Select(message => int.Parse(Encoding.ASCII.GetString(message.Octets.Span[9..]).Split("\r\n")[0]));

        public async Task<ImapSyncResult?> Run(ImapTestServer server, ImapSyncOptions? options = null)
        {
            var opening = await ImapConnection.Open(server.Options, SmtpConnectors.Direct, TimeProvider.System, Ct);
            if (opening.Connection is not { } connection) return null;
            await using var _ = connection;
            var result = await ImapSync.Run(connection, State, options ?? new(), (print, _) => ValueTask.FromResult(Digests.Contains(print.Digest)), (message, next, _) =>
            {
                if (Refuses) return ValueTask.FromResult(false);
                Got.Add(message);
                Digests.Add(message.Fingerprint.Digest);
                State = next;
                return ValueTask.FromResult(true);
            }, Ct);
            State = result.State;
            return result;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Every_message_is_delivered_exactly_once_whatever_happens(int seed)
    {
        var random = new Random(seed);
        await using var server = new ImapTestServer { Capabilities = seed % 2 == 0 ? "IMAP4rev1 ESEARCH" : "IMAP4rev1" };
        var owner = new Owner(ImapSyncState.Everything("INBOX"));
        var options = new ImapSyncOptions { BatchMessages = random.Next(1, 20), GroupOctetsMax = random.Next(1, 3000), RunMessagesMax = random.Next(20, 200) };
        var (appended, clock) = (0, Noon);
        var gone = new HashSet<int>();
        var mayBeGone = new List<(ModelMessage Message, int Number)>();
        void Happen()
        {
            for (var count = random.Next(4); count > 0; count--) server.Append(Message(appended++, random.Next(400)), clock = clock.AddSeconds(7), random.Next(8) == 0 ? (uint)random.Next(1000) : 0);
            if (random.Next(5) == 0 && server.Messages is { Count: > 0 } now)
            {
                var index = random.Next(now.Count);
                gone.Add(int.Parse(Encoding.ASCII.GetString(now[index].Octets.AsSpan(9)).Split("\r\n")[0]));
                server.Expunge(index);
            }
        }
        server.Before = command => { if (command.Contains("UID", StringComparison.Ordinal) && random.Next(3) == 0) Happen(); };
        for (var round = 0; round < 60; round++)
        {
            Happen();
            if (random.Next(12) == 0) server.Reset((uint)random.Next(1, 500));
            server.OctetsLeft = random.Next(3) == 0 ? -1 : random.Next(1, 6000);
            await owner.Run(server, options);
        }
        (server.Before, server.OctetsLeft) = (null, -1);
        for (var round = 0; round < 30; round++) await owner.Run(server, options);
        var numbers = owner.Numbers.ToList();
        Assert.True(numbers.Distinct().Count() == numbers.Count, $"seed {seed}: doubled {string.Join(',', numbers.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key))}");
        var missed = Enumerable.Range(0, appended).Except(numbers).Except(gone).ToList();
        Assert.True(missed.Count == 0, $"seed {seed}: missed {string.Join(',', missed)} of {appended}");
        Assert.All(owner.Got, message => Assert.False(message.IsCut));
    }

    [Fact]
    public async Task From_now_on_leaves_the_stock_and_takes_what_comes_even_after_identifiers_were_given_anew()
    {
        await using var server = new ImapTestServer();
        for (var i = 0; i < 5; i++) server.Append(Message(i), Noon.AddDays(-2).AddMinutes(i));
        var owner = new Owner(ImapSyncState.FromNow("INBOX", Noon));
        Assert.Equal((0, ImapKind.Works), ((await owner.Run(server))!.Delivered, (await owner.Run(server))!.Outcome.Kind));
        server.Append(Message(5), Noon.AddMinutes(1));
        await owner.Run(server);
        server.Append(Message(6), Noon.AddMinutes(2));
        server.Reset(900);
        await owner.Run(server);
        await owner.Run(server);
        Assert.Equal([5, 6], owner.Numbers);
        Assert.False(owner.State.IsRecovering);
    }

    [Fact]
    public async Task From_a_day_on_takes_the_stock_received_since_and_everything_that_comes_later_however_old()
    {
        await using var server = new ImapTestServer();
        for (var i = 0; i < 6; i++) server.Append(Message(i), Noon.AddDays(i - 3));
        var owner = new Owner(ImapSyncState.From("INBOX", Noon));
        await owner.Run(server);
        Assert.Equal([3, 4, 5], owner.Numbers);
        server.Append(Message(6), Noon.AddDays(-100));
        await owner.Run(server);
        Assert.Equal([3, 4, 5, 6], owner.Numbers);
    }

    [Fact]
    public async Task Old_mail_that_appears_at_the_end_of_a_folder_is_stock_too_when_it_was_there_first()
    {
        await using var server = new ImapTestServer();
        server.Append(Message(0), Noon);
        server.Append(Message(1), Noon.AddDays(-50));
        var owner = new Owner(ImapSyncState.From("INBOX", Noon));
        await owner.Run(server);
        await owner.Run(server);
        Assert.Equal([0], owner.Numbers);
    }

    [Theory]
    [InlineData(69_999, false)]
    [InlineData(70_000, false)]
    [InlineData(70_001, true)]
    public async Task Message_beyond_the_limit_is_handed_over_as_its_start(int octets, bool isCut)
    {
        await using var server = new ImapTestServer();
        var head = Message(0, 0).Length;
        server.Append(Message(0, octets - head), Noon);
        server.Append(Message(1), Noon);
        var owner = new Owner(ImapSyncState.Everything("INBOX"));
        await owner.Run(server, new ImapSyncOptions { MessageOctetsMax = 70_000 });
        Assert.Equal([0, 1], owner.Numbers);
        Assert.Equal((isCut ? 65536 : octets, octets, isCut), (owner.Got[0].Octets.Length, (int)owner.Got[0].Size, owner.Got[0].IsCut));
        Assert.Equal((head + 10, false), (owner.Got[1].Octets.Length, owner.Got[1].IsCut));
    }

    [Fact]
    public async Task Owner_that_refuses_gets_the_same_message_again()
    {
        await using var server = new ImapTestServer();
        for (var i = 0; i < 3; i++) server.Append(Message(i), Noon);
        var owner = new Owner(ImapSyncState.Everything("INBOX")) { Refuses = true };
        Assert.True((await owner.Run(server))!.IsMore);
        owner.Refuses = false;
        Assert.False((await owner.Run(server))!.IsMore);
        Assert.Equal([0, 1, 2], owner.Numbers);
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(10, false)]
    [InlineData(11, false)]
    public async Task Run_ends_at_its_limit_and_the_next_goes_on(int max, bool isMore)
    {
        await using var server = new ImapTestServer();
        for (var i = 0; i < 10; i++) server.Append(Message(i), Noon);
        var owner = new Owner(ImapSyncState.Everything("INBOX"));
        var options = new ImapSyncOptions { BatchMessages = 1, RunMessagesMax = max };
        Assert.Equal(isMore, (await owner.Run(server, options))!.IsMore);
        await owner.Run(server, options);
        Assert.Equal(Enumerable.Range(0, 10), owner.Numbers);
    }
}
