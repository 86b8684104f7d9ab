namespace PenguinMails.Web.Pages.Oversight;

/// <summary>The table of contents of oversight: what leaders look at.</summary>
static class OversightPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        BriefPages.Map(routes);
        AnswerPages.Map(routes);
        KpiPages.Map(routes);
        PlanPages.Map(routes);
        WaiverPages.Map(routes);
        RegisterPages.Map(routes);
        BudgetPages.Map(routes);
        MarginPages.Map(routes);
        StepPages.Map(routes);
        ScenarioPages.Map(routes);
        StudioPages.Map(routes);
    }
}
