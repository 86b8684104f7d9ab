using PenguinMails.Core;

namespace PenguinMails.Fleet.Servers.Hosts;

/// <summary>Prices of hosts as money: they come with four decimals and more.</summary>
static class Prices
{
    /// <summary>Currencies that hosts bill in; null for others.</summary>
    public static Currency? Find(string? code) => code switch
    {
        "EUR" => Currency.Eur,
        "USD" => Currency.Usd,
        "JPY" => Currency.Jpy,
        _ => null,
    };

    /// <summary>Rounded up to the next minor unit: a budget is never overrun by rounding.</summary>
    /// <param name="amount">0 or more, below a million.</param>
    public static Money Up(decimal amount, Currency currency) => new((long)decimal.Ceiling(amount * Scale(currency)), currency);

    public static decimal Amount(Money money) => money.MinorUnits / Scale(money.Currency);

    static decimal Scale(Currency currency) => currency.MinorDigits switch { 0 => 1m, 2 => 100m, _ => throw new InvalidOperationException($"{currency.Code} has {currency.MinorDigits} digits.") };
}
