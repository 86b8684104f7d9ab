namespace PenguinMails.Product.Tests;

/// <summary>The operator looks into the queue, stops everybody, waits for an empty wire and lets it go on, while the program runs.</summary>
[Collection(RunningProgram.Name)]
public sealed class QueueVerbTests(TwoAccounts world)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    Task<(int Code, string Output, string Error)> Verb(params string[] words) => Penguin.Answer("", world.Penguin.Settings, Ct, ["queue", .. words]);

    [Fact]
    public async Task What_waits_is_listed_and_a_message_says_why()
    {
        var tenant = world.Ids["tenants"];
        var listed = await Verb("list", "--tenant", tenant);
        Assert.Equal((0, "Nothing waits."), (listed.Code, listed.Output.Split('\n')[0].TrimEnd()));
        var why = await Verb("why", world.Ids["messages"], "--tenant", tenant);
        Assert.Equal(0, why.Code);
        Assert.Matches("^(sent|refused|reported|dropped|suppressed_[a-z]+): It (was|is) .+", why.Output);
        Assert.Equal((1, true), ((await Verb("why", "msg_00000000000000000000000000", "--tenant", tenant)) is var none ? none.Code : 0, none.Error.Contains("message.not_found", StringComparison.Ordinal)));
        Assert.Contains("0 messages are due now", (await Verb("retry", "--tenant", tenant)).Output);
    }

    [Fact]
    public async Task Everybody_is_stopped_drained_and_let_go_on()
    {
        try
        {
            Assert.Contains("Nothing is on the wire", (await Verb("drain", "--reason", "A move to another machine.", "--seconds", "30")).Output);
            Assert.Contains("stopped already", (await Verb("suspend", "--all", "--reason", "Twice.")).Output);
        }
        finally
        {
            Assert.Contains("Sending goes on", (await Verb("resume", "--all")).Output);
        }

        Assert.Contains("Nothing was stopped", (await Verb("resume", "--all")).Output);
        Assert.Contains("halt.not_found", (await Verb("resume", "--tenant", world.Ids["tenants"])).Error);
    }

    [Fact]
    public async Task What_is_not_meant_stops_nobody_and_says_why()
    {
        var tenant = world.Ids["tenants"];
        Assert.Contains("halt.invalid", (await Verb("suspend", "--all", "--reason", " ")).Error);
        Assert.Contains("halt.invalid", (await Verb("drain", "--reason", "")).Error);
        Assert.Contains("provider: Give the key", (await Verb("suspend", "--tenant", tenant, "--provider", "gogle", "--reason", "A slip of the pen.")).Error);
        Assert.Contains("There is no account", (await Verb("suspend", "--tenant", "ten_00000000000000000000000000", "--reason", "Nobody's.")).Error);
        Assert.Contains("mailbox.not_found", (await Verb("retry", "--tenant", tenant, "--mailbox", "mbx_00000000000000000000000000")).Error);
        Assert.Contains("Nothing was stopped", (await Verb("resume", "--all")).Output);
    }

    /// <summary>Whatever the installation holds, it can mean nothing: exit code 2, as for an option that there is not.</summary>
    [Theory]
    [InlineData("is not a message id; it begins with msg_", "queue", "why", "x", "--tenant", "ten_00000000000000000000000000")]
    [InlineData("is not an account id; it begins with ten_", "queue", "list", "--tenant", "cmp_00000000000000000000000000")]
    [InlineData("is not an account id; it begins with ten_", "audit", "verify", "--tenant", "x")]
    [InlineData("is not a mailbox id; it begins with mbx_", "queue", "retry", "--tenant", "ten_00000000000000000000000000", "--mailbox", "x")]
    [InlineData("is not the id of a migration; it begins with smg_", "server", "status", "x", "--tenant", "ten_00000000000000000000000000")]
    [InlineData("is not the id of a loaded file; it begins with col_", "cost", "withdraw", "x", "--tenant", "ten_00000000000000000000000000")]
    [InlineData("--seconds is 1 to 3600", "queue", "drain", "--reason", "A move.", "--seconds", "0")]
    [InlineData("--tenant with an account, or --all", "queue", "suspend", "--reason", "Nobody named.")]
    [InlineData("give it alone", "queue", "suspend", "--all", "--tenant", "ten_00000000000000000000000000", "--reason", "Only this account.")]
    [InlineData("is not HOST:PORT", "mail", "send", "--server", "x:y", "--from", "a@a.example", "--to", "b@b.example")]
    public async Task What_can_mean_nothing_is_wrong_usage(string said, params string[] words)
    {
        var (code, _, error) = await Penguin.Answer("", world.Penguin.Settings, Ct, words);
        Assert.Equal((2, true), (code, error.Contains(said, StringComparison.Ordinal)));
    }

    /// <summary>A verb is a guest of the program's database: it neither starts another nor says that one had ended.</summary>
    [Fact]
    public async Task Beside_the_running_program_a_verb_has_nothing_to_complain_of()
    {
        for (var time = 0; time < 3; time++) Assert.Equal((0, ""), (await Verb("list", "--tenant", world.Ids["tenants"])) is var done ? (done.Code, done.Error) : default);
    }
}
