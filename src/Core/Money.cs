namespace PenguinMails.Core;

/// <summary>ISO 4217 code with its number of minor digits.</summary>
public readonly record struct Currency(string Code, int MinorDigits)
{
    public static readonly Currency Usd = new("USD", 2);
    public static readonly Currency Eur = new("EUR", 2);
    public static readonly Currency Jpy = new("JPY", 0);
}

/// <summary>An exact amount. Arithmetic across currencies is a caller's bug and throws.</summary>
/// <param name="MinorUnits">Cents for USD; may be negative.</param>
public readonly record struct Money(long MinorUnits, Currency Currency)
{
    /// <exception cref="OverflowException">Beyond ±9.2 quintillion minor units.</exception>
    public static Money operator +(Money left, Money right) => new(checked(left.MinorUnits + Same(left, right).MinorUnits), left.Currency);

    public static Money operator -(Money left, Money right) => new(checked(left.MinorUnits - Same(left, right).MinorUnits), left.Currency);

    /// <summary>Share of an amount, rounded half away from zero: 0.5 cents becomes 1 cent, -0.5 becomes -1.</summary>
    /// <param name="numerator">Any sign.</param>
    /// <param name="denominator">Greater than 0.</param>
    public Money Share(long numerator, long denominator)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(denominator);
        var product = (Int128)MinorUnits * numerator;
        var half = (Int128)denominator / 2;
        var rounded = (Int128.Abs(product) + half) / denominator * Int128.Sign(product);
        return new Money(checked((long)rounded), Currency);
    }

    public override string ToString()
    {
        var scale = (decimal)Math.Pow(10, Currency.MinorDigits);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(MinorUnits / scale).ToString($"F{Currency.MinorDigits}", System.Globalization.CultureInfo.InvariantCulture)} {Currency.Code}");
    }

    static Money Same(Money left, Money right) =>
        left.Currency == right.Currency ? right : throw new InvalidOperationException($"{left.Currency.Code} with {right.Currency.Code}.");
}
