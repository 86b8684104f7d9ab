using System.CommandLine;

namespace PenguinMails.Cli.Verbs;

/// <summary>Schema only, for installations that start roles separately.</summary>
static class Migrate
{
    public static Command Command()
    {
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        var command = new Command("migrate", "Bring the database schema up to date and stop.") { json };
        command.SetAction(async (parsed, ct) =>
        {
            var configuration = Host.Configuration();
            await using var installation = await Installation.Open(Settings.Read(configuration, Roles.None), configuration, ct);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? """{"event":"migrated"}""" : "The schema is up to date.");
            return 0;
        });
        return command;
    }
}
