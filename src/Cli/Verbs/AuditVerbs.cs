using System.CommandLine;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Cli.Verbs;

/// <summary>Checks the audit chains of all tenants, or of one.</summary>
static class AuditVerbs
{
    sealed record Line(TenantId Tenant, long Entries, bool IsWhole, string Reason);

    public static Command Command()
    {
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        var tenant = new Option<string?>("--tenant") { Description = "Only this account, by its id ten_…" };
        var verify = new Command("verify", "Recompute every audit chain and name any entry that was altered or removed.") { json, tenant };
        verify.SetAction((parsed, ct) => Verify(parsed.GetValue(tenant), parsed.GetValue(json), ct));
        return new Command("audit", "The record of who did what.") { verify };
    }

    static async Task<int> Verify(string? tenant, bool json, CancellationToken ct)
    {
        TenantId? only = null;
        if (tenant is not null)
        {
            if (!TenantId.TryParse(tenant, null, out var parsed)) throw new WrongUsage($"{tenant} is not an account id; it begins with ten_.");
            only = parsed;
        }

        var configuration = Host.Configuration();
        await using var installation = await Installation.Open(Settings.Read(configuration, Roles.None), configuration, ct);
        await using var source = installation.Database.Open();
        var db = new TenantDb(source, new Subscribers(), new JobSignal());
        var lines = new List<Line>();
        foreach (var id in only is { } one ? [one] : await ListTenants.Handle(db, ct))
        {
            var verdict = await Audit.Verify(db, id, ct);
            lines.Add(new Line(id, verdict.Entries, verdict.BrokenAt is null, verdict.Reason));
        }

        if (json) await Console.Out.WriteLineAsync(Json.Write(lines));
        foreach (var line in json ? [] : lines) await Console.Out.WriteLineAsync($"{(line.IsWhole ? "whole " : "BROKEN")} {line.Tenant} {line.Entries} entries. {line.Reason}");
        if (!json && lines.Count == 0) await Console.Out.WriteLineAsync("There is no account yet, so there is nothing to verify.");
        return lines.All(l => l.IsWhole) ? 0 : 1;
    }
}
