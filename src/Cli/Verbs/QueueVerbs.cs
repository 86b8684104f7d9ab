using System.CommandLine;
using System.Globalization;
using PenguinMails.Core;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Halts;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Cli.Verbs;

/// <summary>The send queue for the operator: what waits and why, stops, and waiting until the wire is empty.</summary>
static class QueueVerbs
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    static Option<bool> JsonOption() => new("--json") { Description = "Print the result as JSON." };

    static Option<string?> TenantOption(bool required) => new("--tenant") { Description = "The account, by its id ten_…", Required = required };

    static Option<bool> AllOption() => new("--all") { Description = "Everybody on this platform." };

    static Option<string?> ProviderOption() => new("--provider") { Description = "Only to this receiving provider, such as google." };

    public static Command Command() => new("queue", "The send queue: what waits and why, stops, trying again, and draining.") { List(), Why(), Suspend(), Resume(), Retry(), Drain() };

    static Command List()
    {
        var (tenant, json) = (TenantOption(true), JsonOption());
        var command = new Command("list", "An account's mailboxes with something to send, and what messages wait for.") { tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var queue = await ReadQueue.Handle(await tools.Actor(parsed.GetValue(tenant), ct), tools.Db, TimeProvider.System, ct);
            if (queue.Problem is { } problem) return await VerbTools.Refused(problem);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(Json.Write(queue.Value));
            foreach (var line in parsed.GetValue(json) ? [] : Lines(queue.Value)) await Console.Out.WriteLineAsync(line);
            return 0;
        }, ct));
        return command;
    }

    static Command Why()
    {
        var (tenant, json, id) = (TenantOption(true), JsonOption(), new Argument<string>("message") { Description = "The message, by its id msg_…" });
        var command = new Command("why", "Why a message is not sent yet, and when it will be.") { id, tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            if (!MessageId.TryParse(parsed.GetValue(id), null, out var message)) throw new WrongUsage($"{parsed.GetValue(id)} is not a message id; it begins with msg_.");
            var why = await ExplainMessage.Handle(await tools.Actor(parsed.GetValue(tenant), ct), message, tools.Db, TimeProvider.System, ct);
            if (why.Problem is { } problem) return await VerbTools.Refused(problem);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Json.Write(why.Value) : Sentence(why.Value));
            return 0;
        }, ct));
        return command;
    }

    static Command Suspend()
    {
        var (tenant, all, provider, reason) = (TenantOption(false), AllOption(), ProviderOption(), new Option<string>("--reason") { Description = "Why; everybody who asks why a message waits reads it.", Required = true });
        var command = new Command("suspend", "Stop sending: of an account, of an account to one provider, or of everybody. What waits keeps its place.") { tenant, all, provider, reason };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var why = parsed.GetValue(reason) ?? "";
            if (Account(parsed, all, tenant, provider) is not { } account)
            {
                var stopped = await HaltPlatform.Handle(why, tools.Db, TimeProvider.System, ct);
                return stopped.Problem is { } unclear ? await VerbTools.Refused(unclear) : await Said(stopped.Value, "Everybody is stopped.", "Everybody was stopped already.");
            }

            var halted = await HaltSending.Handle(await tools.Actor(account, ct), new(why, parsed.GetValue(provider)), tools.Db, TimeProvider.System, ct);
            return halted.Problem is { } problem ? await VerbTools.Refused(problem) : await Said(true, "Stopped.", "");
        }, ct));
        return command;
    }

    static Command Resume()
    {
        var (tenant, all, provider) = (TenantOption(false), AllOption(), ProviderOption());
        var command = new Command("resume", "Lift a stop.") { tenant, all, provider };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            if (Account(parsed, all, tenant, provider) is not { } account) return await Said(await HaltPlatform.Lift(tools.Db, TimeProvider.System, ct), "Sending goes on.", "Nothing was stopped.");
            var lifted = await HaltSending.Lift(await tools.Actor(account, ct), parsed.GetValue(provider), tools.Db, TimeProvider.System, ct);
            return lifted.Problem is { } problem ? await VerbTools.Refused(problem) : await Said(true, "Sending goes on.", "");
        }, ct));
        return command;
    }

    static Command Retry()
    {
        var (tenant, mailbox) = (TenantOption(true), new Option<string?>("--mailbox") { Description = "Only this mailbox, by its id mbx_…" });
        var command = new Command("retry", "Try at once what was refused for now. Every other reason to wait still holds.") { tenant, mailbox };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            MailboxId? only = parsed.GetValue(mailbox) is { } text ? MailboxId.TryParse(text, null, out var id) ? id : throw new WrongUsage($"{text} is not a mailbox id; it begins with mbx_.") : null;
            var retried = await RetryDeferred.Handle(await tools.Actor(parsed.GetValue(tenant), ct), new(only), tools.Db, TimeProvider.System, ct);
            if (retried.Problem is { } problem) return await VerbTools.Refused(problem);
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{retried.Value.Messages} messages are due now."));
            return 0;
        }, ct));
        return command;
    }

    static Command Drain()
    {
        var (seconds, reason) = (new Option<int>("--seconds") { Description = "How long to wait. Default 60, 1 to 3600.", DefaultValueFactory = _ => 60 }, new Option<string>("--reason") { Description = "Why; shown with each message that waits.", Required = true });
        var command = new Command("drain", "Stop everybody and wait until nothing is on the wire any more: before a move or an upgrade. ./penguin queue resume --all lets it go on.") { seconds, reason };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var wait = parsed.GetValue(seconds) is >= 1 and <= 3600 and var given ? given : throw new WrongUsage("--seconds is 1 to 3600.");
            if ((await HaltPlatform.Handle(parsed.GetValue(reason) ?? "", tools.Db, TimeProvider.System, ct)).Problem is { } unclear) return await VerbTools.Refused(unclear);
            var began = TimeProvider.System.GetTimestamp();
            HaltPlatform.UnderWay left;
            while ((left = await HaltPlatform.Look(tools.Db, TimeProvider.System, ct)).Messages > 0 && TimeProvider.System.GetElapsedTime(began).TotalSeconds < wait)
            {
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{left.Messages} messages of {left.Lanes} mailboxes are on the wire …"));
                await Task.Delay(Look, TimeProvider.System, ct);
            }

            if (left.Messages == 0) return await Said(true, "Nothing is on the wire. Sending is stopped until ./penguin queue resume --all.", "");
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"penguin: {left.Messages} messages are still on the wire after {wait} s. Sending stays stopped; run it again, or ./penguin queue resume --all."));
            return 1;
        }, ct));
        return command;
    }

    /// <returns>Null: everybody.</returns>
    static string? Account(ParseResult parsed, Option<bool> all, Option<string?> tenant, Option<string?> provider) => (parsed.GetValue(all), parsed.GetValue(tenant), parsed.GetValue(provider)) switch
    {
        (true, null, null) => null,
        (true, _, _) => throw new WrongUsage("--all is everybody and everything; give it alone, or --tenant without it."),
        (false, { } account, _) => account,
        _ => throw new WrongUsage("Give --tenant with an account, or --all."),
    };

    static async Task<int> Said(bool done, string yes, string no)
    {
        await Console.Out.WriteLineAsync(done ? yes : no);
        return 0;
    }

    static IEnumerable<string> Lines(ReadQueue.Output queue)
    {
        if (queue.Held.Count == 0) yield return "Nothing waits.";
        foreach (var group in queue.Held) yield return string.Create(CultureInfo.InvariantCulture, $"{group.Messages,9}  {(group.Code.Length > 0 ? group.Code : "turn"),-20}{(group.NextAt is { } next ? $"  next {next:yyyy-MM-dd HH:mm} UTC" : "  until somebody acts")}");
        foreach (var mailbox in queue.Mailboxes)
            yield return string.Create(CultureInfo.InvariantCulture, $"{mailbox.Waiting,9}  {mailbox.Address}  {(mailbox.Trouble.Length > 0 ? mailbox.Trouble : mailbox.Held.Length > 0 ? mailbox.Held : "free")}{(mailbox.ReadyAt is { } ready ? $"  {ready:yyyy-MM-dd HH:mm} UTC" : "")}");
    }

    static string Sentence(ExplainMessage.Output why) => string.Create(CultureInfo.InvariantCulture,
        $"{why.Code}: {why.Reason}{(why.ExpectedAt is { } at ? $" Expected {at:yyyy-MM-dd HH:mm} UTC, with {why.Ahead} before it." : "")}");
}
