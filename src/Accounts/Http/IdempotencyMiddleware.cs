using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using PenguinMails.Core;

namespace PenguinMails.Accounts.Http;

/// <summary>A POST below /api/v1 with the header <c>Idempotency-Key</c> takes effect once in 24 hours; a repeat gets the first answer again.</summary>
/// <remarks>Refuses with <c>idempotency.key_invalid</c>, <c>idempotency.mismatch</c> (other body or route), <c>idempotency.in_flight</c>,
/// <c>idempotency.not_replayable</c> (the answer held a secret or was longer than 1 MiB) or <c>idempotency.body_too_large</c>.
/// Keys are apart for each actor. Answers of 500 or more, 401 and 429 are not kept: the repeat runs again.</remarks>
sealed class IdempotencyMiddleware(RequestDelegate next, IdempotencyStore store)
{
    const int BodyBytesMax = 1024 * 1024;
    const int KeyLengthMax = 255;

    static readonly Problem KeyInvalid =
        Problem.Invalid("idempotency.key_invalid", new FieldProblem("Idempotency-Key", $"1 to {KeyLengthMax} printable ASCII characters."));

    static readonly Problem BodyTooLarge =
        new(ProblemKind.TooLarge, "idempotency.body_too_large", $"A JSON body with an Idempotency-Key may have at most {BodyBytesMax} bytes.");

    public async Task InvokeAsync(HttpContext context, CurrentActor current)
    {
        var request = context.Request;
        var key = request.Headers["Idempotency-Key"].ToString();
        if (key.Length == 0 || current.Actor is not { } actor || !HttpMethods.IsPost(request.Method) || !request.Path.StartsWithSegments("/api/v1"))
        {
            await next(context);
            return;
        }

        if (key.Length > KeyLengthMax || key.Any(c => c is < ' ' or > '~'))
        {
            await KeyInvalid.ToHttp().ExecuteAsync(context);
            return;
        }

        if (await Fingerprint(request, context.RequestAborted) is not { } fingerprint)
        {
            await BodyTooLarge.ToHttp().ExecuteAsync(context);
            return;
        }

        var entry = await store.Reserve(actor, key, request.Path, fingerprint, context.RequestAborted);
        if (entry.Problem is { } problem) await problem.ToHttp().ExecuteAsync(context);
        else if (entry.Value.Answer is { } answer) await Replay(context, answer);
        else await Run(context, actor, key);
    }

    async Task Run(HttpContext context, Actor actor, string key)
    {
        var outer = context.Response.Body;
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        var isKept = false;
        try
        {
            await next(context);
            isKept = await Keep(context, actor, key, answer);
        }
        finally
        {
            context.Response.Body = outer;
            if (!isKept) await store.Release(actor, key, CancellationToken.None);
        }

        answer.Position = 0;
        await answer.CopyToAsync(outer, context.RequestAborted);
    }

    // The effect has happened: whether the client is still there does not matter any more.
    async Task<bool> Keep(HttpContext context, Actor actor, string key, MemoryStream body)
    {
        var response = context.Response;
        if (response.StatusCode is >= 500 or StatusCodes.Status401Unauthorized or StatusCodes.Status429TooManyRequests) return false;
        var isSecret = context.GetEndpoint()?.Metadata.GetMetadata<SecretAnswer>() is not null && response.StatusCode < 300;
        var kept = new StoredAnswer(response.StatusCode, response.ContentType, response.Headers.Location, isSecret || body.Length > BodyBytesMax ? null : body.ToArray());
        await store.Keep(actor, key, kept, CancellationToken.None);
        return true;
    }

    static async Task Replay(HttpContext context, StoredAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.Headers["Idempotency-Replayed"] = "true";
        if (answer.ContentType is not null) context.Response.ContentType = answer.ContentType;
        if (answer.Location is not null) context.Response.Headers.Location = answer.Location;
        if (answer.Body is { Length: > 0 } body) await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    // Null: too large. What is not JSON (uploads) is known by its type and length, not read twice.
    static async Task<byte[]?> Fingerprint(HttpRequest request, CancellationToken ct)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.UTF8.GetBytes($"{request.Path}\n{request.QueryString}\n{request.Headers["X-Workspace"]}\n{request.ContentType}\n"));
        if (!request.HasJsonContentType())
        {
            sha.AppendData(Encoding.UTF8.GetBytes($"{request.ContentLength}"));
            return sha.GetHashAndReset();
        }

        if (request.ContentLength > BodyBytesMax) return null;
        request.EnableBuffering();
        var buffer = new byte[16 * 1024];
        var total = 0;
        while (await request.Body.ReadAsync(buffer, ct) is var read and > 0)
        {
            if ((total += read) > BodyBytesMax) return null;
            sha.AppendData(buffer, 0, read);
        }

        request.Body.Position = 0;
        return sha.GetHashAndReset();
    }
}
