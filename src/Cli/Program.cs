using System.CommandLine;
using PenguinMails.Cli.Verbs;
using PenguinMails.Cli.Verbs.Cost;
using PenguinMails.Cli.Verbs.Insight;
using PenguinMails.Cli.Verbs.Kpi;
using PenguinMails.Cli.Verbs.Mail;
using PenguinMails.Cli.Verbs.Plan;
using PenguinMails.Cli.Verbs.Report;

var root = new RootCommand("PenguinMails: cold-email infrastructure with strategic oversight.")
{
    Up.Command(), Run.Command(), DemoVerb.Command(), Migrate.Command(), AuditVerbs.Command(), SecretVerbs.Command(), ServerVerbs.Command(), QueueVerbs.Command(), BackupVerbs.Backup(), BackupVerbs.Restore(), MailVerbs.Command(), InsightVerbs.Command(), PlanVerbs.Command(), KpiVerbs.Command(), CostVerbs.Command(), RevenueVerbs.Command(), ReportVerbs.Command(),
};
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) await Console.Error.WriteLineAsync(error.Message);
    await Console.Error.WriteLineAsync("Run ./penguin help for the verbs, or add --help to one of them.");
    return 2;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(60) });
}
catch (WrongUsage wrong)
{
    await Console.Error.WriteLineAsync("penguin: " + wrong.Message);
    return 2;
}
catch (Exception refused) when (refused is InvalidOperationException or PenguinMails.Core.Db.MigrationRefused or IOException or Npgsql.NpgsqlException)
{
    await Console.Error.WriteLineAsync("penguin: " + refused.Message);
    return 1;
}
