using System.Globalization;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Gallery;

/// <summary>Invented people and numbers for the gallery. Domains are those RFC 2606 sets aside.</summary>
public static class Samples
{
    public sealed record Contact(string Id, string Email, string Name, string Company, Tone Tone, string Word, int Sent, DateTimeOffset Seen);

    public static readonly Shell Shell = new()
    {
        Rail =
        [
            new(null, [new("Brief", "/gallery/overview", "brief", IsInBar: true)]),
            new("Oversight", [new("KPIs", "/kpis", "kpi"), new("Plan", "/plan", "plan"), new("Budgets", "/budgets", "budget"),
                new("Decisions", "/decisions", "decision"), new("Risks", "/risks", "risk"), new("Reports", "/reports", "report")]),
            new("Sending", [new("Campaigns", "/campaigns", "campaign", IsInBar: true), new("Contacts", "/gallery/contacts", "contacts", IsInBar: true),
                new("Inbox", "/inbox", "inbox", IsInBar: true, Count: 12), new("Templates", "/templates", "template")]),
            new("Infrastructure", [new("Domains", "/domains", "domain"), new("Mailboxes", "/mailboxes", "mailbox"), new("Servers", "/servers", "server"),
                new("Warm-up", "/warm-up", "warm-up"), new("Deliverability", "/deliverability", "deliverability")]),
            new("Trust", [new("Compliance", "/compliance", "compliance"), new("Suppressions", "/suppressions", "suppression"), new("Audit", "/audit", "audit")]),
            new("Build", [new("API keys", "/api-keys", "key"), new("Webhooks", "/webhooks", "webhook"), new("Integrations", "/integrations", "integration")]),
            new(null, [new("Settings", "/settings", "settings")]),
        ],
        Workspaces = [new("w1", "Nordlicht Vertrieb", true), new("w2", "Donaudampfschifffahrtsgesellschaft Süd"), new("w3", "شركة المثال")],
        Account = new("Ada Lindqvist", "ada@nordlicht.example",
            [new("Your account", "/account", "contacts"), new("Team", "/team", "team"), new("Activity", "/activity", "activity")], "/sign-out"),
        SearchHref = "/search",
        NoticesHref = "/notices",
        NoticesCount = 3,
        Actions = [new("New campaign", "/campaigns/new", "Create"), new("Import contacts", "/gallery/import", "Create", "csv upload list"),
            new("Add domain", "/domains/new", "Create", "dns spf dkim"), new("Pause all sending", "/sending/pause", "Act", "stop kill switch")],
    };

    /// <summary>24 days of a rate that wanders inside its limits and leaves them once.</summary>
    public static readonly IReadOnlyList<Point> Rates = [.. Enumerable.Range(0, 24).Select(i =>
        new Point(Day(i), i == 9 ? null : i == 17 ? 4.9 : 2.1 + Math.Sin(i * 1.7) * .6 - i * .02, i == 17))];

    public static IReadOnlyList<Contact> Contacts(DateTimeOffset now) =>
    [
        new("c1", "greta.holm@acme.example", "Greta Holm", "Acme GmbH", Tone.Good, "active", 14, now.AddMinutes(-3)),
        new("c2", "maximiliane.von-und-zu-hohenstein@rindfleischetikettierung.example", "Maximiliane von und zu Hohenstein-Rindfleischetikettierungsüberwachung",
            "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz AG", Tone.Running, "in sequence", 3, now.AddHours(-2)),
        new("c3", "layla@mithal.example", "ليلى الحسيني", "شركة المثال للتجارة", Tone.Good, "active", 9, now.AddHours(-5)),
        new("c4", "jo@b.example", "Jo", "B", Tone.Bad, "bounced", 1, now.AddHours(-30)),
        new("c5", "dvora@dugma.example", "דבורה כהן", "דוגמה בע״מ", Tone.Warn, "deferred", 2, now.AddDays(-3)),
        new("c6", "tomas.novak@priklad.example", "Tomáš Novák", "Příklad s.r.o.", Tone.Held, "paused", 5, now.AddDays(-9)),
        new("c7", "chen.wei@lizi.example", "陈伟", "例子有限公司", Tone.Quiet, "new", 0, now.AddDays(-40)),
        .. Enumerable.Range(8, 18).Select(i => new Contact($"c{i}", $"person{i}@company{i}.example", $"Person {i}", $"Company {i}",
            i % 5 == 0 ? Tone.Quiet : Tone.Good, i % 5 == 0 ? "unsubscribed" : "active", i * 7 % 23, now.AddHours(-i * 7))),
    ];

    static string Day(int i) => new DateOnly(2026, 3, 1).AddDays(i).ToString("d MMM", CultureInfo.InvariantCulture);
}
