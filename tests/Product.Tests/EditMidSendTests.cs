using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>Template and mailbox are changed, and the campaign is paused and resumed, while it sends: everybody gets what was launched, once.</summary>
public sealed class EditMidSendTests(ITestOutputHelper output)
{
    const int Recipients = 1_200;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task What_is_edited_in_the_middle_changes_no_message_that_was_launched()
    {
        await using var far = FarEnd.Start();
        await using var penguin = await Penguin.Start(Ct);
        using var api = new Api(penguin.Web, TimeProvider.System);
        var chaos = await ChaosCampaigns.Make(api, penguin, far, Recipients, output.WriteLine, Ct);
        far.Begin("edit");
        await chaos.Launch(1, Ct);
        for (var edit = 1; edit <= 4; edit++)
        {
            while (far.Taken.Count < edit * Recipients / 6) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Ct);
            var wasPaused = edit % 2 == 0 && await chaos.Pause(Ct);
            await api.Put($"/api/v1/templates/{chaos.TemplateId}", new { name = $"Edited {edit}", subject = $"Edited {edit}", html = "", text = "Another letter. {{physical_address}} {{unsubscribe_url}}" }, Ct);
            await api.Patch($"/api/v1/mailboxes/{chaos.Mailboxes[0]}", new { display_name = $"Renamed {edit}", connections_max = edit }, Ct);
            var refused = await Assert.ThrowsAsync<DemoFailed>(() => api.Put($"/api/v1/campaigns/{chaos.CampaignId}", chaos.Body("Another name"), Ct));
            Assert.Contains("campaign.not_draft", refused.Message);
            output.WriteLine($"edited {(wasPaused ? "and paused " : "")}at {far.Taken.Count}");
            if (wasPaused) await chaos.Steer("resume", Ct);
        }

        await api.Until<object>("Everything decided", Patience, async () => await chaos.IsDecided(Ct) ? output : null, Ct);
        var (summary, faults) = await chaos.Judge(Ct);
        output.WriteLine(summary);
        Assert.Empty(faults);
        Assert.Equal(Recipients, far.Taken.Count);
        Assert.DoesNotContain(far.Taken, mail => mail.Subject.Contains("Edited", StringComparison.Ordinal));
        Assert.Equal("Edited 4", (await api.Get($"/api/v1/templates/{chaos.TemplateId}", Ct)).GetProperty("subject").GetString());
    }
}
