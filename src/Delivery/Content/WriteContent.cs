using System.Text.RegularExpressions;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Tracking;

namespace PenguinMails.Delivery.Content;

/// <summary>Keeps what a campaign's step sends, as it is at launch. Runs inside the caller's transaction.</summary>
public static partial class WriteContent
{
    /// <param name="Html">Null for a text-only message.</param>
    /// <param name="Tracking">Null: nothing is tracked.</param>
    public sealed record Step(Guid Campaign, int Number, string Subject, string? Html, string Text, string SenderName, string PhysicalAddress, Tracking? Tracking = null);

    /// <param name="Clicks">True: fixed http(s) links in the HTML go through the tracking host.</param>
    /// <param name="Opens">True: the HTML ends with a pixel.</param>
    /// <param name="Reach">Whose messages; the others carry the plain links.</param>
    public sealed record Tracking(bool Clicks, bool Opens, TrackingReach Reach);

    const int LinksMax = 200;

    const string Insert = """
        insert into delivery.content (tenant_id, id, campaign_id, step, subject, html, text, physical_address, sender_name, tracks_clicks, created_at, tracks_opens, tracking_reach)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        on conflict on constraint content_once do nothing
        """;

    const string Find = "select id from delivery.content where tenant_id = $1 and campaign_id = $2 and step = $3";

    const string InsertLink = "insert into delivery.link (tenant_id, content_id, number, url) values ($1, $2, $3, $4) on conflict do nothing";

    /// <returns>The content's id; the same one when the step was written before.</returns>
    public static async Task<Guid> Within(TenantTx tx, Step step, DateTimeOffset now, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(now);
        var links = new List<string>();
        var tracking = step.Tracking ?? new Tracking(false, false, TrackingReach.OutsideEea);
        var html = tracking.Clicks && step.Html is { } source ? Track(source, links) : step.Html;
        if (html is not null && (links.Count > 0 || tracking.Opens)) html = AtEnd(html, links.Count > 0, tracking.Opens);
        var added = await tx.Execute(Insert, ct, tx.Tenant, id, step.Campaign, (short)step.Number, step.Subject, html, step.Text, step.PhysicalAddress,
            step.SenderName, tracking.Clicks, now, tracking.Opens, tracking.Reach.Word());
        if (added == 0) return await tx.One(Find, row => row.GetGuid(0), ct, tx.Tenant, step.Campaign, (short)step.Number);
        for (var number = 0; number < links.Count; number++) await tx.Execute(InsertLink, ct, tx.Tenant, id, (short)number, links[number]);
        return id;
    }

    // Only links without merge fields: a personal link cannot be stored once for all recipients.
    static string Track(string html, List<string> links) => Href().Replace(html, match =>
    {
        if (links.Count >= LinksMax) return match.Value;
        var url = System.Net.WebUtility.HtmlDecode(match.Groups[1].Value);
        var number = links.IndexOf(url);
        if (number < 0)
        {
            number = links.Count;
            links.Add(url);
        }

        return $"href=\"{{{{link_{number}}}}}\"";
    });

    // Empty where a recipient may not be tracked. Nobody sees the trap, tabs to it or hears it read; a scanner that follows every link follows it too.
    static string AtEnd(string html, bool hasTrap, bool hasPixel)
    {
        var end = html.LastIndexOf("</body", StringComparison.OrdinalIgnoreCase);
        return html.Insert(end < 0 ? html.Length : end,
            (hasTrap ? "{{#if trap_url}}<a href=\"{{trap_url}}\" tabindex=\"-1\" aria-hidden=\"true\"></a>{{/if}}" : "")
            + (hasPixel ? "{{#if pixel_url}}<img src=\"{{pixel_url}}\" width=\"1\" height=\"1\" alt=\"\">{{/if}}" : ""));
    }

    [GeneratedRegex("href=\"(https?://[^\"{}\\s]{1,2000})\"", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Href();
}
