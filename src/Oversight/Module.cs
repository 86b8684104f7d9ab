using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Brief;
using PenguinMails.Oversight.Budgets;
using PenguinMails.Oversight.CheckIns;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Decisions;
using PenguinMails.Oversight.Gates;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Margins;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Registers;
using PenguinMails.Oversight.Reports;
using PenguinMails.Oversight.Reports.Pdf;
using PenguinMails.Oversight.Reviews;
using PenguinMails.Oversight.Risks;
using PenguinMails.Oversight.Roadmap;
using PenguinMails.Oversight.Scenarios;
using PenguinMails.Oversight.Steps;
using PenguinMails.Oversight.Vendors;

namespace PenguinMails.Oversight;

public static class OversightModule
{
    public static readonly Module Module = new(typeof(OversightModule).Assembly, Services, Jobs, api =>
    {
        ReadBrief.Map(api);
        ListKpis.Map(api);
        ReadKpi.Map(api);
        LoadKpi.Map(api);
        ImportPlan.Map(api);
        ListPlanVersions.Map(api);
        ReadPlanVersion.Map(api);
        WaiveFinding.Map(api);
        WithdrawWaiver.Map(api);
        Registers(api);
        BuildReport.Map(api);
        ListReports.Map(api);
        ReadReport.Map(api);
        DownloadReport.Map(api);
        ScheduleReport.Map(api);
        MailWeekly.Map(api);
        ReadScenario.Map(api);
        ListAnswers.Map(api);
    });

    static void Registers(IEndpointRouteBuilder api)
    {
        RecordCheckIn.Map(api);
        ListCheckIns.Map(api);
        ReadRoadmap.Map(api);
        ListGates.Map(api);
        RecordEvidence.Map(api);
        ListRisks.Map(api);
        AssessRisk.Map(api);
        ListReviews.Map(api);
        RecordReview.Map(api);
        ListDecisions.Map(api);
        LoadCosts.Map(api);
        ListCostLoads.Map(api);
        WithdrawCosts.Map(api);
        ListCostRows.Map(api);
        ReadBudget.Map(api);
        LoadRevenue.Map(api);
        ListRevenue.Map(api);
        ReadMargins.Map(api);
        ListVendors.Map(api);
        ListAssumptions.Map(api);
        ListContingencies.Map(api);
        ListSteps.Map(api);
        ReadStep.Map(api);
        OpenStep.Map(api);
        CloseStep.Map(api);
        AssignStep.Map(api);
    }

    static void Jobs(JobKinds jobs)
    {
        CloseKpis.AddTo(jobs);
        ForgetHistory.AddTo(jobs);
        OpenSteps.AddTo(jobs);
        ScheduledReports.AddTo(jobs);
    }

    /// <summary>Writes how long the API took, in a process with the role web.</summary>
    public static void AddApiTimes(IServiceCollection services)
    {
        services.AddSingleton<ApiTimes>();
        services.AddHostedService<ApiTimesWriter>();
    }

    static void Services(IServiceCollection services)
    {
        services.TryAddSingleton(provider => OversightSettings.From(provider.GetService<IConfiguration>()));
        services.TryAddSingleton(provider => ReportSettings.From(provider.GetService<IConfiguration>()));
        services.TryAddSingleton<PdfPrinter>();
    }
}
