using System.Diagnostics;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Tests.Fuzz;

[Collection(MeasuredAlone.Name)]
public sealed class MimeFuzzTests
{
    [Theory]
    [InlineData(1001)]
    [InlineData(1002)]
    [InlineData(1003)]
    public void Mutated_messages_are_read_whole(int seed)
    {
        foreach (var sample in Mutations.Samples("mime", new Random(seed), 400))
        {
            try
            {
                var message = MimeMessage.Read(sample, new MimeLimits());
                _ = (message.From, message.To, message.Cc, message.Subject, message.Date, message.MessageId, message.InReplyTo, message.References.Count, message.Root.ReadableText());
                Assert.All(message.Defects, defect => Assert.InRange(defect.Offset, 0, sample.Length));
                Assert.All(message.Root.Headers, header => Assert.True(header.Value.AsSpan().IndexOfAny('\r', '\n', '\0') < 0));
            }
            catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"seed {seed}, input {Convert.ToBase64String(sample)}", failure);
            }
        }
    }

    [Theory]
    [InlineData(2001)]
    [InlineData(2002)]
    public void Mutated_addresses_get_a_verdict_and_valid_ones_survive_themselves(int seed)
    {
        foreach (var sample in Mutations.Samples("addresses", new Random(seed), 5000))
        {
            var text = Encoding.UTF8.GetString(sample);
            _ = MailboxList.Parse(text);
            _ = MailDate.TryParse(text, out _);
            foreach (var line in text.Split('\n'))
            {
                var spec = AddressSpec.Read(line);
                if (spec.Fault is { } fault) Assert.InRange(fault.Offset, 0, line.Length);
                else Assert.Equal((line, spec.Address), (line, AddressSpec.Read(spec.Address).Address));
                if (EmailAddress.TryParse(line, out var address, out _)) Assert.True(AddressSpec.Read(address.Text).IsValid, address.Text);
            }
        }
    }

    public static TheoryData<string, string, string> Bombs => new()
    {
        { "header fields", "a:\n", "" },
        { "folds", " a\n", "X: y\n" },
        { "field of words", "=?utf-8?q?a", "X: " },
        { "field of closed words", "=?utf-8?q?a?= ", "X: " },
        { "parameters", ";a=b", "Content-Type: text/plain" },
        { "sections", ";a*1=b", "Content-Type: text/plain" },
        { "comments", "(", "From: " },
        { "quotes", "\"a\\", "To: " },
        { "addresses", "a@b,", "To: " },
        { "groups", "a:b;", "To: " },
        { "parts", "--b\n\n", "Content-Type: multipart/mixed; boundary=b\n\n" },
        { "delimiters", "--b\n", "Content-Type: multipart/mixed; boundary=b\n\n" },
        { "suspects", "--x\n", "Content-Type: multipart/mixed; boundary=b\n\n" },
        { "multiparts inside", "--b\nContent-Type: multipart/mixed; boundary=b\n\n", "Content-Type: multipart/mixed; boundary=b\n\n" },
        { "messages inside", "Content-Type: message/rfc822\n\n", "" },
        { "messages without a header end", "Content-Type: message/rfc822\nx\n", "" },
        { "carriage returns", "\r", "X: y\n\n" },
        { "carriage returns in a header", "\r", "X: y" },
        { "equals signs", "=", "Content-Transfer-Encoding: quoted-printable\n\n" },
        { "blanks", " ", "Content-Transfer-Encoding: quoted-printable\n\n=" },
        { "paddings", "=", "Content-Transfer-Encoding: base64\n\n" },
        { "padded groups", "YQ==\n", "Content-Transfer-Encoding: base64\n\n" },
        { "tags", "<meta ", "Content-Type: text/html\n\n" },
        { "quote marks", "> ", "Content-Type: text/plain; format=flowed\n\n" },
        { "shifts", "+", "Content-Type: text/plain; charset=utf-7\n\n" },
        { "identifiers", "<", "References: " },
        { "octets above 127", "\u00e9", "X: " },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Hostile_repetition_costs_time_and_memory_in_proportion(string name, string unit, string head)
    {
        const int octets = 1_000_000;
        var bomb = Encoding.Latin1.GetBytes(head + string.Concat(Enumerable.Repeat(unit, octets / unit.Length)));
        _ = MimeMessage.Read(bomb.AsMemory(0, 10_000), new MimeLimits());
        var before = GC.GetTotalMemory(true);
        var started = Stopwatch.GetTimestamp();
        var message = MimeMessage.Read(bomb, new MimeLimits());
        var found = (message.From.Count, message.To.Count, message.References.Count, message.Root.ReadableText().Length, message.Root.Headers.Select(header => message.Root.Header(header.Name)?.Length).Sum());
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var kept = GC.GetTotalMemory(true) - before;
        GC.KeepAlive(message);
        GC.KeepAlive(found);
        Assert.True(seconds < 5, $"{name}: {seconds:F1} s for 1 MB");
        Assert.True(kept < (8 * octets) + (1 << 20), $"{name}: {kept} octets kept for 1 MB");
    }

    [Theory]
    [InlineData(20, false)]
    [InlineData(21, true)]
    public void Depth_has_its_limit(int depth, bool isCut)
    {
        var text = string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\n\n", depth)) + "Subject: x\n\nend";
        Assert.Equal(isCut, MimeReader.Read(Encoding.ASCII.GetBytes(text), new MimeLimits()).Defects.Any(defect => defect.Code == MimeDefectCode.PartsTooDeep));
    }

    [Theory]
    [InlineData(499, false)]
    [InlineData(500, true)]
    public void Parts_have_their_limit(int parts, bool isCut)
    {
        var text = "Content-Type: multipart/mixed; boundary=b\n\n" + string.Concat(Enumerable.Repeat("--b\n\nx\n", parts)) + "--b--\n";
        var message = MimeReader.Read(Encoding.ASCII.GetBytes(text), new MimeLimits());
        Assert.Equal((isCut, 499), (message.IsCut, message.Parts.Count));
    }
}
