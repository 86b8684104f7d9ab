using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using PenguinMails.Accounts;
using PenguinMails.Accounts.Mails;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery;
using PenguinMails.Delivery.Collect;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Halts;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Smtp;
using PenguinMails.Sandbox;
using PenguinMails.Web;
using PenguinMails.Web.Pages.Public;

namespace PenguinMails.Cli;

/// <summary>Puts the program together: one host with the roles asked for.</summary>
public static class Host
{
    /// <summary>Environment <c>PENGUIN__SECTION__KEY</c> over <c>penguin.json</c> in the working folder.</summary>
    public static IConfigurationRoot Configuration(IReadOnlyDictionary<string, string?>? overrides = null) => new ConfigurationBuilder()
        .AddJsonFile(Path.GetFullPath("penguin.json"), optional: true, reloadOnChange: false)
        .AddEnvironmentVariables("PENGUIN__")
        .AddInMemoryCollection(overrides ?? new Dictionary<string, string?>())
        .Build();

    public static WebApplication Build(Settings settings, IConfiguration configuration, Installation installation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "penguin", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddConfiguration(configuration);
        builder.Logging.AddConfiguration(configuration.GetSection("Logging")).SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        if (configuration["Log:Format"] == "json") builder.Logging.AddJsonConsole();
        else
            builder.Logging.AddSimpleConsole(o =>
            {
                o.SingleLine = true;
                o.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
                o.UseUtcTimestamp = true;
            });
        AddCore(builder.Services, settings, configuration, installation);
        builder.Services.AddRouting();
        foreach (var module in Modules.All) module.Services(builder.Services);
        AddRoles(builder, settings, configuration);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(o =>
        {
            o.AddServerHeader = false;
            o.Limits.MaxRequestBodySize = 2 * 1024 * 1024;
            if (settings.Roles.HasFlag(Roles.Web)) o.Listen(settings.WebListen);
            else o.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        });
        var app = builder.Build();
        if (settings.Roles.HasFlag(Roles.Web)) app.UseWeb(Modules.All);
        if (settings.Roles.HasFlag(Roles.Sandbox)) SandboxRoutes.Map(app.MapGroup("").AllowAnonymous(), app.Services.GetRequiredService<SandboxServer>());
        return app;
    }

    static void AddCore(IServiceCollection services, Settings settings, IConfiguration configuration, Installation installation)
    {
        services.AddSingleton(configuration);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(installation.Key);
        services.AddSingleton(_ => installation.Database.Open());
        services.AddSingleton<Subscribers>();
        services.AddSingleton<JobSignal>();
        services.AddKeyedSingleton(nameof(TenantDb.Beside), (_, _) => installation.Database.OpenBeside());
        services.AddSingleton(provider => new TenantDb(provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<Subscribers>(), provider.GetRequiredService<JobSignal>(), provider.GetRequiredKeyedService<NpgsqlDataSource>(nameof(TenantDb.Beside))));
        services.AddSingleton(provider =>
        {
            var kinds = new JobKinds(provider.GetRequiredService<Subscribers>());
            foreach (var module in Modules.All) module.Jobs(kinds);
            return kinds;
        });
        var allowed = configuration["Network:Allowed"] ?? (settings.Roles.HasFlag(Roles.Sandbox) ? "127.0.0.0/8" : "");
        services.AddSingleton(Outbound.From(allowed, configuration["Dns:Server"] is { Length: > 0 } ? Dns(settings, configuration).Addresses : null));
        services.AddSingleton(new PublicWeb(settings.WebUrl));
        services.AddSingleton(new MetricsOptions(configuration["Metrics:Token"] ?? ""));
        if (settings.Roles.HasFlag(Roles.Sandbox) && configuration["SystemMail:Host"] is null or "")
            services.AddSingleton(new SystemMail("127.0.0.1", settings.SandboxSmtp.Port, TlsPolicy.None, $"penguin@{settings.MailHost}"));
        services.AddSingleton(new PlatformHosts(settings.MailHost, settings.WebUrl.Host));
        services.AddSingleton(Delivery(settings, configuration));
        services.AddSingleton(Disk(settings, configuration));
        services.AddSingleton(Edge(settings, configuration));
        services.AddSingleton(Dns(settings, configuration));
        // As safe as the master key beside them: a folder only this user can enter.
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        services.AddDataProtection().SetApplicationName("penguin").PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(settings.DataFolder, "keys", "web"), mine));
        services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(30));
    }

    static void AddRoles(WebApplicationBuilder builder, Settings settings, IConfiguration configuration)
    {
        if (settings.Roles.HasFlag(Roles.Sandbox))
        {
            builder.Services.AddSingleton(_ => SandboxServer.Start(new SandboxOptions(Path.Combine(settings.DataFolder, "sandbox"))
            {
                Smtp = settings.SandboxSmtp,
                Dns = settings.SandboxDns,
                Edge = settings.EdgeListen,
                Web = settings.LocalWeb,
            }, TimeProvider.System));
        }

        if (settings.Roles.HasFlag(Roles.Web)) builder.AddWeb();
        if (settings.Roles.HasFlag(Roles.Edge)) DeliveryModule.AddEdge(builder.Services);
        // Last, so that at a stop the others still answer while the last messages are finished.
        if (!settings.Roles.HasFlag(Roles.Worker)) return;
        builder.Services.AddHostedService<JobWorker>();
        DeliveryModule.AddCollector(builder.Services, Collect(configuration));
        DeliveryModule.AddDispatcher(builder.Services);
    }

    static CollectOptions Collect(IConfiguration configuration)
    {
        var (section, usual) = (configuration.GetSection("Collect"), new CollectOptions());
        return new CollectOptions
        {
            ConnectionsMax = section.GetValue("ConnectionsMax", usual.ConnectionsMax),
            PollSeconds = section.GetValue("PollSeconds", usual.PollSeconds),
            LeaseSeconds = section.GetValue("LeaseSeconds", usual.LeaseSeconds),
            MessageBytesMax = section.GetValue("MessageBytesMax", usual.MessageBytesMax),
        }.Checked();
    }

    static DeliveryOptions Delivery(Settings settings, IConfiguration configuration)
    {
        var section = configuration.GetSection("Delivery");
        return new DeliveryOptions(settings.MailHost, settings.WebUrl)
        {
            RetrySeconds = section.GetValue("RetrySeconds", 300),
            AttemptsMax = section.GetValue("AttemptsMax", 12),
            LanesMax = section.GetValue("LanesMax", 32),
            LeaseSeconds = section.GetValue("LeaseSeconds", 60),
            SmtpSeconds = section.GetValue("SmtpSeconds", 0),
            VisitSoonSeconds = section.GetValue("VisitSoonSeconds", 10),
            VisitSettleSeconds = section.GetValue("VisitSettleSeconds", 60),
            FactDays = section.GetValue("FactDays", 0),
            ObeysDane = section.GetValue("Dane", false),
            ExchangePort = section.GetValue("ExchangePort", 25),
            JournalFolder = Path.Combine(settings.DataFolder, "lanes"),
            Pool = new PoolOptions
            {
                IsOn = configuration.GetValue("WarmUp:Pool", false),
                ReplyPercent = configuration.GetValue("WarmUp:ReplyPercent", 30),
                PairDays = configuration.GetValue("WarmUp:PairDays", 7),
            },
        }.Checked();
    }

    static EdgeOptions Edge(Settings settings, IConfiguration configuration) => (configuration["Edge:Certificate"], configuration["Edge:Key"]) switch
    {
        ({ Length: > 0 } certificate, { Length: > 0 } key) => new(settings.EdgeListen, settings.MailHost, Path.GetFullPath(certificate), Path.GetFullPath(key), IsNamed: true),
        (null or "", null or "") => new(settings.EdgeListen, settings.MailHost, Path.Combine(settings.DataFolder, "tls", "edge.pem"), Path.Combine(settings.DataFolder, "tls", "edge.key"), IsNamed: false),
        _ => throw new InvalidOperationException("PENGUIN__EDGE__CERTIFICATE and PENGUIN__EDGE__KEY are set together, or neither."),
    };

    static DataDisk Disk(Settings settings, IConfiguration configuration)
    {
        const int floorMost = 1_000_000;
        var floor = configuration.GetValue("Data:FloorMegabytes", 512);
        if (floor is < 0 or > floorMost) throw new InvalidOperationException($"PENGUIN__DATA__FLOORMEGABYTES is {floor}: give a number from 0 (never stop) to {floorMost:N0}.");
        return new DataDisk(configuration["Database:Connection"] is { Length: > 0 } ? null : Path.Combine(settings.DataFolder, "db"), floor);
    }

    static DnsSettings Dns(Settings settings, IConfiguration configuration)
    {
        var ttl = configuration.GetValue("Dns:Ttl", DnsSettings.TtlSecondsUsual);
        if (ttl is < 30 or > 86_400) throw new InvalidOperationException($"PENGUIN__DNS__TTL is {ttl}; it must be 30 to 86400 seconds.");
        if (configuration["Dns:Server"] is { Length: > 0 } text)
            return IPEndPoint.TryParse(text, out var server) ? new DnsSettings(server) { TtlSeconds = ttl } : throw new InvalidOperationException($"PENGUIN__DNS__SERVER is {text}; it must be an address and a port such as 1.1.1.1:53.");
        return new DnsSettings(settings.Roles.HasFlag(Roles.Sandbox) ? settings.SandboxDns : null) { TtlSeconds = ttl };
    }
}
