using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Mail.Dns;
using PenguinMails.Sandbox.Mails;

namespace PenguinMails.Sandbox;

/// <summary>The sandbox over HTTP, for this machine only: anyone else gets 404, as if it were not there.</summary>
public static class SandboxRoutes
{
    const int JournalLinesMax = 1000;

    /// <param name="Type">Such as <c>txt</c> or <c>mx</c>.</param>
    /// <param name="Values">Empty removes the records.</param>
    public sealed record DnsInput(string Host, string Type, IReadOnlyList<string> Values);

    public sealed record Mails(IReadOnlyList<ReceivedMail> Items);

    /// <param name="Trouble">What went wrong last; null when nothing did.</param>
    public sealed record Journal(IReadOnlyList<JournalEntry> Items, string? Trouble);

    /// <summary>GET /sandbox/mails?to=, GET /sandbox/journal (the last 1,000 lines, oldest first), POST /sandbox/dns.</summary>
    public static void Map(IEndpointRouteBuilder routes, SandboxServer sandbox)
    {
        var group = routes.MapGroup("/sandbox").AddEndpointFilter(async (context, next) =>
            context.HttpContext.Connection.RemoteIpAddress is { } caller && IPAddress.IsLoopback(caller) ? await next(context) : TypedResults.NotFound());
        group.MapGet("/mails", (string? to) => TypedResults.Json(new Mails(To(sandbox, to)), Json.Web));
        group.MapGet("/journal", () => TypedResults.Json(new Journal([.. SandboxJournal.Read(sandbox.JournalPath).TakeLast(JournalLinesMax)], sandbox.Trouble), Json.Web));
        group.MapPost("/dns", (DnsInput input) => Publish(sandbox, input).ToHttp());
    }

    static List<ReceivedMail> To(SandboxServer sandbox, string? to) =>
        [.. sandbox.Messages().Where(mail => string.IsNullOrEmpty(to) || mail.Recipient.Equals(to, StringComparison.OrdinalIgnoreCase))];

    static Result<Done> Publish(SandboxServer sandbox, DnsInput input) =>
        Enum.TryParse<DnsType>(input.Type, ignoreCase: true, out var type) && Enum.IsDefined(type) && !char.IsAsciiDigit(input.Type[0])
            ? sandbox.Publish(input.Host, type, input.Values)
            : Problem.Invalid("sandbox.dns_type_unknown", new FieldProblem("type", "a, aaaa, cname, mx, ns, ptr, soa or txt."));
}
