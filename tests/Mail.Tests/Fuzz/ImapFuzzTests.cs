using System.Diagnostics;
using System.Text;
using PenguinMails.Mail.Imap;

namespace PenguinMails.Mail.Tests.Fuzz;

/// <summary>Not beside other tests: it measures the memory of the whole process.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class ImapFuzzTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(4001)]
    [InlineData(4002)]
    public async Task Mutated_answers_are_read_to_their_end(int seed)
    {
        foreach (var sample in Mutations.Samples("imap", new Random(seed), 6000))
        {
            try
            {
                await Read(sample);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, input {Convert.ToBase64String(sample)}", failure);
            }
        }
    }

    [Theory]
    [InlineData("* 1 FETCH ", "(")]
    [InlineData("* 1 FETCH (", "a ")]
    [InlineData("* 1 FETCH (", "BODY[ ")]
    [InlineData("* 1 FETCH (", "BODY[] x ")]
    [InlineData("* 1 FETCH (", "UID {0}\r\n ")]
    [InlineData("* 1 FETCH (", "FLAGS () ")]
    [InlineData("* SEARCH", " 1")]
    [InlineData("* VANISHED ", "1,")]
    [InlineData("* LIST (", "[")]
    [InlineData("* LIST () \"/\" ", "&")]
    [InlineData("* LIST () \"/\" ", "&A-")]
    [InlineData("* LIST () \"/\" ", "\\\"")]
    [InlineData("* OK [", "a ")]
    [InlineData("* ", "{")]
    public async Task Hostile_repetition_costs_time_and_memory_in_proportion(string head, string unit)
    {
        const int octets = 1_000_000;
        var bomb = Encoding.ASCII.GetBytes(head + string.Concat(Enumerable.Repeat(unit, octets / unit.Length)) + "\r\n");
        await Read(bomb.AsMemory(0, 2000).ToArray());
        var before = GC.GetTotalMemory(true);
        var started = Stopwatch.GetTimestamp();
        var kept = await Read(bomb);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var memory = GC.GetTotalMemory(true) - before;
        GC.KeepAlive(kept);
        Assert.True(seconds < 3, $"{seconds:F1} s for 1 MB of {unit}");
        Assert.True(memory < (8 * octets) + (1 << 20), $"{memory} octets kept for 1 MB of {unit}");
    }

    [Theory]
    [InlineData(ImapFrames.LiteralsMax, false)]
    [InlineData(ImapFrames.LiteralsMax + 1, true)]
    public async Task Literals_of_one_answer_have_their_limit(int count, bool isRefused)
    {
        using var stream = new MemoryStream(Encoding.ASCII.GetBytes("* X" + string.Concat(Enumerable.Repeat(" {1}\r\na", count)) + "\r\n"));
        var frame = await new ImapFrames((room, ct) => stream.ReadAsync(room, ct)).Next(10, false, Ct);
        Assert.Equal(isRefused ? ImapFrameFault.TooManyLiterals : ImapFrameFault.None, frame.Fault);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Octets_may_come_in_any_portions(int portion)
    {
        var all = Encoding.UTF8.GetBytes("* 1 FETCH (UID 3 BODY[] {5}\r\nab\r\nc FLAGS (\\Seen))\r\n* 2 EXISTS\r\n");
        var at = 0;
        var frames = new ImapFrames((room, _) =>
        {
            var take = Math.Min(Math.Min(portion, room.Length), all.Length - at);
            all.AsSpan(at, take).CopyTo(room.Span);
            at += take;
            return ValueTask.FromResult(take);
        });
        var fetched = ImapFetched.Read(ImapResponse.Read((await frames.Next(100, false, Ct)).Pieces))!;
        Assert.Equal((3u, "ab\r\nc", "\\Seen"), (fetched.Uid, Encoding.UTF8.GetString(fetched.Contents[0].Octets.Span), fetched.Flags!.Single()));
        Assert.Equal(2u, ImapResponse.Read((await frames.Next(100, false, Ct)).Pieces).Number);
        Assert.Equal(ImapFrameFault.Closed, (await frames.Next(100, false, Ct)).Fault);
    }

    static async Task<List<object?>> Read(byte[] sample)
    {
        using var stream = new MemoryStream(sample);
        var frames = new ImapFrames((room, ct) => stream.ReadAsync(room, ct));
        var kept = new List<object?>();
        while (await frames.Next(4096, true, Ct) is { Fault: ImapFrameFault.None } frame)
        {
            var response = ImapResponse.Read(frame.Pieces);
            var changed = new List<ImapFetched>();
            kept.Add(response);
            kept.Add(ImapFetched.Read(ImapResponse.Read(frame.Pieces)));
            kept.Add(ImapConnection.Vanished(ImapResponse.Read(frame.Pieces)));
            kept.Add(new ImapFolderState("x", 0, null, 0, null, false, ImapUidSet.Empty, changed).With(ImapResponse.Read(frame.Pieces), changed));
            kept.Add(ImapConnection.Listed(ImapResponse.Read(frame.Pieces).Tokens, false));
            kept.Add(ImapSyncPlan.MessageId(frame.Pieces[0].Line.Span));
            var tokens = ImapResponse.Read(frame.Pieces).Tokens;
            while (tokens.Next()) Assert.InRange(tokens.Depth, 0, ImapTokens.DepthMax);
        }
        return kept;
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "measured alone";
}
