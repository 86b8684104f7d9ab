using System.Net;
using PenguinMails.Fleet.Health;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Health;

/// <summary>What the answers of lists mean.</summary>
public sealed class BlocklistTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    static Blocklist Of(string id) => Blocklist.All.Single(list => list.Id == id);

    [Theory]
    [InlineData("spamhaus_zen", "198.51.100.7", "", "7.100.51.198.zen.spamhaus.org")] // RFC 5782 2.1
    [InlineData("spamhaus_zen", "198.51.100.7", "abc123", "7.100.51.198.abc123.zen.dq.spamhaus.net")]
    [InlineData("spamhaus_zen", "2001:db8::1", "", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.spamhaus.org")] // RFC 5782 2.4
    [InlineData("spamhaus_dbl", "acme.test", "", "acme.test.dbl.spamhaus.org")]
    [InlineData("spamhaus_dbl", "acme.test", "abc123", "acme.test.abc123.dbl.dq.spamhaus.net")]
    [InlineData("barracuda", "198.51.100.7", "abc123", "7.100.51.198.b.barracudacentral.org")]
    [InlineData("spamcop", "198.51.100.7", "abc123", "7.100.51.198.bl.spamcop.net")]
    public void A_question_is_asked_in_the_form_of_its_list(string id, string subject, string key, string name) => Assert.Equal(name, Of(id).Question(subject, key));

    [Theory]
    [InlineData("spamhaus_zen", "127.0.0.2", HealthSeverity.Act, "SBL")]
    [InlineData("spamhaus_zen", "127.0.0.3", HealthSeverity.Act, "CSS")]
    [InlineData("spamhaus_zen", "127.0.0.4 127.0.0.10", HealthSeverity.Act, "XBL")]
    [InlineData("spamhaus_zen", "127.0.0.11", HealthSeverity.Act, "PBL")]
    [InlineData("spamhaus_zen", "127.0.0.30", HealthSeverity.Act, "BCL")]
    [InlineData("spamhaus_zen", "127.0.0.99", HealthSeverity.Watch, "not known here")]
    [InlineData("spamhaus_zen", "127.255.255.252", HealthSeverity.Unknown, "mistyped")]
    [InlineData("spamhaus_zen", "127.255.255.254", HealthSeverity.Unknown, "public resolver")]
    [InlineData("spamhaus_zen", "127.255.255.255", HealthSeverity.Unknown, "too many questions")]
    [InlineData("spamhaus_zen", "127.0.0.2 127.255.255.255", HealthSeverity.Unknown, "too many questions")]
    [InlineData("spamhaus_zen", "127.255.255.250", HealthSeverity.Unknown, "cannot be asked")]
    [InlineData("spamhaus_dbl", "127.0.1.2", HealthSeverity.Act, "low reputation")]
    [InlineData("spamhaus_dbl", "127.0.1.102", HealthSeverity.Watch, "misused")]
    [InlineData("spamhaus_dbl", "127.0.1.255", HealthSeverity.Unknown, "lists domains only")]
    [InlineData("spamhaus_dbl", "127.255.255.254", HealthSeverity.Unknown, "public resolver")]
    [InlineData("barracuda", "127.0.0.2", HealthSeverity.Act, "spam")]
    [InlineData("spamcop", "127.0.0.2", HealthSeverity.Act, "reported")]
    [InlineData("spamcop", "203.0.113.80", HealthSeverity.Unknown, "cannot be asked")] // A resolver that sends names that do not exist to a page of its own.
    public void Each_answer_means_what_the_list_says(string id, string answers, HealthSeverity severity, string words)
    {
        var records = answers.Split(' ').Select(value => new DnsRecord("x", DnsType.A, 60, value, 0)).ToArray();
        var finding = AskBlocklist.Judge(Of(id), "subject", new DnsAnswer(DnsStatus.Found, records, "x"), Now);
        Assert.Equal(severity, finding.Severity);
        Assert.Contains(words, finding.What);
        Assert.All(new[] { finding.Cause, finding.Fix, finding.Evidence }, text => Assert.NotEqual("", text));
    }

    [Theory]
    [InlineData(DnsStatus.NoName, HealthSeverity.Good)]
    [InlineData(DnsStatus.NoRecords, HealthSeverity.Good)]
    [InlineData(DnsStatus.ServerFailed, HealthSeverity.Unknown)]
    [InlineData(DnsStatus.TimedOut, HealthSeverity.Unknown)]
    public void Silence_is_not_clean(DnsStatus status, HealthSeverity severity) =>
        Assert.Equal(severity, AskBlocklist.Judge(Of("spamcop"), "subject", new DnsAnswer(status, [], "x"), Now).Severity);

    [Fact]
    public void Every_list_is_described_whole()
    {
        Assert.Equal(4, Blocklist.All.Count);
        foreach (var list in Blocklist.All)
        {
            Assert.All(new[] { list.Delisting, list.Source }, address => Assert.StartsWith("https://", address));
            Assert.Equal(list.Codes.Count, list.Codes.Select(code => code.Address).Distinct().Count());
            Assert.All(list.Codes, code => Assert.True(IPAddress.Parse(code.Address).GetAddressBytes()[0] == 127 && code is { Meaning.Length: > 0, Cause.Length: > 0, Fix.Length: > 0 }));
        }
    }
}
