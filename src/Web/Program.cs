using PenguinMails.Campaigns;
using PenguinMails.Compliance;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery;
using PenguinMails.Fleet;
using PenguinMails.Oversight;
using PenguinMails.Secrets;
using PenguinMails.Web;

// Stands in until the host exists: a private cluster, one tenant, one person who may do everything.
Module[] modules = [Module.Core, SecretsModule.Module, FleetModule.Module, ComplianceModule.Module, DeliveryModule.Module, CampaignsModule.Module, OversightModule.Module];
var builder = WebApplication.CreateBuilder(args);
var subscribers = new Subscribers();
var kinds = new JobKinds(subscribers);
await using var cluster = await PrivateCluster.Start(builder.Configuration["PENGUIN:FOLDER"] ?? "/tmp/penguin-pages", durable: false, TimeProvider.System, default);
await using (var owner = cluster.Database.OpenAsOwner())
    await Migrator.Apply(owner, [.. modules.SelectMany(m => Migrator.From(m.Assembly))], TimeProvider.System, default);
var tenant = new TenantId(new Guid("00000000-0000-7000-8000-000000000001"));
var actor = Actor.System(tenant, new WorkspaceId(new Guid("00000000-0000-7000-8000-000000000002")));
var signal = new JobSignal();
builder.Services.AddSingleton(TimeProvider.System).AddSingleton(cluster.Database.Open()).AddSingleton(signal).AddSingleton(subscribers).AddSingleton(kinds)
    .AddSingleton(provider => new TenantDb(provider.GetRequiredService<Npgsql.NpgsqlDataSource>(), subscribers, signal))
    .AddSingleton(new MasterKey(new byte[32])).AddSingleton(Outbound.From("127.0.0.0/8")).AddSingleton(new PenguinMails.Fleet.Domains.PlatformHosts("mx.penguin.example", "web.penguin.example"))
    .AddScoped(_ => actor).AddHostedService<JobWorker>();
foreach (var module in modules)
{
    module.Services(builder.Services);
    module.Jobs(kinds);
}
builder.AddWeb();
var app = builder.Build();
app.Use((context, next) =>
{
    context.Features.Set(actor);
    return next(context);
});
app.UseWeb(modules);
await app.RunAsync();
