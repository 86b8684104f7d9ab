using System.Diagnostics;
using System.Text;
using PenguinMails.Fleet.Servers.Ssh;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>Whatever is in a word, the shell sees it as one word and as nothing else.</summary>
public sealed class RemoteWordsTests
{
    static readonly string[] Nasty = ["'", "\"", "$", "`", "\\", "\n", "\r", " ", "\t", ";", "|", "&", "!", "*", "?", "~", "#", "$(id)", "${HOME}", "`id`", "'\\''", "--", "-n", "ä", "€", "😀", "\u0001", "\u007f", "%s", "x", "Ω", "<", ">", "(", ")", "{a,b}", "[", "]", "\u00a0", "\u2028"];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Random_words_come_out_of_a_real_shell_as_they_went_in()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            string[] words = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(0, 10)).Select(_ => Nasty[random.Next(Nasty.Length)])))];
            // printf repeats its format for each word; a NUL ends each, which no word can hold.
            var line = RemoteWords.Quote(["printf", "%s\\0", .. words]).Value;
            Assert.Equal(words, await Shell(line));
        }
    }

    [Fact]
    public void What_cannot_be_a_word_is_refused()
    {
        foreach (var words in new string[][] { [], ["a\0b"], ["\ud800"], [new string('x', RemoteWords.LineBytesMax - 1)], [new string('€', RemoteWords.LineBytesMax / 3)] })
            Assert.Equal("ssh.words_invalid", RemoteWords.Quote(words).Problem?.Code);
        Assert.True(RemoteWords.Quote([new string('x', RemoteWords.LineBytesMax - 2)]).IsOk);
        Assert.Equal("'it'\\''s' '' '\uFFFD'", RemoteWords.Quote(["it's", "", "\uFFFD"]).Value);
    }

    static async Task<string[]> Shell(string line)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", line]) { RedirectStandardOutput = true, StandardOutputEncoding = new UTF8Encoding(false, true) })!;
        var said = await shell.StandardOutput.ReadToEndAsync(Ct);
        await shell.WaitForExitAsync(Ct);
        Assert.Equal(0, shell.ExitCode);
        return said.Split('\0')[..^1];
    }
}
