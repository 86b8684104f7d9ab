using Microsoft.Extensions.Configuration;
using PenguinMails.Core;

namespace PenguinMails.Oversight;

/// <summary>Settings of oversight.</summary>
/// <param name="Company">The account of the company that runs the platform: it alone gets figures over all accounts. <c>PENGUIN__OVERSIGHT__COMPANY</c>; null while none is named, and then nobody does.</param>
public sealed record OversightSettings(TenantId? Company)
{
    /// <exception cref="InvalidOperationException">The value is no id of an account.</exception>
    public static OversightSettings From(IConfiguration? configuration)
    {
        if (configuration?["Oversight:Company"] is not { Length: > 0 } text) return new((TenantId?)null);
        return TenantId.TryParse(text, null, out var tenant) ? new(tenant) : throw new InvalidOperationException($"PENGUIN__OVERSIGHT__COMPANY is {text}; it must be the id of an account, such as ten_01….");
    }
}
