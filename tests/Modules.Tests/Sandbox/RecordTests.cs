using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PenguinMails.Core;
using PenguinMails.Mail.Smtp;
using PenguinMails.Sandbox;

namespace PenguinMails.Modules.Tests.Sandbox;

public sealed class RecordTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_and_journal_are_there_after_a_restart_and_numbers_go_on()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna@firm.test");
        await world.Restart();
        await world.Send("bert@firm.test");
        Assert.Equal([("bert@firm.test", 2L), ("anna@firm.test", 1L)], world.Server.Messages().Select(mail => (mail.Recipient, mail.Number)));
        Assert.All(world.Server.Messages(), mail => Assert.Contains("Hello", mail.Text));
        Assert.Equal(["00000001.eml", "00000002.eml"], Directory.GetFiles(Path.Combine(world.Folder, "mails")).Select(Path.GetFileName).Order());
        Assert.Equal(2, SandboxJournal.Read(world.Server.JournalPath).Count);
    }

    [Fact]
    public async Task The_journal_has_the_line_when_the_sender_hears_250()
    {
        await using var world = await SandboxWorld.Create();
        for (var i = 1; i <= 20; i++)
        {
            Assert.Equal(SmtpKind.Accepted, (await world.Send($"p{i}@firm.test")).Kind);
            Assert.Equal(i, SandboxJournal.Read(world.Server.JournalPath).Count); // Read through a handle of its own.
        }
    }

    [Fact]
    public async Task A_line_cut_off_by_a_crash_is_left_out_and_does_not_swallow_the_next()
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna@firm.test");
        await world.Server.Stop(Ct);
        await File.AppendAllTextAsync(world.Server.JournalPath, "{\"at\":\"2026-03-02T09:0", Ct);
        Assert.Single(SandboxJournal.Read(world.Server.JournalPath));
        world.Start();
        await world.Send("bert@firm.test");
        Assert.Equal(["anna@firm.test", "bert@firm.test"], SandboxJournal.Read(world.Server.JournalPath).Select(entry => entry.Recipient));
    }

    [Theory]
    [InlineData(499, 499, 499)]
    [InlineData(500, 500, 500)]
    [InlineData(501, 501, 500)]
    public async Task The_page_shows_the_newest_500(int files, int kept, int shown)
    {
        await using var world = await SandboxWorld.Create();
        await world.Server.Stop(Ct);
        for (var i = 1; i <= files; i++) await File.WriteAllTextAsync(Path.Combine(world.Folder, "mails", $"{i:00000000}.eml"), $"Delivered-To: p{i}@firm.test\r\n\r\nHi\r\n", Ct);
        world.Start();
        Assert.Equal(shown, world.Server.Messages().Count);
        Assert.Equal($"p{files}@firm.test", world.Server.Messages()[0].Recipient);
        Assert.Equal(kept, Directory.GetFiles(Path.Combine(world.Folder, "mails")).Length);
    }

    [Theory]
    [InlineData(1999, "00000001.eml")]
    [InlineData(2000, "00000002.eml")]
    public async Task The_folder_keeps_the_newest_2000(int before, string oldest)
    {
        await using var world = await SandboxWorld.Create();
        await world.Server.Stop(Ct);
        for (var i = 1; i <= before; i++) await File.WriteAllTextAsync(Path.Combine(world.Folder, "mails", $"{i:00000000}.eml"), "\r\n", Ct);
        world.Start();
        await world.Send("anna@firm.test");
        var files = Directory.GetFiles(Path.Combine(world.Folder, "mails")).Select(Path.GetFileName).Order().ToList();
        Assert.Equal((2000, oldest), (files.Count, files[0]));
    }

    [Theory]
    [InlineData("smtp", "192.0.2.1")]
    [InlineData("edge", "10.0.0.1")]
    [InlineData("web", "192.0.2.1")]
    public void Nothing_but_loopback_is_taken(string which, string address)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(address), 2525);
        var options = new SandboxOptions(Path.GetTempPath());
        options = which switch { "smtp" => options with { Smtp = endpoint }, "edge" => options with { Edge = endpoint }, _ => options with { Web = new Uri($"http://{address}/") } };
        Assert.Contains("loopback", Assert.Throws<ArgumentException>(() => SandboxServer.Start(options, TimeProvider.System)).Message);
    }

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("192.0.2.7", 404)]
    [InlineData("", 404)]
    public async Task The_routes_are_there_for_this_machine_only(string caller, int status)
    {
        await using var world = await SandboxWorld.Create();
        await world.Send("anna@firm.test");
        await using var app = await Routes(world, caller);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var mails = await http.GetAsync(new Uri("/sandbox/mails?to=ANNA@firm.test", UriKind.Relative), Ct);
        Assert.Equal(status, (int)mails.StatusCode);
        Assert.Equal(status, (int)(await http.GetAsync(new Uri("/sandbox/journal", UriKind.Relative), Ct)).StatusCode);
        var dns = await http.PostAsJsonAsync("/sandbox/dns", new { host = "acme.test", type = "txt", values = new[] { "v=spf1 -all" } }, Ct);
        Assert.Equal(status == 200 ? 204 : 404, (int)dns.StatusCode);
        if (status == 200) Assert.Contains("\"recipient\":\"anna@firm.test\"", await mails.Content.ReadAsStringAsync(Ct));
    }

    [Theory]
    [InlineData("acme.test", "spf", "x")]
    [InlineData("acme..test", "txt", "x")]
    [InlineData("acme.test", "mx", "mail.acme.test")]
    [InlineData("acme.test", "a", "::1")]
    public async Task Records_that_make_no_sense_are_refused(string host, string type, string value)
    {
        await using var world = await SandboxWorld.Create();
        await using var app = await Routes(world, "127.0.0.1");
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var answer = await http.PostAsJsonAsync("/sandbox/dns", new { host, type, values = new[] { value } }, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("sandbox.dns_", await answer.Content.ReadAsStringAsync(Ct));
    }

    static async Task<WebApplication> Routes(SandboxWorld world, string caller)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.ConfigureHttpJsonOptions(options => Json.Configure(options.SerializerOptions));
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Use((context, next) =>
        {
            context.Connection.RemoteIpAddress = caller.Length == 0 ? null : IPAddress.Parse(caller);
            return next(context);
        });
        SandboxRoutes.Map(app, world.Server);
        await app.StartAsync(Ct);
        return app;
    }
}
