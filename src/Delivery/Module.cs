using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Collect;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Direct;
using PenguinMails.Delivery.Evidence;
using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Halts;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Routes;
using PenguinMails.Delivery.Tracking;
using PenguinMails.Delivery.Transport;
using PenguinMails.Delivery.Warmup;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery;

public static class DeliveryModule
{
    public static readonly Module Module = new(typeof(DeliveryModule).Assembly, Services, Jobs, Routes);

    /// <summary>Adds the dispatcher to a process that has the role worker. Needs <see cref="DataDisk"/>.</summary>
    public static void AddDispatcher(IServiceCollection services)
    {
        services.AddHostedService<DiskWatch>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<Dispatcher>());
    }

    static void Services(IServiceCollection services)
    {
        services.AddSingleton<Tokens>();
        services.AddSingleton<RenderMessage>();
        services.AddSingleton<PolicyFetch>();
        services.AddSingleton(DirectReach.Of);
        services.AddSingleton<Dispatcher>();
    }

    /// <summary>Dispatches until cancelled, in a process without the role worker: for measuring.</summary>
    public static async Task Dispatch(IServiceProvider services, CancellationToken ct)
    {
        var dispatcher = services.GetRequiredService<Dispatcher>();
        await dispatcher.StartAsync(ct);
        await (dispatcher.ExecuteTask ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Adds the collector of connected mailboxes to a process that has the role worker.</summary>
    public static void AddCollector(IServiceCollection services, CollectOptions options)
    {
        services.AddSingleton(options);
        services.AddHostedService<Collector>();
    }

    /// <summary>Adds the server for incoming mail to a process that has the role edge. Needs <see cref="EdgeOptions"/>.</summary>
    public static void AddEdge(IServiceCollection services)
    {
        services.AddSingleton<EdgeCertificate>();
        services.AddHostedService<EdgeServer>();
    }

    static void Jobs(JobKinds jobs)
    {
        jobs.Every("delivery.prepare_fact_days", 6 * 3600, PrepareFactDays.Run);
        LearnDomains.AddTo(jobs);
        WatchGuards.AddTo(jobs);
        StepWarmUps.AddTo(jobs);
        Converse.AddTo(jobs);
        jobs.On<MailboxResumed>(WakeMailbox.Kind, WakeMailbox.Run);
        jobs.Add<SettleVisits.Order>(SettleVisits.Kind, SettleVisits.Run);
        jobs.On<ConsentPolicyChanged>(ReaskConsent.Kind, ReaskConsent.Run);
        jobs.Add<ProcessInbound.Order>(ProcessInbound.Kind, ProcessInbound.Run);
        jobs.Every(FindCollections.Kind, FindCollections.EverySeconds, FindCollections.Run);
        jobs.Every(TellOrigins.Kind, TellOrigins.EverySeconds, TellOrigins.Run);
        jobs.Every(SeekEvidence.Kind, SeekEvidence.EverySeconds, SeekEvidence.Run);
    }

    static void Routes(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder api)
    {
        ListMessages.Map(api);
        ListInbound.Map(api);
        ListUnmatched.Map(api);
        PauseCollection.Map(api);
        ListCollections.Map(api);
        ResolveInDoubt.Map(api);
        ExplainMessage.Map(api);
        ListVisits.Map(api);
        HaltSending.Map(api);
        ListLimits.Map(api);
        SetLimit.Map(api);
        ResumeGuard.Map(api);
        ListRoutes.Map(api);
        ReadQueue.Map(api);
        RetryDeferred.Map(api);
        StartWarmUp.Map(api);
        JoinPool.Map(api);
        SwitchPoolMailbox.Map(api);
        ReadPool.Map(api);
    }
}
