using System.Text;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.SpamChecks;
using PenguinMails.Modules.Tests.Fleet.Servers;
using PenguinMails.Secrets;

namespace PenguinMails.Modules.Tests.Fleet.SpamChecks;

/// <summary>Through a real sshd and rspamc to a real Rspamd.</summary>
public sealed class CheckSpamTests(TestDatabase database, RspamdProcess rspamd) : IClassFixture<RspamdProcess>
{
    const string Plain = """
        From: Sam Sender <sam@acme.test>
        To: Anna Meyer <anna@example.com>
        Subject: Your note on the new warehouse
        Message-ID: <one@acme.test>
        Date: Mon, 2 Mar 2026 09:00:00 +0000
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8

        Hello Anna,

        you wrote last week that the new warehouse opens in May. We plan the shelves of such
        halls and would like to show you how two of your neighbours did it. Have you half an
        hour on Thursday?

        Sam
        """;

    const string Gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static byte[] Mail(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));

    [Fact]
    public async Task A_plain_letter_passes_and_shouting_costs_points_with_cause_and_fix()
    {
        await using var machine = await Machine();
        var (world, domain) = await World(machine);
        var plain = await Check(world, domain, Mail(Plain));
        Assert.Null(plain.Problem);
        Assert.Equal(("no action", 15.0, "mail.acme.test"), (plain.Value.Action, plain.Value.Threshold, plain.Value.Server));
        Assert.StartsWith("The server's filter would let it through", plain.Value.Sentence);

        var loud = (await Check(world, domain, Mail(Plain.Replace("Your note on the new warehouse", "MAKE MONEY WITH YOUR WAREHOUSE", StringComparison.Ordinal)))).Value;
        var capitals = loud.Symbols.Single(symbol => symbol.Name == "SUBJ_ALL_CAPS");
        Assert.True(capitals.Score > 0 && loud.Score > plain.Value.Score);
        Assert.Equal(("The subject is in capitals.", "Write it as in a letter to one person."), (capitals.Cause, capitals.Fix));
        Assert.Equal(loud.Symbols.Where(symbol => symbol.Score != 0).Select(symbol => symbol.Score).OrderDescending(), loud.Symbols.Where(symbol => symbol.Score != 0).Select(symbol => symbol.Score));
    }

    [Fact]
    public async Task What_the_filter_would_refuse_is_said_to_be_refused()
    {
        await using var machine = await Machine();
        var (world, domain) = await World(machine);
        var verdict = (await Check(world, domain, Mail(Plain + Gtube + "\n"))).Value;
        Assert.Equal("reject", verdict.Action);
        Assert.StartsWith("The server's filter would refuse it", verdict.Sentence);
        Assert.Contains(verdict.Symbols, symbol => symbol is { Name: "GTUBE", Fix: "Take it out." });
    }

    [Fact]
    public async Task A_message_is_never_a_command()
    {
        await using var machine = await Machine();
        var (world, domain) = await World(machine);
        var marker = machine.PathOf("marker");
        Assert.True((await Check(world, domain, Mail($"From: a@acme.test; touch {marker}\nSubject: $(touch {marker}) `touch {marker}`\n\n'; touch {marker} #\n"))).IsOk);
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public async Task No_answer_of_the_filter_is_no_verdict()
    {
        await using var machine = await Machine();
        var (world, domain) = await World(machine);
        var silent = await CheckSpam.Handle(world.Actor, domain, Mail(Plain), "127.0.0.1:1", world.Db, world.Reach, world.Clock, Ct);
        Assert.Equal("spam.no_answer", silent.Problem?.Code);
        await machine.Stop();
        Assert.Equal("ssh.unreachable", (await Check(world, domain, Mail(Plain))).Problem?.Code);
    }

    [Fact]
    public async Task Without_a_server_of_ones_own_the_answer_says_so()
    {
        var world = new ServerWorld(database);
        var domain = await Domain(world);
        var refused = (await Check(world, domain, Mail(Plain))).Problem;
        Assert.Equal(("spam.no_filter", ProblemKind.Conflict), (refused?.Code, refused?.Kind));
        Assert.Contains("another provider", refused?.Detail);
        Assert.Equal("permission.missing", (await CheckSpam.Handle(world.Person(), domain, new CheckSpam.Input(Plain), world.Db, world.Reach, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("spam.message_invalid", (await Check(world, domain, default)).Problem?.Code);
        Assert.Equal("spam.message_invalid", (await Check(world, domain, new byte[CheckSpam.MessageOctetsMax + 1])).Problem?.Code);
        Assert.Equal("spam.no_filter", (await Check(world, domain, new byte[CheckSpam.MessageOctetsMax])).Problem?.Code);
        Assert.Equal("domain.not_found", (await Check(new ServerWorld(database), domain, Mail(Plain))).Problem?.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("IO write error: Connection refused")]
    [InlineData("[]")]
    [InlineData("{\"score\":\"many\",\"required_score\":15,\"action\":\"reject\"}")]
    [InlineData("{\"score\":1,\"required_score\":15,\"action\":\"\"}")]
    public void What_is_no_answer_of_Rspamd_is_read_as_none(string text) => Assert.Null(SpamVerdict.Read(text, "a.test", default));

    [Fact]
    public void A_symbol_nobody_described_keeps_the_words_of_Rspamd()
    {
        var verdict = SpamVerdict.Read("""{"score":7.5,"required_score":15.0,"action":"add header","symbols":{"ODD":{"score":7.5,"description":"Something odd"},"FLAT":{"score":0.0},"GOOD":{"score":-1.5,"description":"Known"}}}""", "a.test", default);
        Assert.Equal(["ODD", "GOOD", "FLAT"], verdict?.Symbols.Select(symbol => symbol.Name));
        Assert.Equal(("Something odd", ""), (verdict?.Symbols[0].Cause, verdict?.Symbols[0].Fix));
        Assert.Equal("The server's filter would mark it as spam, with 7.5 of 15.0 points. Heaviest: Something odd", verdict?.Sentence);
    }

    static async Task<SshServerProcess> Machine()
    {
        Assert.SkipUnless(RspamdProcess.IsHere, "rspamd is missing: sudo apt-get install rspamd");
        return await SshServerProcess.Start(Ct);
    }

    Task<Result<SpamVerdict>> Check(ServerWorld world, DomainId domain, ReadOnlyMemory<byte> message) => CheckSpam.Handle(world.Actor, domain, message, rspamd.Endpoint, world.Db, world.Reach, world.Clock, Ct);

    async Task<(ServerWorld World, DomainId Domain)> World(SshServerProcess machine)
    {
        var world = new ServerWorld(database);
        var server = await world.Ready(machine);
        var domain = await Domain(world);
        await world.Do("update fleet.server set state = 'ready', stack_kind = 'native' where tenant_id = $1 and id = $2", server.Id);
        await world.Do("update fleet.domain set server_id = $2 where tenant_id = $1 and id = $3", server.Id, domain);
        return (world, domain);
    }

    async Task<DomainId> Domain(ServerWorld world) =>
        (await AddDomain.Handle(world.Actor, new($"d{world.Tenant.Value:N}.test"), world.Db, database.Services.GetRequiredService<SealedBox>(), new PlatformHosts("mx.penguin.test", "app.penguin.test"), world.Clock, Ct)).Value.Id;
}
