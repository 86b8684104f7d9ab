using PenguinMails.Bench;
using PenguinMails.Bench.Sending;
using PenguinMails.Bench.Warmup;

// Usage: Bench import|dispatch|delivery|claim|planning|mime|auth|bounce|smtp|idle|insight|oversight|warmup [rows, folder of samples, page to write the table into, or seeds]; prints one Markdown row per measure. bench/run puts them together.
var size = args.Length > 1 && int.TryParse(args[1], out var rows) ? rows : 0;
using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(30));
switch (args.FirstOrDefault())
{
    case "import": await ImportBench.Run(size == 0 ? 1_000_000 : size, stop.Token); return 0;
    case "dispatch": await DispatchBench.Run(size == 0 ? 20_000 : size, stop.Token); return 0;
    case "delivery": await DeliveryBench.Run(size == 0 ? 40_000 : size, stop.Token); return 0;
    case "claim": await ClaimBench.Run(size == 0 ? 10_000_000 : size, stop.Token); return 0;
    case "planning": await PlanningBench.Run(size == 0 ? 1_000_000 : size, stop.Token); return 0;
    case "smtp": await SmtpBench.Run(size == 0 ? 40_000 : size, stop.Token); return 0;
    case "auth": AuthBench.Run(size == 0 ? 2_000 : size); return 0;
    case "bounce": BounceBench.Run(args.Length > 1 ? args[1] : "tests/Mail.Tests/Samples"); return 0;
    case "idle": await IdleBench.Run(stop.Token); return 0;
    case "insight": InsightBench.Run(size == 0 ? 2_000 : size, size == 0 ? args.ElementAtOrDefault(1) : args.ElementAtOrDefault(2)); return 0;
    case "oversight": await OversightBench.Run(size == 0 ? 1_000 : size, stop.Token); return 0;
    case "mime": await MimeBench.Run(stop.Token); return 0;
    case "warmup": WarmUpBench.Run(size == 0 ? WarmUpBench.SeedsDefault : size); return 0;
    default:
        await Console.Error.WriteLineAsync("Say which: import (with pages and API), dispatch, delivery, claim, planning, mime, auth, bounce, smtp, idle, insight, oversight, warmup.");
        return 2;
}
