using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PenguinMails.Core;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Brief;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Reports;
using PenguinMails.Oversight.Reports.Pdf;
using PenguinMails.Oversight.Scenarios;

namespace PenguinMails.Oversight;

public static class OversightModule
{
    public static readonly Module Module = new(typeof(OversightModule).Assembly, Services, jobs =>
    {
        CloseKpis.AddTo(jobs);
        ScheduledReports.AddTo(jobs);
    }, api =>
    {
        ReadBrief.Map(api);
        ListKpis.Map(api);
        ReadKpi.Map(api);
        LoadKpi.Map(api);
        ImportPlan.Map(api);
        ListPlanVersions.Map(api);
        ReadPlanVersion.Map(api);
        BuildReport.Map(api);
        ListReports.Map(api);
        ReadReport.Map(api);
        DownloadReport.Map(api);
        ScheduleReport.Map(api);
        MailWeekly.Map(api);
        ReadScenario.Map(api);
        ListAnswers.Map(api);
    });

    static void Services(IServiceCollection services)
    {
        services.TryAddSingleton(provider => OversightSettings.From(provider.GetService<IConfiguration>()));
        services.TryAddSingleton(provider => ReportSettings.From(provider.GetService<IConfiguration>()));
        services.TryAddSingleton<PdfPrinter>();
    }
}
