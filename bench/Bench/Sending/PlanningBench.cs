using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Cli;
using PenguinMails.Core;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Bench.Sending;

/// <summary>A campaign to many recipients, from the launch until each has its row in the ledger and its place in the queue.</summary>
static class PlanningBench
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    public static async Task Run(int recipients, CancellationToken ct)
    {
        await using var stage = await Stage.Open(Roles.Web | Roles.Worker, ct);
        using var http = new HttpClient { BaseAddress = stage.Settings.WebUrl, Timeout = TimeSpan.FromMinutes(20) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", stage.Key);
        var list = (await CreateList.Handle(stage.Actor, new CreateList.Input("bench"), stage.Db, TimeProvider.System, ct)).Value.Id;
        await ImportBench.Fill(http, list, recipients, ct);
        var campaign = await Draft(stage, list, ct);

        await File.WriteAllTextAsync("/proc/self/clear_refs", "5", ct); // The peak counts from here.
        var (before, started) = (Stage.PeakMegabytes(), Stopwatch.GetTimestamp());
        var launched = await LaunchCampaign.Handle(stage.Actor, campaign, stage.Db, TimeProvider.System, ct);
        if (launched.Problem is { } refused) throw new InvalidOperationException($"{refused.Detail} {string.Join(' ', refused.Fields.Select(f => f.ToString()))}");
        var middle = 0L;
        while ((await ListCampaigns.One(stage.Actor, campaign, stage.Db, ct)).Value is { State: CampaignState.Launching } now)
        {
            if (Stopwatch.GetElapsedTime(started) > Patience) throw new InvalidOperationException($"Not planned within {Patience.TotalMinutes} minutes.");
            if (middle == 0 && now.Enqueued > recipients / 10) middle = Stage.PeakMegabytes();
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, ct);
        }

        var (seconds, planned) = (Stopwatch.GetElapsedTime(started).TotalSeconds, (await ListCampaigns.One(stage.Actor, campaign, stage.Db, ct)).Value.Enqueued);
        if (planned != recipients) throw new InvalidOperationException($"{planned} of {recipients} were planned.");
        Stage.Row($"Planning a campaign to {recipients:N0} recipients", string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s, {recipients / seconds:N0}/s"), "", "", "under 90 s");
        Stage.Row("Peak memory of the whole program meanwhile: at the start, after a tenth, at the end", $"{before}, {middle}, {Stage.PeakMegabytes()} MB", "", "", "flat");
    }

    // The window is shut on every day but one, so that nothing is sent while it is measured.
    static async Task<CampaignId> Draft(Stage stage, ListId list, CancellationToken ct)
    {
        var (actor, db, clock) = (stage.Actor, stage.Db, TimeProvider.System);
        var sendings = await Sendings.Open(stage, port: 9, "bench.example", signs: true, ct);
        await using (var tx = await db.Begin(stage.Tenant, ct))
        {
            await tx.Execute("update accounts.workspace set sender_name = 'Bench Ltd', postal_address = '1 Street, Town' where tenant_id = $1", ct, stage.Tenant);
            await tx.Execute("update fleet.domain set state = 'verified' where tenant_id = $1", ct, stage.Tenant); // Its DNS is somebody else's.
            await tx.Commit(ct);
        }

        var template = (await SaveTemplate.Handle(actor, null, new("bench", "Hello {{first_name|there}}", "", "Hello {{first_name|there}}\n{{unsubscribe_url}}\n{{physical_address}}\n"), db, clock, ct)).Value.Id;
        var tomorrow = (int)clock.GetUtcNow().AddDays(2).DayOfWeek;
        var window = new SendWindow("Etc/UTC", 1 << ((tomorrow + 6) % 7), 9 * 60, 17 * 60);
        var saved = await SaveCampaign.Handle(actor, null, new("bench", template, list, [.. sendings.Senders.Select(id => new Fleet.Mailboxes.MailboxId(id))], window, ConsumerPolicy.Exclude, IncludesRoles: true, Shape: DayShape.Flat), db, clock, ct);
        return saved.Value.Id;
    }
}
