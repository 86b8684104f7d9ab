using System.Text;
using System.Text.Json;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Mail.Tests.Reports;

/// <summary>The general forms of many mail systems: Samples/Bounces/forms.txt says what each must give.</summary>
public sealed class BounceFormTests
{
    sealed record Form(string[] Expected, string Message)
    {
        public string Name => Expected[0];
    }

    static readonly Form[] Forms = [.. File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samples", "Bounces", "forms.txt"))
        .Split("=== ", StringSplitOptions.RemoveEmptyEntries).Select(block => new Form(block[..block.IndexOf('\n')].Split('\t'), block[(block.IndexOf('\n') + 1)..]))];

    public static TheoryData<string> Names => [.. Forms.Select(form => form.Name)];

    static IncomingReport Read(string message) => IncomingReport.Read(MimeReader.Read(Encoding.UTF8.GetBytes(message), new MimeLimits()));

    static string Word<T>(T value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value!.ToString()!);

    [Theory]
    [MemberData(nameof(Names))]
    public void Form_gives_its_recipients_and_reasons(string name)
    {
        var form = Array.Find(Forms, one => one.Name == name)!;
        foreach (var message in (string[])[form.Message, form.Message.ReplaceLineEndings("\r\n"), form.Message.ReplaceLineEndings("\r")])
        {
            var report = Read(message);
            Assert.Equal(form.Expected[1], Word(report.Kind));
            if (report.Delivery is not { } delivery) continue;
            string Each(Func<RecipientReport, string> value) => string.Join(';', delivery.Recipients.Select(value));
            Assert.Equal(form.Expected[2], Each(one => one.Named!));
            Assert.Equal(form.Expected[6], Each(one => Word(one.Classify().Category)));
            if (form.Expected[4].Length > 0) Assert.Equal(form.Expected[4], Each(one => one.Code == 0 ? "" : $"{one.Code}"));
            if (form.Expected[5].Length > 0) Assert.Equal(form.Expected[5], Each(one => one.Status));
            Assert.StartsWith(form.Expected[3], Each(one => Word(one.Action)));
        }
    }

    [Theory]
    [InlineData(550, "5.7.1", "user unknown", "invalid_recipient", "hard")]
    [InlineData(550, "5.0.0", "Mailbox full", "quota", "soft")]
    [InlineData(452, "4.2.2", "The email account that you tried to reach is over quota", "quota", "soft")]
    [InlineData(552, "5.3.4", "Message size exceeds fixed maximum message size", "size", "soft")]
    [InlineData(552, null, "Requested mail action aborted: exceeded storage allocation", "quota", "soft")]
    [InlineData(554, "5.7.1", "Client host rejected: cannot find your hostname", "auth_failure", "block")]
    [InlineData(550, "5.7.1", "Recipient address rejected: SPF check failed", "auth_failure", "block")]
    [InlineData(550, "5.1.8", "<x@y.example>: Sender address rejected: Domain not found", "invalid_sender", "hard")]
    [InlineData(554, null, "delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0]", "invalid_recipient", "hard")]
    [InlineData(550, "5.4.1", "Recipient address rejected: Access denied. AS(201806281)", "invalid_recipient", "hard")]
    [InlineData(550, "5.7.606", "Access denied, banned sending IP [192.0.2.1]", "reputation_ip", "block")]
    [InlineData(550, "5.7.133", "RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", "policy", "block")]
    [InlineData(550, "5.7.708", "Access denied, traffic not accepted from this IP", "rate_limit", "block")]
    [InlineData(0, "5.4.6", "Hop count exceeded - possible mail loop", "routing", "soft")]
    [InlineData(0, null, "connect to mx.example[192.0.2.1]:25: Connection refused", "connection", "soft")]
    [InlineData(0, "4.4.1", "connect to mx.example[192.0.2.1]:25: Connection timed out", "no_answer", "soft")]
    [InlineData(0, "5.4.4", "Host or domain name not found. Name service error for name=x.example type=A: Host not found", "bad_domain", "hard")]
    [InlineData(550, "5.7.1", "virus detected in message", "virus", "block")]
    [InlineData(552, "5.7.0", "This message was blocked because its content presents a potential security issue", "spam_content", "block")]
    [InlineData(550, null, "Mailbox unavailable or account suspended", "inactive_mailbox", "hard")]
    [InlineData(451, null, "Greylisting in action, please come back later", "rate_limit", "block")]
    [InlineData(421, "4.7.0", "[TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume", "rate_limit", "block")]
    [InlineData(550, null, "Utilisateur inconnu", "invalid_recipient", "hard")]
    [InlineData(550, null, "Benutzer ist unbekannt", "invalid_recipient", "hard")]
    [InlineData(550, null, "用户不存在", "invalid_recipient", "hard")]
    [InlineData(550, null, "почтовый ящик переполнен", "quota", "soft")]
    [InlineData(503, null, "bad sequence of commands", "protocol", "hard")]
    public void Lying_codes_yield_to_words(int code, string? enhanced, string text, string category, string bounceClass)
    {
        var verdict = BounceClassifier.Classify(code, enhanced, text);
        Assert.Equal((category, bounceClass), (Word(verdict.Category), Word(verdict.Class)));
        Assert.NotEqual("", verdict.Rule);
    }

    public static TheoryData<string, string> Refusals => [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Samples", "Bounces", "refusals.tsv"))
        .Where(line => !line.StartsWith('#')).Select(line => line.Split('\t')).Select(row => new TheoryDataRow<string, string>(row[0], row[1]))];

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refusal_under_a_generic_status_is_classified_by_its_own_words(string category, string said)
    {
        var fields = $"Reporting-MTA: dns; r.example\n\nFinal-Recipient: rfc822; x@y.example\nAction: failed\nStatus: {(said[0] == '4' ? "4.0.0" : "5.0.0")}\nDiagnostic-Code: smtp; {said}\n";
        var report = Read("From: MAILER-DAEMON@r.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" + fields + "\n--b--\n");
        Assert.Equal(category, Word(Assert.Single(report.Delivery!.Recipients).Classify().Category));
    }

    [Fact]
    public void Reply_over_several_lines_is_read_as_one_sentence() =>
        Assert.Equal(BounceCategory.InvalidRecipient, BounceClassifier.Classify(550, "5.0.0", "550-5.0.0 The address you wrote to does\n 550-5.0.0 not exist. Look again.").Category);

    [Theory]
    [InlineData("550 5.1.1 gone", 550, "5.1.1")]
    [InlineData("host mx[192.0.2.1] said: 550-5.1.1 gone", 550, "5.1.1")]
    [InlineData("smtp; 552 full", 552, null)]
    [InlineData("smtp;550 #5.1.0 Address rejected.", 550, "5.1.0")]
    [InlineData("#550 5.1.10 RESOLVER.ADR##", 550, "5.1.10")]
    [InlineData("(#5.1.1)", 0, "5.1.1")]
    [InlineData("5.2.2 - Mailbox full 552-'no room'", 552, "5.2.2")]
    [InlineData("192.0.2.550 and 5.1.1.2 say nothing", 0, null)]
    [InlineData("about 550 MB of room 421b", 0, null)]
    [InlineData("250 2.1.5 Ok. then 451 4.3.0 no room", 451, "4.3.0")]
    [InlineData("250 2.1.5 Ok", 250, "2.1.5")]
    public void Codes_are_told_from_numbers(string text, int code, string? status) => Assert.Equal((code, status), ReportCodes.In(text));

    [Fact]
    public void Phrases_keep_to_their_gaps_and_boundaries()
    {
        var set = new PhraseSet(["ip*rejected", "_spf_", "a~b", "5.7.1"]);
        int[] Found(string text) => [.. set.Find(PhraseSet.Normal(text, 500))];
        Assert.Equal([0], Found("the ip was rejected"));
        Assert.Empty(Found("recipient rejected, ip" + new string('.', 70) + "rejected"));
        Assert.Equal([1], Found("your SPF: none"));
        Assert.Empty(Found("spfx"));
        Assert.Equal([2], Found("a" + new string('-', 15) + "b"));
        Assert.Empty(Found("a" + new string('-', 16) + "b"));
        Assert.Empty(Found("5.7.133"));
    }
}
