using System.Text;
using Npgsql;
using PenguinMails.Campaigns.Imports;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Campaigns;

/// <summary>A tenant with a workspace that has a sender identity, and a list.</summary>
sealed class Office
{
    readonly TestDatabase _database;

    Office(TestDatabase database, TenantId tenant, WorkspaceId workspace) => (_database, Actor) = (database, Actor.System(tenant, workspace));

    public Actor Actor { get; }
    public ListId List { get; private set; }
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<Office> Open(TestDatabase database, string senderName = "Sender Ltd", string postalAddress = "1 Street, Town")
    {
        var tenant = database.NewTenant();
        var workspace = TypedId.New<WorkspaceId>(database.Clock.GetUtcNow());
        await using (var tx = await database.Db.Begin(tenant, Ct))
        {
            await tx.Execute("insert into accounts.tenant (tenant_id, name, created_at) values ($1, 'T', $2)", Ct, tenant, database.Clock.GetUtcNow());
            await tx.Execute("insert into accounts.workspace (tenant_id, id, name, sender_name, postal_address, created_at) values ($1, $2, 'W', $3, $4, $5)", Ct,
                tenant, workspace, senderName, postalAddress, database.Clock.GetUtcNow());
            await tx.Commit(Ct);
        }

        var office = new Office(database, tenant, workspace);
        office.List = (await CreateList.Handle(office.Actor, new CreateList.Input("All"), database.Db, database.Clock, Ct)).Value.Id;
        return office;
    }

    public Task<Import> Import(string csv, string policy = "skip", ListId? list = null) => Import(Encoding.UTF8.GetBytes(csv), policy, list);

    public async Task<Import> Import(byte[] csv, string policy = "skip", ListId? list = null)
    {
        var upload = await UploadImport.Handle(Actor, new UploadImport.Input(list ?? List, "people.csv"), new MemoryStream(csv), _database.Db, _database.Clock, Ct);
        var started = await StartImport.Handle(Actor, new StartImport.Input(upload.Value.Id, null, policy), _database.Db, _database.Clock, Ct);
        Assert.True(started.IsOk, started.Problem?.Detail);
        await _database.RunJobs(Actor.Tenant, Ct);
        return (await ReadImport.Handle(Actor, upload.Value.Id, _database.Db, Ct)).Value;
    }

    /// <summary>A row of the database as the tenant sees it.</summary>
    public async Task<List<T>> Rows<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var tx = await _database.Db.Begin(Actor.Tenant, Ct);
        return await tx.List(sql, read, Ct, Actor.Tenant);
    }
}
