using System.Globalization;
using Npgsql;

namespace PenguinMails.Oversight.Costs;

/// <summary>A cost as it was billed.</summary>
/// <param name="Line">Of the file it came from.</param>
/// <param name="CostLine">Name of a CostLine of the plan, or of the metric that drives one; empty: found by its vendor, or unplanned.</param>
/// <param name="Amount">In minor units of the currency; negative for a credit.</param>
/// <param name="CostCentre">A workspace or a group of domains; empty: of the whole account.</param>
/// <param name="IsCogs">Part of the cost of revenue.</param>
public sealed record CostRow(Guid Load, int Line, DateOnly BilledOn, string Vendor, string Service, string CostLine, long Amount, string Currency, string CostCentre, bool IsCogs)
{
    internal static CostRow Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetInt32(1), row.GetFieldValue<DateOnly>(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetInt64(6), row.GetString(7), row.GetString(8), row.GetBoolean(9));
}

/// <summary>Minor units of the currencies that plans know (ISO 4217).</summary>
public static class MinorUnits
{
    static readonly string[] Whole = ["CLP", "ISK", "JPY", "KRW", "VND"];

    public static int Digits(string currency) => Whole.Contains(currency) ? 0 : 2;

    public static decimal Scale(string currency) => Digits(currency) == 0 ? 1 : 100;

    /// <summary>Null for what is no number, or has more digits than the currency: 12.345 USD is nothing anybody billed.</summary>
    public static long? Parse(string text, string currency)
    {
        if (!decimal.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) || Math.Abs(amount) > 1_000_000_000_000m) return null;
        var units = amount * Scale(currency);
        return units == decimal.Truncate(units) ? (long)units : null;
    }

    /// <summary>"1,234.50 USD".</summary>
    public static string Show(decimal amount, string currency) => $"{amount.ToString(Digits(currency) == 0 ? "#,0" : "#,0.00", CultureInfo.InvariantCulture)} {currency}";
}
