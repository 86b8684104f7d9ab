using System.Text.Json;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Fleet.Stacks.Connected;
using PenguinMails.Fleet.Stacks.Mailu;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>What Mailu takes only from its operator. A YAML string in double quotes with these escapes is a JSON string as well (YAML 1.2, 5.7), so a JSON reader reads it back.</summary>
public sealed class MailuFilesTests
{
    [Fact]
    public void Any_text_is_read_back_as_it_was_and_stays_on_its_line()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        string[] hostile = ["", "null", "true", "- -key: null", "-prune-", "a: b", "#", "'", "\"", "\\", "\\n", "${X}", "\r\n", "\u2028", "\u0000", "%", "@", "yes\n  - name: evil.test"];
        for (var round = 0; round < 2000; round++)
        {
            var text = round < hostile.Length ? hostile[round] : string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => (char)random.Next(1, 0xD800)));
            var quoted = MailuFiles.Quoted(text);
            Assert.True(JsonSerializer.Deserialize<string>(quoted) == text, $"seed {seed}, round {round}: {quoted}");
            Assert.DoesNotContain(quoted, letter => letter is < ' ' or > '~');
        }
    }

    [Fact]
    public void The_import_carries_the_keys_and_names_the_selector()
    {
        IReadOnlyList<StackDomain> domains = [new("example.com", [new("s1", StackExample.Key)]), new("example.org", [])];
        var lines = MailuFiles.Import(domains).Split('\n');
        Assert.Contains("  - name: \"example.com\"", lines);
        Assert.DoesNotContain("  - name: \"example.org\"", lines);
        var key = JsonSerializer.Deserialize<string>(lines.Single(line => line.StartsWith("    dkim_key: ", StringComparison.Ordinal))["    dkim_key: ".Length..]);
        Assert.Equal(StackKeys.Public(new("s1", StackExample.Key)), StackKeys.Public(new("s1", key!)));
        Assert.Equal("# Lines for mailu.env; restart Mailu afterwards.\nDKIM_SELECTOR=s1\nMESSAGE_RATELIMIT=40/hour\n", MailuFiles.Environment(domains, 40));
        Assert.DoesNotContain("DKIM_SELECTOR", MailuFiles.Environment([.. domains, new("example.net", [new("s2", StackExample.Key)])], null));
    }

    [Fact]
    public void A_public_key_is_known_again_however_it_is_told()
    {
        using var pair = System.Security.Cryptography.RSA.Create();
        pair.ImportFromPem(StackExample.Key);
        var same = StackKeys.Public(new("s1", StackExample.Key));
        foreach (var told in new[] { same, pair.ExportSubjectPublicKeyInfoPem(), pair.ExportRSAPublicKeyPem(), Convert.ToBase64String(pair.ExportRSAPublicKey()) }) Assert.Equal(same, StackKeys.Canonical(told));
        foreach (var odd in new[] { null, "", "AAAA", "not base64!", "-----BEGIN" }) Assert.Equal("", StackKeys.Canonical(odd));
    }

    [Fact]
    public void A_mark_tells_whose_it_is_and_which_passwords_were_set_and_nothing_else()
    {
        var marks = StackPeer.Marks;
        var mailbox = new StackMailbox("alice@example.com", ["one"], 0, 1, null);
        var mark = marks.Mailbox(mailbox, ["one"]);
        Assert.True(marks.IsOurs(mark) && marks.IsOurs(marks.Plain) && marks.IsOurs("  " + marks.Plain + "\n"));
        Assert.False(new StackMarks("pm-ffffffffffff", StackPeer.MarkKey).IsOurs(mark));
        foreach (var odd in new[] { null, "", "Kept by PenguinMails", "Kept by PenguinMails ()", "Kept by PenguinMails (pm-0123456789abc)", "x" + mark }) Assert.False(marks.IsOurs(odd));
        Assert.NotEqual(mark, marks.Mailbox(mailbox, ["two"]));
        Assert.NotEqual(mark, marks.Mailbox(mailbox with { Address = "bob@example.com" }, ["one"]));
        Assert.NotEqual(mark, new StackMarks(marks.Owner, new byte[32]).Mailbox(mailbox, ["one"]));
        Assert.Equal(["s1", "s2"], marks.Words(marks.Domain(["s2", "s1"])));
    }
}
