using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Playwright;

namespace PenguinMails.Product.Tests;

/// <summary>A receiver mails its reports to the running program; the domain's pages say what they mean, for everyone and in any window.</summary>
[Collection(RunningProgram.Name)]
public sealed class ReportPagesTests(TwoAccounts world, ITestOutputHelper output)
{
    const int DaysReported = 20;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reports_that_come_to_the_edge_stand_on_the_domains_pages_by_source()
    {
        var domain = world.Ids["domains"];
        var detail = (await world.Send(HttpMethod.Post, $"/api/v1/domains/{domain}/check", world.First, TwoAccounts.Json("{}"), Ct)).Body().GetProperty("domain");
        var (name, selector) = (detail.GetProperty("name").GetString()!, detail.GetProperty("dkim_selector").GetString()!);
        var empty = await world.Page($"/domains/{domain}/tls", world.First, Ct);
        Assert.Contains("switch TLS reports on", empty.Text);
        foreach (var (host, text) in new[] { ("bigmail.example", "v=spf1 ip4:127.0.0.1 -all"), ("_dmarc.bigmail.example", "v=DMARC1; p=reject") })
            Assert.True((await world.Send(HttpMethod.Post, "/sandbox/dns", world.First, TwoAccounts.Json($$"""{"host":"{{host}}","type":"txt","values":["{{text}}"]}"""), Ct)).IsSuccess);
        for (var day = 1; day <= DaysReported; day++) Assert.StartsWith("250", await Send($"dmarc@bounce.{name}", "reports@bigmail.example", Dmarc(name, selector, day)));
        Assert.StartsWith("250", await Send($"dmarc@bounce.{name}", "reports@evil.example", Dmarc(name, selector, 1)));
        Assert.StartsWith("250", await Send($"tls@bounce.{name}", "reports@bigmail.example", Tls(name)));
        Assert.StartsWith("550", await Send("dmarc@bounce.nobody.example", "reports@bigmail.example", "x"));

        var root = $"/api/v1/domains/{domain}/reports";
        for (var round = 0; round < 100 && (await world.Send(HttpMethod.Get, root + "?limit=200", world.First, null, Ct)).Text.Contains("\"received\"", StringComparison.Ordinal); round++) await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Ct);
        var seen = (await world.Send(HttpMethod.Get, root + "/dmarc", world.First, null, Ct)).Body();
        Assert.Equal((DaysReported, 1), (seen.GetProperty("sample").GetProperty("counted").GetInt32(), seen.GetProperty("sample").GetProperty("set_aside").GetInt32()));
        Assert.Equal(["stranger", "forwarder"], seen.GetProperty("sources").EnumerateArray().Select(source => source.GetProperty("class").GetString()).Where(whose => whose != "yours"));
        Assert.Equal("certificate-expired", (await world.Send(HttpMethod.Get, root + "/tls", world.First, null, Ct)).Body().GetProperty("failures")[0].GetProperty("result").GetString());
        foreach (var path in new[] { root, root + "/dmarc", root + "/tls" }) Assert.Equal(404, (await world.Send(HttpMethod.Get, path, world.Second, null, Ct)).Status);

        var page = await world.Page($"/domains/{domain}/dmarc", world.First, Ct);
        foreach (var words in new[] { "1 stranger sent", "What to do:", "unverified reporter", "14 days of reports", "Move to quarantine" }) Assert.Contains(words, System.Net.WebUtility.HtmlDecode(page.Text));
        await Looks($"/domains/{domain}/dmarc", "domain-dmarc");
        await Looks($"/domains/{domain}/tls", "domain-tls");
    }

    static long Midnight(int daysAgo) => new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(-daysAgo).ToUnixTimeSeconds();

    static string Dmarc(string name, string selector, int day)
    {
        string Row(string ip, int count, string dkim, string spf, string spfDomain, string spfResult) => $"""
            <record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>none</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row>
            <identifiers><header_from>{name}</header_from></identifiers><auth_results><dkim><domain>{name}</domain><selector>{selector}</selector><result>{dkim}</result></dkim><spf><domain>{spfDomain}</domain><result>{spfResult}</result></spf></auth_results></record>
            """;
        return $"""
            <feedback><report_metadata><org_name>Bigmail</org_name><email>reports@bigmail.example</email><report_id>r{day}</report_id><date_range><begin>{Midnight(day)}</begin><end>{Midnight(day - 1) - 1}</end></date_range></report_metadata>
            <policy_published><domain>{name}</domain><p>none</p></policy_published>
            {Row("198.51.100.7", 400 + (day % 7 * 30), "pass", "pass", $"bounce.{name}", "pass")}
            {Row("203.0.113.30", 12, "pass", "fail", "srs.lists.example", "pass")}{Row("203.0.113.66", day % 5, "fail", "fail", "spoof.example", "pass")}</feedback>
            """;
    }

    static string Tls(string name) => $$"""
        {"organization-name":"Bigmail","date-range":{"start-datetime":"{{DateTimeOffset.FromUnixTimeSeconds(Midnight(1)):yyyy-MM-ddTHH:mm:ssZ}}","end-datetime":"{{DateTimeOffset.FromUnixTimeSeconds(Midnight(0) - 1):yyyy-MM-ddTHH:mm:ssZ}}"},
        "contact-info":"reports@bigmail.example","report-id":"t1","policies":[{"policy":{"policy-type":"sts","policy-domain":"{{name}}"},"summary":{"total-successful-session-count":320,"total-failure-session-count":9},
        "failure-details":[{"result-type":"certificate-expired","receiving-mx-hostname":"mail.{{name}}","failed-session-count":9}]}]}
        """;

    /// <summary>The last answer of the edge.</summary>
    async Task<string> Send(string recipient, string from, string report)
    {
        using var wire = new TcpClient();
        await wire.ConnectAsync("127.0.0.1", int.Parse(world.Penguin.Settings["PENGUIN__EDGE__LISTEN"].Split(':')[1], CultureInfo.InvariantCulture), Ct);
        using var reader = new StreamReader(wire.GetStream(), Encoding.ASCII);
        await using var writer = new StreamWriter(wire.GetStream(), new ASCIIEncoding()) { NewLine = "\r\n", AutoFlush = true };
        var answer = await Answer(reader);
        var mail = $"From: {from}\r\nSubject: Report\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(Encoding.UTF8.GetBytes(report), Base64FormattingOptions.InsertLineBreaks)}\r\n.";
        foreach (var line in new[] { "EHLO out.bigmail.example", $"MAIL FROM:<{from}>", $"RCPT TO:<{recipient}>", "DATA", mail })
        {
            await writer.WriteLineAsync(line.AsMemory(), Ct);
            answer = await Answer(reader);
            if (answer[0] is not ('2' or '3')) return answer;
        }

        return answer;
    }

    static async Task<string> Answer(StreamReader reader)
    {
        string line;
        do line = await reader.ReadLineAsync(Ct) ?? throw new IOException("The edge hung up.");
        while (line.Length > 3 && line[3] == '-');
        return line;
    }

    async Task Looks(string path, string picture)
    {
        await using var browser = await Browser.Start();
        foreach (var (width, scheme) in new[] { (1440, ColorScheme.Light), (1440, ColorScheme.Dark), (375, ColorScheme.Light), (375, ColorScheme.Dark) })
        {
            var page = await browser.Open(world.Penguin.Web, width, scheme, world.First);
            await page.GotoAsync(path);
            await page.Keep($"{picture}-{width}-{scheme}".ToLowerInvariant());
            var barriers = await page.Barriers();
            foreach (var barrier in barriers) output.WriteLine(barrier);
            Assert.Empty(barriers);
            Assert.True(await page.Overflow() <= 0, $"{path} is wider than {width} px.");
        }
    }
}
