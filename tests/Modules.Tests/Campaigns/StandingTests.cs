using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Queue;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Modules.Tests.Campaigns;

/// <summary>Where contacts are and what gives the right to write to them: by form, API and file, before a start and after it.</summary>
public sealed class StandingTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    async Task<Contact> Add(Office office, string email, StandingInput? standing = null)
    {
        var added = await AddContact.Handle(office.Actor, new AddContact.Input(email, ListId: office.List, Standing: standing), database.Db, database.Clock, Ct);
        Assert.True(added.IsOk, added.Problem?.Detail);
        return (await ListContacts.One(office.Actor, added.Value.Id, database.Db, Ct)).Value;
    }

    [Fact]
    public async Task What_is_given_is_kept_and_the_rest_follows_from_the_address()
    {
        var office = await Office.Open(database);
        var given = await Add(office, "anna@firm.example", new("germany", "", "individual", "opt-in", "Form of 1 March", "2026-03-01", ""));
        Assert.Equal(new Standing("DE", false, "Europe/Berlin", RecipientKind.Individual, LawfulBasis.Express, "Form of 1 March", new(2026, 3, 1), null, null), given.Standing);
        var presumed = await Add(office, "info@firma.de");
        Assert.Equal(("DE", true, "Europe/Berlin", RecipientKind.Company), (presumed.Standing.Country, presumed.Standing.IsCountryPresumed, presumed.Standing.Zone, presumed.Kind));
        var unknown = await Add(office, "joe@gmail.com");
        Assert.Equal(("", "", RecipientKind.Individual), (unknown.Standing.Country, unknown.Standing.Zone, unknown.Kind));
        Assert.Equal("", (await Add(office, "kim@firm.example", new("US"))).Standing.Zone); // Several zones.
    }

    [Theory]
    [InlineData("Atlantis", "", "", "", "", "country")]
    [InlineData("", "Mars/Olympus", "", "", "", "zone")]
    [InlineData("", "", "robot", "", "", "kind")]
    [InlineData("", "", "", "implied", "", "basis")]
    [InlineData("", "", "", "express", "1 March", "obtained_on")]
    public async Task What_cannot_be_read_is_refused_at_its_field(string country, string zone, string kind, string basis, string since, string field)
    {
        var office = await Office.Open(database);
        var refused = await AddContact.Handle(office.Actor, new AddContact.Input("a@firm.example", Standing: new(country, zone, kind, basis, "", since)), database.Db, database.Clock, Ct);
        Assert.Equal(("contact.invalid", field), (refused.Problem?.Code, refused.Problem?.Fields[0].Field));
    }

    [Fact]
    public async Task A_file_brings_it_and_rows_that_cannot_be_read_say_why()
    {
        var office = await Office.Open(database);
        const string head = "email,country,time_zone,lawful_basis,consent_evidence,consent_date\r\n";
        var import = await office.Import(head + "a@firm.example,Canada,America/Toronto,inquiry,Asked on the fair,2026-01-10\r\nb@firm.example,Somewhere,,,,\r\nc@firm.example,DE,Nowhere,,,\r\nd@firm.example,DE,,maybe,,\r\n");
        Assert.Equal((2, 2), (import.Added, import.Rejected));
        Assert.Equal(["zone_invalid", "basis_invalid"], await office.Rows("select code from campaigns.import_error where tenant_id = $1 order by row_number", row => row.GetString(0)));
        var contacts = (await ListContacts.Handle(office.Actor, new(), database.Db, Ct)).Value.Items;
        var known = contacts.Single(c => c.Email == "a@firm.example");
        Assert.Equal(new Standing("CA", false, "America/Toronto", null, LawfulBasis.Inquiry, "Asked on the fair", new(2026, 1, 10), null, null), known.Standing);
        Assert.Equal(("", "Somewhere"), contacts.Single(c => c.Email == "b@firm.example") is var b ? (b.Standing.Country, b.Attributes["country"]) : default); // Kept for templates.

        await office.Import("email,lawful_basis,consent_evidence\r\na@firm.example,express,Ticked the box\r\nb@firm.example,,\r\n", "update");
        contacts = (await ListContacts.Handle(office.Actor, new(), database.Db, Ct)).Value.Items;
        Assert.Equal(("CA", LawfulBasis.Express, "Ticked the box", (DateOnly?)null), contacts.Single(c => c.Email == "a@firm.example").Standing is var s ? (s.Country, s.Basis, s.Evidence, s.ObtainedOn) : default);
    }

    [Fact]
    public async Task Preflight_counts_who_would_wait_and_why()
    {
        var office = await Office.Open(database);
        await Add(office, "us@firm.example", new("US"));
        await Add(office, "ca1@firm.example", new("CA"));
        await Add(office, "ca2@firm.example", new("CA", Basis: "express", Evidence: "Form"));
        await Add(office, "de1@firma.de");
        await Add(office, "de2@firma.de");
        var (campaign, report) = await Campaign(office);
        Assert.Equal([("CA", 2L, 1L), ("DE", 2L, 2L), ("US", 1L, 0L)], report.Jurisdictions.OrderBy(j => j.Country).Select(j => (j.Country, j.Contacts, j.Held)));
        Assert.Equal(("consent_missing_de", 2L), report.Jurisdictions.Single(j => j.Country == "DE").Why.Single() is var why ? (why.Code, why.Contacts) : default);
        Assert.Contains(report.Findings, f => f is { Rule: "consent", Severity: Severity.Warn } && f.Title.StartsWith("2 recipients in Germany", StringComparison.Ordinal) && f.Fix.Contains("UWG", StringComparison.Ordinal));
        Assert.Equal((ClockOf.Recipient, DayShape.WorkingDay, false), (campaign.Clock, campaign.Shape, campaign.SkipsHolidays));
        Assert.Equal([campaign.Id], (await ListCampaigns.Handle(office.Actor, null, null, database.Db, Ct)).Value.Items.Select(listed => listed.Id));
    }

    [Fact]
    public async Task Preflight_blocks_when_everybody_would_wait()
    {
        var office = await Office.Open(database);
        await Add(office, "de1@firma.de");
        Assert.Contains((await Campaign(office)).Report.Findings, f => f is { Rule: "consent", Severity: Severity.Block });
    }

    /// <summary>Launched with two who lack consent; one gives it, by hand or by file, the other takes back what there was.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_recorded_after_the_start_reaches_what_waits(bool byFile)
    {
        var office = await Office.Open(database);
        var gives = await Add(office, "gives@firm.example", new("CA"));
        await Add(office, "waits@firm.example", new("CA"));
        var takes = await Add(office, "takes@firm.example", new("CA", Basis: "express", Evidence: "Form"));
        var campaign = (await Campaign(office)).Campaign;
        await Launch(office, campaign);
        Assert.Equal([("gives@firm.example", "consent_missing_ca"), ("takes@firm.example", ""), ("waits@firm.example", "consent_missing_ca")], await Held(office));

        if (byFile) await office.Import("email,lawful_basis,consent_evidence\r\ngives@firm.example,express,Said yes on the phone\r\n", "update");
        else Assert.True((await SetStanding.Handle(office.Actor, gives.Id, new("CA", Basis: "express", Evidence: "Said yes on the phone"), database.Db, database.Clock, Ct)).IsOk);
        Assert.Equal([("gives@firm.example", ""), ("takes@firm.example", ""), ("waits@firm.example", "consent_missing_ca")], await Held(office));

        Assert.True((await SetStanding.TakeBack(office.Actor, takes.Id, database.Db, database.Clock, Ct)).IsOk);
        Assert.Equal(["withdrawal"], await office.Rows("select source from compliance.suppression where tenant_id = $1 and value = 'takes@firm.example' and workspace_id is null", row => row.GetString(0)));
        Assert.Equal([true], await office.Rows("select is_withdrawn from delivery.message where tenant_id = $1 and address = 'takes@firm.example'", row => row.GetBoolean(0)));

        // Recording something weaker, or of an earlier day, does not make it undone; express consent of that day does.
        Assert.NotNull((await SetStanding.Handle(office.Actor, takes.Id, new("CA", Basis: "express", Evidence: "Form", ObtainedOn: "2026-01-01"), database.Db, database.Clock, Ct)).Value.Standing.WithdrawnAt);
        Assert.Null((await SetStanding.Handle(office.Actor, takes.Id, new("CA", Basis: "express", Evidence: "Form", ObtainedOn: "2100-01-01"), database.Db, database.Clock, Ct)).Value.Standing.WithdrawnAt);
        Assert.Single((await ListSuppressions.Handle(office.Actor, new("takes@"), database.Db, Ct)).Value.Items);
    }

    /// <summary>A launch has read the contact and not yet written its message when consent is recorded: the change waits for it, and reaches it.</summary>
    [Fact]
    public async Task What_is_recorded_while_a_launch_writes_reaches_what_it_writes()
    {
        var office = await Office.Open(database);
        var contact = await Add(office, "anna@firm.example", new("CA"));
        var campaign = (await Campaign(office)).Campaign;
        var now = database.Clock.GetUtcNow();
        Task<Result<Contact>> recording;
        await using (var launch = await database.Db.Begin(office.Actor.Tenant, Ct))
        {
            await launch.Execute("update campaigns.campaign set state = 'launching' where tenant_id = $1", Ct, office.Actor.Tenant);
            await launch.Commit(Ct);
        }

        await using (var batch = await database.Db.Begin(office.Actor.Tenant, Ct))
        {
            await batch.Execute("select 1 from campaigns.campaign where tenant_id = $1 for update", Ct, office.Actor.Tenant);
            var content = await PenguinMails.Delivery.Content.WriteContent.Within(batch, new(campaign.Id.Value, 1, "Hello", null, "Hi", "Sender Ltd", "1 Street"), now, Ct);
            await ControlCampaign.Start(batch, campaign.Id.Value, office.Actor.Workspace!.Value, SendPlan.Plain(SendWindow.Always), now, Ct);
            recording = SetStanding.Handle(office.Actor, contact.Id, new("CA", Basis: "express", Evidence: "Said yes"), database.Db, database.Clock, Ct);
            Assert.NotSame(recording, await Task.WhenAny(recording, Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Ct)));
            await EnqueueMessages.Within(batch, office.Actor.Workspace!.Value, campaign.Id.Value, 1, content, [new(contact.Id.Value, contact.Email, "{}", campaign.Mailboxes[0], contact.Facts())], now,
                database.Services.GetRequiredService<PenguinMails.Delivery.Links.Tokens>(), now, Ct);
            await batch.Commit(Ct);
        }

        Assert.True((await recording).IsOk);
        Assert.Equal([("anna@firm.example", "")], await Held(office));
    }

    [Fact]
    public async Task A_stranger_changes_nothing()
    {
        var office = await Office.Open(database);
        var contact = await Add(office, "anna@firm.example");
        var other = await Office.Open(database);
        Assert.Equal("contact.not_found", (await SetStanding.Handle(other.Actor, contact.Id, new(), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("contact.not_found", (await SetStanding.TakeBack(other.Actor, contact.Id, database.Db, database.Clock, Ct)).Problem?.Code);
        var nobody = office.Actor with { Kind = ActorKind.Person };
        Assert.Equal("permission.missing", (await SetStanding.Handle(nobody, contact.Id, new(), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await SetStanding.TakeBack(nobody, contact.Id, database.Db, database.Clock, Ct)).Problem?.Code);
    }

    Task<List<(string, string)>> Held(Office office) => office.Rows(
        "select m.address, q.held from delivery.queue q join delivery.message m on m.tenant_id = q.tenant_id and m.id = q.message_id where q.tenant_id = $1 order by m.address", row => (row.GetString(0), row.GetString(1)));

    // The jobs of a launch, without the rules of a preflight that these tests are not about.
    async Task Launch(Office office, Campaign campaign)
    {
        var now = database.Clock.GetUtcNow();
        await using (var tx = await database.Db.Begin(office.Actor.Tenant, Ct))
        {
            var content = await PenguinMails.Delivery.Content.WriteContent.Within(tx, new(campaign.Id.Value, 1, "Hello", null, "Hi {{unsubscribe_url}}", "Sender Ltd", "1 Street"), now, Ct);
            await ControlCampaign.Start(tx, campaign.Id.Value, office.Actor.Workspace!.Value, SendPlan.Plain(SendWindow.Always), now, Ct);
            await tx.Execute("update campaigns.campaign set state = 'launching' where tenant_id = $1", Ct, office.Actor.Tenant);
            await tx.Enqueue(new PenguinMails.Core.Jobs.JobOrder<EnqueueAudience.Order>(EnqueueAudience.Kind, new(campaign.Id, office.Actor.Workspace!.Value, content)), now, Ct);
            await tx.Commit(Ct);
        }

        await database.RunJobs(office.Actor.Tenant, Ct);
    }

    async Task<(Campaign Campaign, PreflightReport Report)> Campaign(Office office)
    {
        var template = (await SaveTemplate.Handle(office.Actor, null, new SaveTemplate.Input("T", "Hello", "", "Hi {{unsubscribe_url}} {{physical_address}}"), database.Db, database.Clock, Ct)).Value;
        var mailbox = (await ConnectMailbox.Handle(office.Actor, new ConnectMailbox.Input($"s@{office.Actor.Tenant.ToString().Replace('_', '-')}.example", "S",
            new ConnectMailbox.ServerInput("127.0.0.1", 25, ConnectionSecurity.None, "u", "p")), database.Db, database.Services.GetRequiredService<MailboxSecrets>(), "test", database.Clock, Ct)).Value;
        var saved = await SaveCampaign.Handle(office.Actor, null, new SaveCampaign.Input("C", template.Id, office.List, [mailbox.Id], ConsumerPolicy: ConsumerPolicy.Exclude, IncludesRoles: true,
            Clock: ClockOf.Recipient, Shape: DayShape.WorkingDay, SkipsHolidays: false), database.Db, database.Clock, Ct);
        return (saved.Value, (await Preflight.Handle(office.Actor, saved.Value.Id, database.Db, database.Clock, Ct)).Value);
    }
}
