using System.Text;
using System.Xml.Linq;
using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.WebNames;
using PenguinMails.Mail.Addresses;
using PenguinMails.Modules.Tests.Fleet.Hosted;

namespace PenguinMails.Modules.Tests.Fleet.WebNames;

/// <summary>Settings that mail programs find by themselves: those of the server that carries the domain, whoever asks and for whatever address.</summary>
public sealed class MailSettingsTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static async Task SwitchOn(HostedWorld hosted)
    {
        var world = hosted.Fleet;
        var reach = new DnsReach(world.Dns, Outbound.From("127.0.0.0/8"), world.Box, world.Hosts);
        Assert.Null((await ChangeDnsSettings.Handle(hosted.Actor, hosted.Domain, new(HasAutoconfig: true), hosted.Db, reach, hosted.Clock, Ct)).Problem);
    }

    [Theory]
    [InlineData("autoconfig")]
    [InlineData("autodiscover")]
    public async Task Mail_programs_get_the_settings_of_the_server_that_carries_the_domain(string label)
    {
        await using var hosted = await HostedWorld.Create(database);
        var world = hosted.Fleet;
        var host = $"{label}.{world.Name}";
        await hosted.Fleet.Prove(hosted.Domain);
        Assert.False((await AskWebName.Handle(host, world.Db, Ct)).IsOk);
        await SwitchOn(hosted);
        Assert.True((await AskWebName.Handle(host, world.Db, Ct)).IsOk);
        var settings = (await ReadMailSettings.Handle(host, world.Db, Ct)).Value;
        Assert.Equal(new MailSettings(world.Name, $"mail.{world.Name}"), settings);
        var provider = XDocument.Parse(Autoconfig.Of(settings)).Root!.Element("emailProvider")!;
        Assert.Equal(world.Name, provider.Element("domain")!.Value);
        string[] Of(string element) => [.. provider.Element(element)!.Elements().Select(one => one.Value).Prepend(provider.Element(element)!.Attribute("type")!.Value)];
        Assert.Equal(["imap", $"mail.{world.Name}", "993", "SSL", "password-cleartext", "%EMAILADDRESS%"], Of("incomingServer"));
        Assert.Equal(["smtp", $"mail.{world.Name}", "587", "STARTTLS", "password-cleartext", "%EMAILADDRESS%"], Of("outgoingServer"));
    }

    [Fact]
    public async Task Outlook_gets_the_same_for_an_address_that_exists_and_one_that_does_not()
    {
        await using var hosted = await HostedWorld.Create(database);
        Assert.Null((await hosted.Mailbox("sam")).Problem);
        await hosted.Fleet.Prove(hosted.Domain);
        await SwitchOn(hosted);
        var settings = (await ReadMailSettings.Handle($"autodiscover.{hosted.Name}", hosted.Db, Ct)).Value;
        async Task<string> Answer(string address) => Autodiscover.Of(settings, await Asked($"<EMailAddress>{address}</EMailAddress>"), hosted.Clock);
        var known = await Answer($"sam@{hosted.Name}");
        Assert.Equal(known.Replace("sam@", "zoe@", StringComparison.Ordinal), await Answer($"zoe@{hosted.Name}"));
        XNamespace inner = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
        var protocols = XDocument.Parse(known).Descendants(inner + "Protocol").Select(one => (one.Element(inner + "Type")!.Value, one.Element(inner + "Port")!.Value, one.Element(inner + "LoginName")!.Value, one.Element(inner + "Encryption")!.Value));
        Assert.Equal([("IMAP", "993", $"sam@{hosted.Name}", "SSL"), ("SMTP", "587", $"sam@{hosted.Name}", "TLS")], protocols);
        foreach (var other in new[] { await Answer("sam@elsewhere.test"), Autodiscover.Of(settings, null, hosted.Clock) }) Assert.Contains("<ErrorCode>600</ErrorCode>", other);
    }

    [Theory]
    [InlineData("<EMailAddress>sam@acme.test</EMailAddress>", "sam@acme.test")]
    [InlineData("<EMailAddress> sam@acme.test\n</EMailAddress>", "sam@acme.test")]
    [InlineData("<EMailAddress>nobody</EMailAddress>", null)]
    [InlineData("<EMailAddress><b/></EMailAddress>", null)]
    [InlineData("<LegacyDN>x</LegacyDN>", null)]
    [InlineData("<EMailAddress>&x;</EMailAddress>", null)]
    [InlineData("not closed", null)]
    public async Task A_request_of_outlook_is_read_or_not(string inside, string? address) => Assert.Equal(address, (await Asked(inside))?.ToString());

    [Fact]
    public async Task Hostile_requests_are_not_followed()
    {
        Assert.Null(await Read("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><Autodiscover><EMailAddress>&x;@acme.test</EMailAddress></Autodiscover>"));
        Assert.Null(await Asked(new string(' ', 20_000) + "<EMailAddress>sam@acme.test</EMailAddress>"));
        Assert.Null(await Read(""));
    }

    static Task<EmailAddress?> Asked(string inside) =>
        Read($"<?xml version=\"1.0\"?><Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\"><Request>{inside}</Request></Autodiscover>");

    static async Task<EmailAddress?> Read(string text)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await Autodiscover.Address(body, Ct);
    }
}
