using System.Globalization;
using System.Text;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Tests.Smtp;

namespace PenguinMails.Mail.Tests.Imap;

/// <summary>A message in the model: its identifier may change, it does not.</summary>
sealed record ModelMessage(uint Uid, byte[] Octets, DateTimeOffset Received);

/// <summary>A folder behind a real listener that speaks as much IMAP as a sync needs, and hangs up after any octet it is told to.</summary>
sealed class ImapTestServer : IAsyncDisposable
{
    readonly Lock gate = new();
    readonly ScriptedPeer peer;
    List<ModelMessage> messages = [];

    public ImapTestServer() => peer = new ScriptedPeer(Serve);

    public ImapOptions Options => new()
    {
        Server = peer.EndPoint, Tls = PenguinMails.Mail.Smtp.TlsPolicy.None, Credentials = new("user", "pw", false), Timeout = TimeSpan.FromSeconds(10),
    };

    public List<string> Heard => peer.Heard;

    public string Capabilities { get; set; } = "IMAP4rev1";

    public uint UidValidity { get; private set; } = 1;

    public uint UidNext { get; private set; } = 1;

    /// <summary>Octets until the next hang-up; negative for never.</summary>
    public int OctetsLeft { get; set; } = -1;

    /// <summary>Called with each command, before it is answered.</summary>
    public Action<string>? Before { get; set; }

    public IReadOnlyList<ModelMessage> Messages { get { lock (gate) return [.. messages]; } }

    public void Append(byte[] octets, DateTimeOffset received, uint gap = 0)
    {
        lock (gate)
        {
            messages.Add(new ModelMessage(UidNext + gap, octets, received));
            UidNext += gap + 1;
        }
    }

    public void Expunge(int index) { lock (gate) messages.RemoveAt(index); }

    /// <summary>Gives all identifiers anew.</summary>
    public void Reset(uint firstUid)
    {
        lock (gate)
        {
            UidValidity++;
            messages = [.. messages.Select((message, i) => message with { Uid = firstUid + (uint)i })];
            UidNext = firstUid + (uint)messages.Count;
        }
    }

    public ValueTask DisposeAsync() => peer.DisposeAsync();

    async Task Serve(ScriptedPeer.Line line)
    {
        await Say(line, "* OK ready\r\n"u8.ToArray());
        while (true)
        {
            var command = await line.Hear();
            var words = command.Split(' ');
            Before?.Invoke(command);
            var name = words[1] == "UID" ? words[2] : words[1];
            await Say(line, name switch
            {
                "CAPABILITY" => Text($"* CAPABILITY {Capabilities}\r\n"),
                "EXAMINE" or "SELECT" => Text($"* {Messages.Count} EXISTS\r\n* OK [UIDVALIDITY {UidValidity}] x\r\n* OK [UIDNEXT {UidNext}] x\r\n"),
                "SEARCH" => Search(command),
                "FETCH" => Fetch(words[3], command),
                "LOGOUT" => Text("* BYE\r\n"),
                _ => [],
            });
            await Say(line, Text(words[0] + " OK done\r\n"));
            if (name == "LOGOUT") return;
        }
    }

    byte[] Search(string command)
    {
        var at = command.IndexOf("UID ", command.IndexOf("SEARCH", StringComparison.Ordinal), StringComparison.Ordinal) + 4;
        var uids = ImapUidSet.Read(command[at..].Split(' ', ')')[0]);
        var since = command.IndexOf("SINCE ", StringComparison.Ordinal) is > 0 and var place ? DateOnly.ParseExact(command[(place + 6)..].TrimEnd(')'), "d-MMM-yyyy", CultureInfo.InvariantCulture) : DateOnly.MinValue;
        // As real servers do: "n:*" names the last message even when its identifier is lower.
        var found = Messages.Where((message, i) => (uids.Contains(message.Uid) || (command.Contains(":*", StringComparison.Ordinal) && i == Messages.Count - 1)) && DateOnly.FromDateTime(message.Received.UtcDateTime) >= since).Select(message => message.Uid).ToList();
        return Capabilities.Contains("ESEARCH", StringComparison.Ordinal)
            ? Text($"* ESEARCH (TAG \"x\") UID{(found.Count > 0 ? " ALL " + ImapUidSet.Of(found) : "")}\r\n")
            : Text("* SEARCH" + string.Concat(found.Select(uid => $" {uid}")) + "\r\n");
    }

    byte[] Fetch(string set, string command)
    {
        var uids = ImapUidSet.Read(set);
        var answer = new List<byte>();
        var all = Messages;
        // Backwards, because nothing promises an order.
        for (var i = all.Count - 1; i >= 0; i--)
        {
            if (!uids.Contains(all[i].Uid)) continue;
            var (uid, octets, received) = all[i];
            answer.AddRange(Text($"* {i + 1} FETCH (UID {uid}"));
            if (command.Contains("FLAGS", StringComparison.Ordinal)) answer.AddRange(Text(" FLAGS (\\Seen)"));
            if (command.Contains("INTERNALDATE", StringComparison.Ordinal)) answer.AddRange(Text($" INTERNALDATE \"{received.ToString("dd-MMM-yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000\""));
            if (command.Contains("RFC822.SIZE", StringComparison.Ordinal)) answer.AddRange(Text($" RFC822.SIZE {octets.Length}"));
            if (command.Contains("HEADER.FIELDS", StringComparison.Ordinal)) AddLiteral(answer, "BODY[HEADER.FIELDS (MESSAGE-ID)]", Text(Encoding.ASCII.GetString(octets).Split("\r\n").First(l => l.StartsWith("Message-ID", StringComparison.Ordinal)) + "\r\n\r\n"));
            if (command.Contains("PEEK[]<0.65536>", StringComparison.Ordinal)) AddLiteral(answer, "BODY[]<0>", octets.AsSpan(0, Math.Min(octets.Length, 65536)).ToArray());
            else if (command.Contains("PEEK[]", StringComparison.Ordinal)) AddLiteral(answer, "BODY[]", octets);
            answer.AddRange(Text($")\r\n{(i % 3 == 0 ? $"* {i + 1} FETCH (FLAGS (\\Answered))\r\n" : "")}"));
        }
        return [.. answer];
    }

    static void AddLiteral(List<byte> answer, string name, byte[] octets)
    {
        answer.AddRange(Text($" {name} {{{octets.Length}}}\r\n"));
        answer.AddRange(octets);
    }

    async Task Say(ScriptedPeer.Line line, byte[] octets)
    {
        if (OctetsLeft < 0 || octets.Length < OctetsLeft)
        {
            if (OctetsLeft >= 0) OctetsLeft -= octets.Length;
            await line.Stream.WriteAsync(octets, line.Stop);
            return;
        }
        await line.Stream.WriteAsync(octets.AsMemory(0, OctetsLeft), line.Stop);
        OctetsLeft = -1;
        throw new IOException("Hung up as told.");
    }

    static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
