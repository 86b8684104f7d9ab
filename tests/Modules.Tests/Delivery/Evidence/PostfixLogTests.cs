using System.Net.Sockets;
using System.Text;
using PenguinMails.Delivery.Evidence;
using PenguinMails.Fleet.Servers;
using PenguinMails.Mail.Tests.Peers;

namespace PenguinMails.Modules.Tests.Delivery.Evidence;

/// <summary>What the log of a real Postfix proves, after sessions that broke off at different points.</summary>
public sealed class PostfixLogTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static readonly string Arrived = new('a', 52), Broken = new('b', 52), Never = new('c', 52);

    [Fact]
    public async Task A_message_in_the_queue_was_accepted_and_one_whose_session_broke_off_was_not()
    {
        await using var postfix = await Postfix.Start(PeerProcess.FreePort(), Ct);
        await Send(postfix.Port, Arrived, isWhole: true);
        await Send(postfix.Port, Broken, isWhole: false);
        string[] lines = [];
        for (var tries = 0; tries < 200 && !(Array.Exists(lines, line => line.Contains("lost connection after DATA", StringComparison.Ordinal)) && Array.Exists(lines, line => line.Contains("qmgr[", StringComparison.Ordinal) && line.Contains("from=<", StringComparison.Ordinal))); tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ct);
            lines = await File.ReadAllLinesAsync(postfix.Process.Path("mail.log"), Ct);
        }

        var (whole, torn) = (new DeliveryLog("node.example", lines, true), new DeliveryLog("node.example", lines, false));
        Assert.Equal(FindingVerdict.Accepted, PostfixLog.Read(whole, Arrived, isOver: true).Verdict);
        Assert.Equal(FindingVerdict.Accepted, PostfixLog.Read(torn, Arrived, isOver: false).Verdict); // Presence needs no whole log.
        Assert.Equal(FindingVerdict.NotAccepted, PostfixLog.Read(whole, Broken, isOver: true).Verdict);
        Assert.Equal(FindingVerdict.NotAccepted, PostfixLog.Read(whole, Never, isOver: true).Verdict);

        // Absence is proof only in a log that is whole, of a time that is over, with a session that broke off.
        Assert.Equal(FindingVerdict.Nothing, PostfixLog.Read(torn, Broken, isOver: true).Verdict);
        Assert.Equal(FindingVerdict.Nothing, PostfixLog.Read(whole, Broken, isOver: false).Verdict);
        var unbroken = whole with { Lines = [.. lines.Where(line => !line.Contains("lost connection", StringComparison.Ordinal))] };
        Assert.Equal(FindingVerdict.Nothing, PostfixLog.Read(unbroken, Broken, isOver: true).Verdict);
        Assert.Equal(FindingVerdict.Nothing, PostfixLog.Read(whole with { Lines = [] }, Never, isOver: true).Verdict);
    }

    [Theory]
    [InlineData("1.0 n postfix/cleanup[7]: 4ABC: milter-reject: END-OF-MESSAGE from c[127.0.0.1]: 4.7.1 Try again later; from=<a@b.example> to=<c@d.example>", true)]
    [InlineData("1.0 n postfix/cleanup[7]: 4XYZ: milter-reject: END-OF-MESSAGE from c[127.0.0.1]: 4.7.1 Try again later; from=<a@b.example> to=<c@d.example>", false)]
    public void A_refusal_at_the_end_counts_for_its_own_message_only(string line, bool isItsOwn)
    {
        var log = new DeliveryLog("node.example", [$"0.9 n postfix/cleanup[7]: 4ABC: message-id=<{Broken}@bounce.example.com>", line], true);
        Assert.Equal(isItsOwn ? FindingVerdict.NotAccepted : FindingVerdict.Nothing, PostfixLog.Read(log, Broken, isOver: true).Verdict);
    }

    static async Task Send(int port, string token, bool isWhole)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, Ct);
        var (stream, room) = (client.GetStream(), new byte[4096]);
        await stream.ReadAtLeastAsync(room, 1, false, Ct);
        foreach (var said in (string[])["EHLO client.example", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA"])
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(said + "\r\n"), Ct);
            await stream.ReadAtLeastAsync(room, 1, false, Ct);
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"From: a@b.example\r\nMessage-ID: <{token}@bounce.example.com>\r\n\r\nHello\r\n" + (isWhole ? ".\r\n" : "half a li")), Ct);
        if (!isWhole) await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Ct); // So that the header is with cleanup.
        // Gone before the answer in both cases.
    }
}
