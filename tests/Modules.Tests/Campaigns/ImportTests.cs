using System.Text;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Campaigns.Imports;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Modules.Tests.Campaigns;

public sealed class ImportTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_row_is_counted_once_as_added_duplicate_or_rejected()
    {
        var office = await Office.Open(database);
        var import = await office.Import("email,first_name\r\na@firm.example,Anna\r\nA@FIRM.example,Again\r\nbroken@,X\r\n,Y\r\nb@firm.example,Berta\r\n");
        Assert.Equal((5, 2, 1, 2, "done"), ((int)import.RowsRead, (int)import.Added, (int)import.Duplicates, (int)import.Rejected, import.State));
        Assert.Equal(["a@firm.example", "b@firm.example"], (await Contacts(office)).Select(c => c.Email).Order());
    }

    [Fact]
    public async Task The_error_file_names_row_line_and_reason_and_disarms_formulas()
    {
        var office = await Office.Open(database);
        var import = await office.Import("email,note\r\n=1+1,\"x\r\ny\"\r\nno-address,z\r\n");
        using var file = new MemoryStream();
        Assert.True((await ReadImport.WriteErrors(office.Actor, import.Id, file, database.Db, Ct)).IsOk);
        var lines = Encoding.UTF8.GetString(file.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("1,2,email_invalid", lines[1]);
        Assert.Contains("\"'=1+1,", lines[1]);
        Assert.StartsWith("2,4,email_invalid", lines[^1]);
    }

    [Theory]
    [InlineData("skip", "Anna", "Old Ltd")]
    [InlineData("update", "Anne", "Old Ltd")]
    public async Task A_contact_that_is_there_is_left_or_filled_in_by_policy(string policy, string firstName, string company)
    {
        var office = await Office.Open(database);
        await office.Import("email,first_name,company\r\na@firm.example,Anna,Old Ltd\r\n");
        await office.Import("email,first_name,company,city\r\na@firm.example,Anne,,Berlin\r\n", policy);
        var contact = Assert.Single(await Contacts(office));
        Assert.Equal((firstName, company), (contact.FirstName, contact.Company));
        Assert.Equal(policy == "update", contact.Attributes.ContainsKey("city"));
    }

    [Fact]
    public async Task Windows_1252_and_semicolons_are_recognised()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var office = await Office.Open(database);
        var import = await office.Import(Encoding.GetEncoding(1252).GetBytes("E-Mail;Vorname;Straße\r\nj@firm.example;Jürgen;Königsallee 1\r\n"));
        Assert.Equal(("windows-1252", ";"), (import.Encoding, import.Delimiter));
        var contact = Assert.Single(await Contacts(office));
        Assert.Equal("Jürgen", contact.FirstName);
        Assert.Equal("Königsallee 1", contact.Attributes["stra_e"]);
    }

    [Fact]
    public async Task Role_and_private_addresses_are_marked()
    {
        var office = await Office.Open(database);
        await office.Import("email\r\ninfo@firm.example\r\nanna@gmail.com\r\nberta@firm.example\r\n");
        var contacts = (await Contacts(office)).ToDictionary(c => c.Email);
        Assert.True(contacts["info@firm.example"].IsRole && contacts["anna@gmail.com"].IsConsumer);
        Assert.False(contacts["berta@firm.example"].IsRole || contacts["berta@firm.example"].IsConsumer);
    }

    [Fact]
    public async Task More_rows_than_a_batch_arrive_whole()
    {
        var office = await Office.Open(database);
        var import = await office.Import("email\r\n" + string.Concat(Enumerable.Range(0, 12_001).Select(i => $"p{i}@firm.example\r\n")));
        Assert.Equal((12_001, 12_001), ((int)import.RowsRead, (int)import.Added));
        Assert.Equal(0, (await office.Rows("select count(*) from campaigns.import_chunk where tenant_id = $1", row => row.GetInt64(0)))[0]);
    }

    [Fact]
    public async Task The_planner_knows_of_a_large_import_at_once()
    {
        var office = await Office.Open(database);
        await office.Import("email\r\n" + string.Concat(Enumerable.Range(0, 10_001).Select(i => $"q{i}@firm.example\r\n")));
        await using var tx = await database.Db.Begin(office.Actor.Tenant, Ct);
        var known = await tx.List("select reltuples from pg_class where oid in ('campaigns.contact'::regclass, 'campaigns.list_member'::regclass) limit 2", row => row.GetFloat(0), Ct);
        Assert.All(known, rows => Assert.True(rows >= 10_001, $"{rows}"));
        Assert.Equal(2, known.Count);
    }

    [Fact]
    public async Task A_list_knows_how_many_contacts_it_has()
    {
        var office = await Office.Open(database);
        await office.Import("email\r\na@firm.example\r\nb@firm.example\r\na@firm.example\r\n");
        await office.Import("email\r\nb@firm.example\r\nc@firm.example\r\n", "update");
        var added = await AddContact.Handle(office.Actor, new AddContact.Input("d@firm.example", ListId: office.List), database.Db, database.Clock, Ct);
        Assert.Equal(4, await Count(office));
        Assert.True((await RemoveContact.Handle(office.Actor, added.Value.Id, database.Db, database.Clock, Ct)).IsOk);
        Assert.Equal(3, await Count(office));
    }

    [Theory]
    [InlineData("skip")]
    [InlineData("update")]
    public async Task A_contact_that_is_there_joins_the_list_of_the_import(string policy)
    {
        var office = await Office.Open(database);
        await office.Import("email\r\na@firm.example\r\nb@firm.example\r\n");
        var second = (await CreateList.Handle(office.Actor, new CreateList.Input("Second"), database.Db, database.Clock, Ct)).Value.Id;
        await office.Import("email\r\nb@firm.example\r\nc@firm.example\r\n", policy, second);
        await office.Import("email\r\nb@firm.example\r\n", policy, second);
        Assert.Equal(2, (await ListLists.Handle(office.Actor, database.Db, Ct)).Value.Items.Single(l => l.Id == second).Contacts);
        var members = await ListContacts.Handle(office.Actor, new ListContacts.Input(List: second), database.Db, Ct);
        Assert.Equal(["b@firm.example", "c@firm.example"], members.Value.Items.Select(c => c.Email).Order());
    }

    [Fact]
    public async Task An_import_whose_workers_all_died_fails_with_a_reason_and_leaves_no_file()
    {
        var office = await Office.Open(database);
        var upload = await UploadImport.Handle(office.Actor, new UploadImport.Input(office.List, "people.csv"), new MemoryStream("email\r\na@firm.example\r\n"u8.ToArray()), database.Db, database.Clock, Ct);
        await using (var tx = await database.Db.Begin(office.Actor.Tenant, Ct))
        {
            await tx.Execute("update campaigns.import set state = 'running' where tenant_id = $1 and id = $2", Ct, office.Actor.Tenant, upload.Value.Id);
            await tx.Commit(Ct);
        }

        var lost = new JobRun(new ClaimedJob(default, office.Actor.Tenant, ImportContacts.Kind, 4, 3, default, null), database.Db, database.Services);
        await ImportContacts.Bury(new(upload.Value.Id, office.Actor.Workspace!.Value), lost, Ct);
        var import = (await ReadImport.Handle(office.Actor, upload.Value.Id, database.Db, Ct)).Value;
        Assert.Equal("failed", import.State);
        Assert.Contains("Upload the file again", import.Problem);
        Assert.Equal(0, (await office.Rows("select count(*) from campaigns.import_chunk where tenant_id = $1", row => row.GetInt64(0)))[0]);
    }

    async Task<long> Count(Office office) => Assert.Single((await ListLists.Handle(office.Actor, database.Db, Ct)).Value.Items).Contacts;

    [Fact]
    public async Task An_empty_file_and_a_mapping_without_email_are_refused()
    {
        var office = await Office.Open(database);
        var empty = await UploadImport.Handle(office.Actor, new UploadImport.Input(office.List, "x.csv"), new MemoryStream(), database.Db, database.Clock, Ct);
        Assert.Equal("import.empty", empty.Problem?.Code);
        var upload = await UploadImport.Handle(office.Actor, new UploadImport.Input(office.List, "x.csv"), new MemoryStream("name\r\nAnna"u8.ToArray()), database.Db, database.Clock, Ct);
        var start = await StartImport.Handle(office.Actor, new StartImport.Input(upload.Value.Id), database.Db, database.Clock, Ct);
        Assert.Equal("import.mapping_invalid", start.Problem?.Code);
    }

    [Fact]
    public async Task Another_tenant_can_neither_read_nor_start_nor_cancel_an_import()
    {
        var (office, stranger) = (await Office.Open(database), await Office.Open(database));
        var upload = (await UploadImport.Handle(office.Actor, new UploadImport.Input(office.List, "x.csv"), new MemoryStream("email\r\na@firm.example"u8.ToArray()), database.Db, database.Clock, Ct)).Value;
        Assert.Equal("import.not_found", (await ReadImport.Handle(stranger.Actor, upload.Id, database.Db, Ct)).Problem?.Code);
        Assert.Equal("import.not_found", (await StartImport.Handle(stranger.Actor, new StartImport.Input(upload.Id), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("import.not_found", (await ReadImport.Cancel(stranger.Actor, upload.Id, database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("list.not_found", (await UploadImport.Handle(stranger.Actor, new UploadImport.Input(office.List, "x.csv"), new MemoryStream([1]), database.Db, database.Clock, Ct)).Problem?.Code);
    }

    async Task<IReadOnlyList<Contact>> Contacts(Office office) => (await ListContacts.Handle(office.Actor, new ListContacts.Input(Limit: 200), database.Db, Ct)).Value.Items;
}
