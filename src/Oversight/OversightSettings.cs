using System.Globalization;
using Microsoft.Extensions.Configuration;
using PenguinMails.Core;

namespace PenguinMails.Oversight;

/// <summary>Settings of oversight.</summary>
/// <param name="Company">The account of the company that runs the platform: it alone gets figures over all accounts. <c>PENGUIN__OVERSIGHT__COMPANY</c>; null while none is named, and then nobody does.</param>
public sealed record OversightSettings(TenantId? Company)
{
    /// <summary>A budget line is told when it is off by at least this many percent of its plan, and by <see cref="MaterialityFloor"/>. <c>PENGUIN__OVERSIGHT__MATERIALITYPERCENT</c>; default 10, 0 to 1,000.</summary>
    public decimal MaterialityPercent { get; init; } = 10;

    /// <summary>In whole units of the plan's currency. <c>PENGUIN__OVERSIGHT__MATERIALITYFLOOR</c>; default 100, 0 to 1,000,000,000.</summary>
    public decimal MaterialityFloor { get; init; } = 100;

    /// <summary>Days for which it is kept what values and verdicts were before they were counted again, so that reports can be built as of then. <c>PENGUIN__OVERSIGHT__HISTORYDAYS</c>; default 730, 0 (for good) or 32 to 36,500.</summary>
    public int HistoryDays { get; init; } = 730;

    /// <summary>The earliest moment whose data are surely known; null when all of them are kept.</summary>
    public DateTimeOffset? HistoryFrom(DateTimeOffset now) => HistoryDays == 0 ? null : now.AddDays(-HistoryDays);

    /// <exception cref="InvalidOperationException">A value is no id of an account, or no number within its range.</exception>
    public static OversightSettings From(IConfiguration? configuration) => new(CompanyOf(configuration?["Oversight:Company"]))
    {
        MaterialityPercent = Number(configuration, "MaterialityPercent", 10, 1_000), MaterialityFloor = Number(configuration, "MaterialityFloor", 100, 1_000_000_000),
        HistoryDays = Days(configuration?["Oversight:HistoryDays"], 730),
    };

    static TenantId? CompanyOf(string? text)
    {
        if (text is not { Length: > 0 }) return null;
        return TenantId.TryParse(text, null, out var tenant) ? tenant : throw new InvalidOperationException($"PENGUIN__OVERSIGHT__COMPANY is {text}; it must be the id of an account, such as ten_01….");
    }

    static int Days(string? text, int otherwise)
    {
        if (text is not { Length: > 0 }) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is 0 or (>= 32 and <= 36_500) ? days
            : throw new InvalidOperationException($"PENGUIN__OVERSIGHT__HISTORYDAYS is {text}; it must be 0, which keeps all, or a number of days from 32 to 36,500.");
    }

    static decimal Number(IConfiguration? configuration, string key, decimal otherwise, decimal most)
    {
        if (configuration?[$"Oversight:{key}"] is not { Length: > 0 } text) return otherwise;
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= most ? number
            : throw new InvalidOperationException($"PENGUIN__OVERSIGHT__{key.ToUpperInvariant()} is {text}; it must be a number from 0 to {most.ToString("#,0", CultureInfo.InvariantCulture)}.");
    }
}
