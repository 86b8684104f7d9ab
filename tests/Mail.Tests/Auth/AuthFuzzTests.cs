using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Tests.Auth;

/// <summary>The fuzz entry points of Dns and Auth: seeds changed at random must give a verdict, never an exception.</summary>
public sealed class AuthFuzzTests
{
    static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Each seed of a folder as it is, then changed in some octets, cut, doubled or joined with another.</summary>
    static IEnumerable<byte[]> Inputs(string folder, int rounds, [CallerFilePath] string here = "")
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"{folder}: seed {seed}");
        var random = new Random(seed);
        var seeds = Directory.GetFiles(Path.Combine(Path.GetDirectoryName(here)!, "..", "Seeds", folder)).Order().Select(File.ReadAllBytes).ToArray();
        Assert.NotEmpty(seeds);
        foreach (var whole in seeds) yield return whole;
        byte[] special = [0, 9, 10, 13, 32, (byte)'"', (byte)'%', (byte)'(', (byte)')', (byte)',', (byte)'.', (byte)'/', (byte)':', (byte)';', (byte)'<', (byte)'=', (byte)'>', (byte)'@', (byte)'\\', (byte)'{', (byte)'}', 0x7f, 0xc0, 0xff];
        for (var round = 0; round < rounds; round++)
        {
            var octets = seeds[random.Next(seeds.Length)].ToList();
            for (var change = random.Next(1, 6); change > 0 && octets.Count > 0; change--)
            {
                var at = random.Next(octets.Count);
                var length = Math.Min(random.Next(1, 40), octets.Count - at);
                switch (random.Next(6))
                {
                    case 0: octets[at] = (byte)random.Next(256); break;
                    case 1: octets[at] = special[random.Next(special.Length)]; break;
                    case 2: octets.Insert(at, special[random.Next(special.Length)]); break;
                    case 3: octets.RemoveRange(at, length); break;
                    case 4: octets.InsertRange(at, octets.GetRange(at, length)); break;
                    default: octets.InsertRange(at, seeds[random.Next(seeds.Length)]); break;
                }
            }
            yield return [.. octets];
        }
    }

    [Fact]
    public void Dns_message()
    {
        foreach (var octets in Inputs("dns-message", 20_000)) Assert.InRange(DnsMessage.Read(octets, 7, "example.com", DnsType.Mx)?.Answers.Count ?? 0, 0, 256);
    }

    [Fact]
    public async Task Spf_record()
    {
        foreach (var octets in Inputs("spf-record", 10_000))
        {
            var zone = new MemoryZone();
            var text = Encoding.Latin1.GetString(octets);
            zone.Add("example.com", DnsType.Txt, text);
            zone.Add("why.example.com", DnsType.Txt, text);
            var verdict = await SpfChecker.Check(new SpfQuestion { Client = IPAddress.Parse("192.0.2.1"), Helo = text, MailFrom = "a@example.com" }, zone, Ct);
            Assert.InRange(verdict.Lookups, 0, SpfChecker.LookupsMax + 1);
            zone.Add("fail.example.com", DnsType.Txt, "v=spf1 -all exp=why.example.com");
            Assert.NotNull((await SpfChecker.Check(new SpfQuestion { Client = IPAddress.Parse("2001:db8::1"), Helo = text, MailFrom = text.Replace("@", "", StringComparison.Ordinal) + "@fail.example.com" }, zone, Ct)).Explanation);
        }
    }

    [Fact]
    public void Tag_list()
    {
        foreach (var octets in Inputs("tag-list", 20_000))
        {
            if (TagList.Parse(Encoding.Latin1.GetString(octets), out var fault) is not { } tags) Assert.NotEmpty(fault);
            else foreach (var kind in Enum.GetValues<SignatureKind>()) Assert.Equal(SignatureFields.Read(tags, kind, out fault) is null, fault.Length > 0);
        }
    }

    [Fact]
    public async Task Signed_message()
    {
        var zone = ZoneText.Read(Keys);
        foreach (var octets in Inputs("signed-message", 1_500))
        {
            var verdicts = await AuthenticationCheck.Run(octets, null, zone, null, Now, Ct);
            Assert.InRange(verdicts.Dkim.Count, 0, DkimVerifier.SignaturesMax);
            Assert.InRange(verdicts.Arc.ChainLength, 0, ArcVerifier.SetsMax);
        }
    }

    const string Keys = """
        brisbane._domainkey.football.example.com TXT v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
        test._domainkey.football.example.com TXT v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB
        _dmarc.example.com TXT v=DMARC1; p=reject
        """;

    [Fact]
    public void Dmarc_record()
    {
        foreach (var octets in Inputs("dmarc-record", 20_000))
            if (DmarcRecord.Parse(Encoding.Latin1.GetString(octets)) is { HasBrokenPolicy: false, Policy: { } policy }) Assert.True(Enum.IsDefined(policy));
    }

    [Fact]
    public void Authentication_results()
    {
        foreach (var octets in Inputs("authentication-results", 20_000))
            if (AuthenticationResults.Parse(Encoding.Latin1.GetString(octets)) is { } read) Assert.NotNull(AuthenticationResults.Parse(read.Write()));
    }

    [Fact]
    public void Public_suffix_list()
    {
        foreach (var octets in Inputs("public-suffix", 5_000)) Assert.EndsWith("jp", PublicSuffixList.Parse(Encoding.UTF8.GetString(octets)).Organization("a.b.c.kawasaki.jp"), StringComparison.Ordinal);
    }

    [Theory] // What grows faster than the input would show here.
    [InlineData("DKIM-Signature: v=1; a=rsa-sha256; d=e.example; s=s; h=from", ":a", 400_000)]
    [InlineData("From: ", "a@b.example,", 200_000)]
    [InlineData("From: ", "(((", 300_000)]
    [InlineData("From: ", "<", 1_000_000)]
    [InlineData("From: ", "\"", 1_000_000)]
    [InlineData("", "Subject: x\r\n", 100_000)]
    [InlineData("", "ARC-Seal: i=1; a=b\r\n", 100_000)]
    [InlineData("DKIM-Signature: ", "a=b;", 300_000)]
    [InlineData("Subject: x\r\n", "\t x\n", 300_000)]
    [InlineData("Subject: x\r\n\r\n", " \n", 1_000_000)]
    [InlineData("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=football.example.com; s=test; h=from; b=AAAA; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=\r\nFrom: a@b.example\r\n\r\n", "a  b\t", 500_000)]
    [InlineData("ARC-Authentication-Results: i=1", "(;", 500_000)]
    public async Task Large_input_takes_time_in_proportion(string start, string piece, int count)
    {
        var text = start + string.Concat(Enumerable.Repeat(piece, count)) + "\r\n";
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        await AuthenticationCheck.Run(Encoding.Latin1.GetBytes(text), null, ZoneText.Read(Keys), null, Now, Ct);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 5);
    }
}
