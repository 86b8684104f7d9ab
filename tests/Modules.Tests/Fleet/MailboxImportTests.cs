using System.Text;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Imports;

namespace PenguinMails.Modules.Tests.Fleet;

public sealed class MailboxImportTests(TestDatabase database)
{
    const string Header = "address,display_name,smtp_host,smtp_port,smtp_security,smtp_user,smtp_password,imap_host,imap_password,daily_cap\r\n";
    const string Secret = "s3cret-Ünique, with comma";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static Task<Result<MailboxImport>> Upload(FleetWorld world, string text) => Upload(world, Encoding.UTF8.GetBytes(text));

    static Task<Result<MailboxImport>> Upload(FleetWorld world, byte[] bytes) => UploadMailboxImport.Handle(world.Actor, "C:\\files\\boxes.csv", new MemoryStream(bytes), world.Db, world.Box, world.Clock, Ct);

    static async Task<MailboxImport> Read(FleetWorld world, MailboxImportId id) => (await ReadMailboxImport.Handle(world.Actor, id, world.Db, Ct)).Value;

    // The world's clock stands with the database's own, so its jobs are due there.
    async Task<MailboxImport> Run(FleetWorld world, MailboxImportId id)
    {
        Assert.True((await StartMailboxImport.Handle(world.Actor, id, world.Db, world.Clock, Ct)).IsOk);
        await database.RunJobs(world.Tenant, Ct);
        return await Read(world, id);
    }

    static async Task<string> Errors(FleetWorld world, MailboxImportId id)
    {
        using var file = new MemoryStream();
        Assert.True((await ReadMailboxImport.WriteErrors(world.Actor, id, file, world.Db, Ct)).IsOk);
        return Encoding.UTF8.GetString(file.ToArray());
    }

    static string Row(FleetWorld world, string local, string password = Secret) => $"{local}@{world.Name},{local},127.0.0.1,{world.Sandbox.SmtpEndpoint.Port},none,{local},\"{password}\",,,25\r\n";

    [Fact]
    public async Task Good_rows_are_connected_with_their_passwords_and_the_rest_is_named()
    {
        await using var world = FleetWorld.Create(database);
        await world.Connect(world.Mailbox("there"));
        var uploaded = (await Upload(world, "\uFEFF" + Header + Row(world, "anna", "sandbox") + Row(world, "there") + Row(world, "ANNA") + $"nobody,X,127.0.0.1,25,none,x,{Secret.Replace(",", "")},,,25\r\n" + Row(world, "ben"))).Value;
        Assert.Equal(("boxes.csv", "uploaded", 5, 2, 0, 1, 2), (uploaded.FileName, uploaded.State, uploaded.RowsRead, uploaded.Ready, uploaded.Added, uploaded.Known, uploaded.Rejected));
        var problems = (await ReadMailboxImport.Problems(world.Actor, uploaded.Id, world.Db, Ct)).Value.Items;
        Assert.Equal([(3, "address"), (4, "address")], problems.Select(problem => (problem.Row, problem.Field)));
        Assert.Contains("row 1", problems[0].Detail);
        Assert.Single((await ListMailboxes.Handle(world.Actor, new(), world.Db, Ct)).Value.Items);

        var done = await Run(world, uploaded.Id);
        Assert.Equal(("done", 0, 2, 1, 2), (done.State, done.Ready, done.Added, done.Known, done.Rejected));
        var anna = (await ListMailboxes.Handle(world.Actor, new(), world.Db, Ct)).Value.Items.Single(mailbox => mailbox.Address.StartsWith("anna@", StringComparison.Ordinal));
        Assert.Equal((25, 120), (anna.DailyCap, anna.GapSeconds));
        Assert.True((await world.Test(anna.Id)).Value.Ok);
        var ben = (await ListMailboxes.Handle(world.Actor, new(), world.Db, Ct)).Value.Items.Single(mailbox => mailbox.Address.StartsWith("ben@", StringComparison.Ordinal));
        Assert.Equal(Secret, (await ReadSender.Handle(world.Tenant, ben.Id, world.Secrets, world.Box, world.Db, Ct)).Value.Secret);
        Assert.Equal("mailbox_import.started", (await StartMailboxImport.Handle(world.Actor, uploaded.Id, world.Db, world.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Passwords_rest_nowhere_in_clear_and_leave_with_the_import()
    {
        await using var world = FleetWorld.Create(database);
        var uploaded = (await Upload(world, Header + Row(world, "anna") + Row(world, "b ad") + $"broken@{world.Name},X,{Secret},25\r\n" + $"c@{world.Name},\"open,{Secret}\r\n")).Value;
        Assert.Equal((1, 3), (uploaded.Ready, uploaded.Rejected));
        await AssertNowhere(world, uploaded.Id);
        Assert.Equal("done", (await Run(world, uploaded.Id)).State);
        await AssertNowhere(world, uploaded.Id);
        Assert.Equal(0, await Count(world, "select count(*) from fleet.mailbox_import_row where tenant_id = $1"));
    }

    async Task AssertNowhere(FleetWorld world, MailboxImportId id)
    {
        var errors = await Errors(world, id);
        Assert.Contains("address,display_name,smtp_host", errors);
        Assert.DoesNotContain("s3cret", errors);
        Assert.DoesNotContain("password,", errors.Split("\r\n")[0]);
        Assert.Equal(0, await Count(world, """
            select (select count(*) from fleet.mailbox_import_row r where r.tenant_id = $1 and (r::text like '%s3cret%' or position('s3cret'::bytea in r.sealed) > 0))
              + (select count(*) from fleet.mailbox_import_error e where e.tenant_id = $1 and e::text like '%s3cret%')
              + (select count(*) from fleet.mailbox m where m.tenant_id = $1 and m::text like '%s3cret%')
              + (select count(*) from core.job_detail d where d.tenant_id = $1 and d::text like '%s3cret%')
              + (select count(*) from core.audit_entry a where a.tenant_id = $1 and a::text like '%s3cret%')
            """));
    }

    [Fact]
    public async Task A_killed_job_goes_on_where_it_was_and_doubles_none()
    {
        await using var world = FleetWorld.Create(database);
        var uploaded = (await Upload(world, Header + string.Concat(Enumerable.Range(0, 12).Select(i => Row(world, $"m{i}"))))).Value;
        await StartMailboxImport.Handle(world.Actor, uploaded.Id, world.Db, world.Clock, Ct);
        var order = new ConnectImported.Order(uploaded.Id, world.Workspace);
        // Broken off at any moment, again and again: between two rows, or in the middle of one.
        for (var kill = 0; kill < 40 && (await Read(world, uploaded.Id)).State == "running"; kill++)
        {
            using var death = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            death.CancelAfter(TimeSpan.FromMilliseconds(3 * kill));
            try
            {
                await ConnectImported.Run(order, Job(world), death.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.False(Ct.IsCancellationRequested);
            }
        }

        await ConnectImported.Run(order, Job(world), Ct);
        var done = await Read(world, uploaded.Id);
        Assert.Equal(("done", 0, 12, 0, 0), (done.State, done.Ready, done.Added, done.Known, done.Rejected));
        Assert.Equal(12, await Count(world, "select count(*) from fleet.mailbox where tenant_id = $1"));
    }

    [Fact]
    public async Task Cancelled_it_keeps_what_is_connected_and_forgets_the_rest()
    {
        await using var world = FleetWorld.Create(database);
        var uploaded = (await Upload(world, Header + Row(world, "anna") + Row(world, "ben"))).Value;
        Assert.True((await ReadMailboxImport.Cancel(world.Actor, uploaded.Id, world.Db, world.Clock, Ct)).IsOk);
        var over = await Read(world, uploaded.Id);
        Assert.Equal(("cancelled", 2, 0), (over.State, over.Ready, over.Added));
        Assert.Equal(0, await Count(world, "select count(*) from fleet.mailbox_import_row where tenant_id = $1"));
        Assert.Equal("mailbox_import.over", (await ReadMailboxImport.Cancel(world.Actor, uploaded.Id, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("mailbox_import.started", (await StartMailboxImport.Handle(world.Actor, uploaded.Id, world.Db, world.Clock, Ct)).Problem?.Code);
        await ConnectImported.Run(new(uploaded.Id, world.Workspace), Job(world), Ct);
        Assert.Equal(0, await Count(world, "select count(*) from fleet.mailbox where tenant_id = $1"));
    }

    [Fact]
    public async Task An_upload_that_nobody_starts_is_forgotten()
    {
        await using var world = FleetWorld.Create(database);
        var uploaded = (await Upload(world, Header + Row(world, "anna"))).Value;
        await ForgetMailboxImport.Run(new(uploaded.Id), Job(world), Ct);
        Assert.Equal("cancelled", (await Read(world, uploaded.Id)).State);
        Assert.Equal(0, await Count(world, "select count(*) from fleet.mailbox_import_row where tenant_id = $1"));
    }

    [Fact]
    public async Task What_is_exported_comes_in_again_with_passwords_and_never_holds_one()
    {
        await using var world = FleetWorld.Create(database);
        await world.Connect(world.Mailbox("anna") with { DisplayName = "=Anna, \"the\" first" });
        await world.Connect(world.Mailbox("ben") with { DailyCap = 7 });
        using var file = new MemoryStream();
        Assert.True((await ExportMailboxes.Write(world.Actor, file, world.Db, world.Clock, Ct)).IsOk);
        var text = Encoding.UTF8.GetString(file.ToArray());
        Assert.Equal(2, text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length - 1);
        Assert.DoesNotContain("sandbox", text);
        Assert.Contains("\"'=Anna, \"\"the\"\" first\"", text);

        await using var other = FleetWorld.Create(database);
        var lines = text.Replace(world.Name, other.Name).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var again = string.Join("\r\n", lines.Select((line, i) => line + (i == 0 ? ",smtp_password" : ",pw")));
        var uploaded = (await Upload(other, again)).Value;
        Assert.Equal((2, 0), (uploaded.Ready, uploaded.Rejected));
        await Run(other, uploaded.Id);
        var made = (await ListMailboxes.Handle(other.Actor, new(), other.Db, Ct)).Value.Items;
        Assert.Equal(["=Anna, \"the\" first", "Sam Sender"], made.Select(mailbox => mailbox.DisplayName).Order(StringComparer.Ordinal));
        Assert.Contains(made, mailbox => mailbox.DailyCap == 7);
    }

    [Fact]
    public async Task Another_tenant_and_another_workspace_see_and_steer_none()
    {
        await using var world = FleetWorld.Create(database);
        var id = (await Upload(world, Header + Row(world, "anna"))).Value.Id;
        foreach (var (stranger, code) in new[]
        {
            (Actor.System(database.NewTenant(), world.Workspace), "mailbox_import.not_found"),
            (Actor.System(world.Tenant, new WorkspaceId(Guid.CreateVersion7())), "mailbox_import.not_found"),
            (world.Actor with { Kind = ActorKind.Person }, "permission.missing"),
            (Actor.System(world.Tenant), "workspace.missing"),
        })
        {
            Assert.Equal(code, (await ReadMailboxImport.Handle(stranger, id, world.Db, Ct)).Problem?.Code);
            Assert.Equal(code, (await ReadMailboxImport.Problems(stranger, id, world.Db, Ct)).Problem?.Code);
            Assert.Equal(code, (await ReadMailboxImport.Cancel(stranger, id, world.Db, world.Clock, Ct)).Problem?.Code);
            Assert.Equal(code, (await StartMailboxImport.Handle(stranger, id, world.Db, world.Clock, Ct)).Problem?.Code);
            Assert.Equal(code, (await ReadMailboxImport.WriteErrors(stranger, id, Stream.Null, world.Db, Ct)).Problem?.Code);
        }
    }

    JobRun Job(FleetWorld world) =>
        new(new ClaimedJob(TypedId.New<JobId>(world.Clock.GetUtcNow()), world.Tenant, ConnectImported.Kind, 1, 10, Guid.CreateVersion7(), null), world.Db, database.Services);

    static async Task<long> Count(FleetWorld world, string sql)
    {
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        return await tx.One(sql, row => row.GetInt64(0), Ct, world.Tenant);
    }
}
