using System.CommandLine;
using PenguinMails.Cli.Verbs;
using PenguinMails.Cli.Verbs.Mail;

// What a socket brings is handled where it arrives instead of being handed to another thread: a third less processor time for each message sent.
// Nothing in this program blocks a thread, so nothing is held up. Read by the runtime at the first socket; whoever sets the variable decides.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") ?? "1");

var root = new RootCommand("PenguinMails: cold-email infrastructure with strategic oversight.")
{
    Up.Command(), Run.Command(), DemoVerb.Command(), Migrate.Command(), AuditVerbs.Command(), MailVerbs.Command(),
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
catch (Exception refused) when (refused is InvalidOperationException or PenguinMails.Core.Db.MigrationRefused or IOException or Npgsql.NpgsqlException)
{
    await Console.Error.WriteLineAsync("penguin: " + refused.Message);
    return 1;
}
