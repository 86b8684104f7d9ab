using PenguinMails.Mail.Dns;
using static PenguinMails.Mail.Tests.Dns.UpdatePeer;

namespace PenguinMails.Mail.Tests.Dns;

/// <summary>Updates and their signatures against a peer of this test's own making, which computes each signature by the text of RFC 8945.</summary>
public sealed class DnsUpdateTests
{
    static DnsRecordSet Text(string name, params string[] values) => new(name, DnsType.Txt, 300, values);

    static DnsUpdate Update(params DnsChange[] changes) => DnsUpdate.Of("acme.test", changes, out _)!;

    [Fact]
    public async Task An_update_says_what_must_stand_there_and_what_shall()
    {
        var sent = await Sent(Update(new(null, Text("a.acme.test", "one", new string('x', 300))), new(Text("b.acme.test", "old"), null)), null);
        Assert.Equal((5 << 11, 1, 3, 3, 0), (Number(sent, 2), Number(sent, 4), Number(sent, 6), Number(sent, 8), Number(sent, 10)));
        var at = 12;
        Assert.Equal(("acme.test", 6, 1), Question(sent, ref at));
        // RFC 2136 2.4.3: no such set, and no alias in its place; 2.4.2: exactly this one.
        Assert.Equal(("a.acme.test", 16, 254, 0, ""), Record(sent, ref at));
        Assert.Equal(("a.acme.test", 5, 254, 0, ""), Record(sent, ref at));
        Assert.Equal(("b.acme.test", 16, 1, 0, "03" + Convert.ToHexStringLower("old"u8)), Record(sent, ref at));
        Assert.Equal(("a.acme.test", 16, 1, 300, "03" + Convert.ToHexStringLower("one"u8)), Record(sent, ref at));
        var (_, _, _, _, content) = Record(sent, ref at);
        Assert.StartsWith("ff7878", content);
        Assert.Equal(2 * (300 + 2), content.Length); // Two strings: 255 and 45.
        Assert.Equal(("b.acme.test", 16, 255, 0, ""), Record(sent, ref at)); // 2.5.2: the whole set.
        Assert.Equal(sent.Length, at);
    }

    [Fact]
    public async Task An_alias_needs_a_name_that_holds_nothing()
    {
        var sent = await Sent(Update(new DnsChange(null, new DnsRecordSet("track.acme.test", DnsType.Cname, 300, ["app.penguin.test"]))), null);
        var at = 12;
        Question(sent, ref at);
        Assert.Equal(("track.acme.test", 255, 254, 0, ""), Record(sent, ref at)); // 2.4.5.
    }

    [Theory]
    [InlineData("acme..test", "no name of a zone")]
    [InlineData("acme.test", "is no name", "a\u00e9.acme.test")]
    [InlineData("acme.test", "no content of a A record", "a.acme.test", DnsType.A, "300.1.1.1")]
    [InlineData("acme.test", "no content of a Mx record", "a.acme.test", DnsType.Mx, "mx.test")]
    [InlineData("acme.test", "no content of a Soa record", "a.acme.test", DnsType.Soa, "x")]
    public void What_cannot_be_written_is_refused_with_its_reason(string zone, string reason, string name = "a.acme.test", DnsType type = DnsType.Txt, string value = "x")
    {
        Assert.Null(DnsUpdate.Of(zone, [new(null, new DnsRecordSet(name, type, 300, [value]))], out var fault));
        Assert.Contains(reason, fault);
    }

    [Fact]
    public void An_update_holds_60000_octets_and_no_more()
    {
        var name = "a.acme.test";
        Assert.NotNull(DnsUpdate.Of("acme.test", [new(null, Text(name, new string('x', 59_000)))], out _));
        Assert.Null(DnsUpdate.Of("acme.test", [new(null, Text(name, new string('x', 60_000)))], out var fault));
        Assert.Contains("60000", fault);
    }

    [Theory]
    [InlineData("", "hmac-sha256", 32, "name")]
    [InlineData("k", "hmac-md5", 32, "algorithm")]
    [InlineData("k", "hmac-sha256", 15, "secret")]
    [InlineData("k", "hmac-sha512", 16, "")]
    [InlineData("k", "hmac-sha256", 1024, "")]
    [InlineData("k", "hmac-sha256", 1025, "secret")]
    public void A_key_has_a_name_an_algorithm_and_16_to_1024_octets(string name, string algorithm, int octets, string fault)
    {
        var key = TsigKey.Parse(name, algorithm, Convert.ToBase64String(new byte[octets]), out var said);
        Assert.Equal(fault.Length == 0, key is not null);
        Assert.Contains(fault, said);
        Assert.DoesNotContain("AAAA", $"{key}{said}");
    }

    [Fact]
    public async Task A_signed_answer_counts_and_any_octet_changed_in_it_does_not()
    {
        var update = Update(new DnsChange(null, Text("a.acme.test", "one")));
        byte[]? whole = null;
        Assert.Equal(DnsUpdateOutcome.Done, (await Send(update, Key, request => whole = Signed(request, 0, 0))).Outcome);
        for (var i = 0; i < whole!.Length; i++)
        {
            var place = i;
            var outcome = (await Send(update, Key, request => Changed(Signed(request, 0, 0), place))).Outcome;
            // Upper and lower case of the key's name are the same (RFC 4343).
            Assert.True(outcome != DnsUpdateOutcome.Done, $"octet {i} of {whole.Length}");
        }

        for (var length = 0; length < whole.Length; length++)
        {
            var cut = length;
            Assert.NotEqual(DnsUpdateOutcome.Done, (await Send(update, Key, request => Signed(request, 0, 0)[..cut])).Outcome);
        }
    }

    [Theory]
    [InlineData(0, 0, DnsUpdateOutcome.Done)]
    [InlineData(1, 0, DnsUpdateOutcome.FormatError)]
    [InlineData(2, 0, DnsUpdateOutcome.ServerFailed)]
    [InlineData(4, 0, DnsUpdateOutcome.NotImplemented)]
    [InlineData(5, 0, DnsUpdateOutcome.Refused)]
    [InlineData(7, 0, DnsUpdateOutcome.Changed)]
    [InlineData(8, 0, DnsUpdateOutcome.Changed)]
    [InlineData(9, 0, DnsUpdateOutcome.NotAuthoritative)]
    [InlineData(9, 16, DnsUpdateOutcome.WrongSecret)]
    [InlineData(9, 17, DnsUpdateOutcome.UnknownKey)]
    [InlineData(9, 18, DnsUpdateOutcome.WrongTime)]
    [InlineData(10, 0, DnsUpdateOutcome.OutsideZone)]
    public async Task Each_code_of_the_server_has_its_meaning(int code, int error, DnsUpdateOutcome outcome) =>
        Assert.Equal(outcome, (await Send(Update(new DnsChange(null, Text("a.acme.test", "one"))), Key, request => Signed(request, code, error))).Outcome);

    [Theory]
    [InlineData(0, DnsUpdateOutcome.Unproved)]
    [InlineData(5, DnsUpdateOutcome.Refused)]
    public async Task An_answer_without_a_signature_never_counts_as_done(int code, DnsUpdateOutcome outcome) =>
        Assert.Equal(outcome, (await Send(Update(new DnsChange(null, Text("a.acme.test", "one"))), Key, request => Bare(request, code))).Outcome);

    [Fact]
    public async Task A_connection_that_closes_and_one_that_stays_silent_are_told_apart()
    {
        var update = Update(new DnsChange(null, Text("a.acme.test", "one")));
        Assert.Equal(DnsUpdateOutcome.ConnectionLost, (await Send(update, Key, _ => null)).Outcome);
        Assert.Equal(DnsUpdateOutcome.TimedOut, (await Send(update, Key, _ => [], TimeSpan.FromMilliseconds(100))).Outcome);
    }

    static async Task<byte[]> Sent(DnsUpdate update, TsigKey? key)
    {
        byte[] sent = [];
        await Send(update, key, request => { sent = request; return Bare(request, 0); });
        return sent;
    }
}
