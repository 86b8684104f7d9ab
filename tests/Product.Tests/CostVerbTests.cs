namespace PenguinMails.Product.Tests;

/// <summary>Costs from the command line, for an account that counts in no other way: refused with the line, loaded once, listed, withdrawn.</summary>
[Collection(RunningProgram.Name)]
public sealed class CostVerbTests(TwoAccounts world)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    Task<(int Code, string Output, string Error)> Verb(string input, params string[] words) => Penguin.Answer(input, world.Penguin.Settings, Ct, ["cost", .. words]);

    [Fact]
    public async Task A_file_is_refused_loaded_once_and_taken_back()
    {
        var me = (await world.Send(HttpMethod.Get, "/api/v1/me", world.Second, null, Ct)).Body().GetProperty("tenant_id").GetString()!;
        var bad = await Verb("billed_on,vendor,amount,currency\n2026-02-30,Rack,1,EUR\n", "load", "-", "--tenant", me);
        Assert.Equal(1, bad.Code);
        Assert.Contains("-: line 2: \"2026-02-30\" is no date", bad.Error, StringComparison.Ordinal);
        const string good = "billed_on,vendor,amount,currency\n2026-02-03,Rack,12.50,EUR\n2026-02-04,Rack,-2.50,EUR\n";
        var loaded = await Verb(good, "load", "-", "--tenant", me);
        Assert.Equal(0, loaded.Code);
        Assert.Contains("2 rows read as col_", loaded.Output, StringComparison.Ordinal);
        Assert.Contains("10.00 EUR in all", loaded.Output, StringComparison.Ordinal);
        Assert.Contains("cost.loaded_already", (await Verb(good, "load", "-", "--tenant", me)).Error, StringComparison.Ordinal);
        var id = loaded.Output.Split(' ', ',').First(word => word.StartsWith("col_", StringComparison.Ordinal));
        Assert.Contains(id, (await Verb("", "list", "--tenant", me)).Output, StringComparison.Ordinal);
        Assert.Contains("2 rows of standard input count no longer", (await Verb("", "withdraw", id, "--tenant", me)).Output, StringComparison.Ordinal);
        Assert.Contains("cost.not_found", (await Verb("", "withdraw", "col_00000000000000000000000000", "--tenant", me)).Error, StringComparison.Ordinal);
        Assert.Contains("(withdrawn)", (await Verb("", "list", "--tenant", me)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revenue_is_refused_loaded_replaced_and_set_against_costs()
    {
        var me = (await world.Send(HttpMethod.Get, "/api/v1/me", world.Second, null, Ct)).Body().GetProperty("tenant_id").GetString()!;
        Task<(int Code, string Output, string Error)> Revenue(string input, params string[] words) => Penguin.Answer(input, world.Penguin.Settings, Ct, ["revenue", .. words, "--tenant", me]);
        var bad = await Revenue("month,workspace,amount,currency\n2026-10,Nobody,1,EUR\n", "load", "-");
        Assert.Equal(1, bad.Code);
        Assert.Contains("-: line 2: \"Nobody\" is no workspace", bad.Error, StringComparison.Ordinal);
        var name = (await world.Send(HttpMethod.Get, "/api/v1/workspaces", world.Second, null, Ct)).Body().GetProperty("items")[0].GetProperty("name").GetString()!;
        var good = $"month,workspace,amount,currency\n2024-10,{name},12.50,EUR\n";
        Assert.Contains("1 lines of invoices read, 0 of before replaced", (await Revenue(good, "load", "-")).Output, StringComparison.Ordinal);
        Assert.Contains("1 of before replaced", (await Revenue(good, "load", "-")).Output, StringComparison.Ordinal);
        Assert.Contains("No cost is loaded for October 2024", (await Revenue("", "margins", "--month", "2024-10", "--key", "equal")).Output, StringComparison.Ordinal);
    }
}
