using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Web.Api;

/// <summary>Takes the time of every request below <c>/api</c>, whatever it is answered.</summary>
sealed class ApiStopwatch(RequestDelegate next, ApiTimes times, TimeProvider clock)
{
    public async Task Invoke(HttpContext http)
    {
        var started = clock.GetTimestamp();
        try
        {
            await next(http);
        }
        finally
        {
            times.Count(clock.GetElapsedTime(started));
        }
    }
}
