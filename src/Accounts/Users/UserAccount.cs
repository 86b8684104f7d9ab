using Microsoft.AspNetCore.Identity;
using PenguinMails.Core;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Accounts.Users;

/// <summary>A person. Changed only through <see cref="UserManager{TUser}"/>, which asks for setters.</summary>
public sealed class UserAccount
{
    public required UserId Id { get; init; }

    /// <summary>As typed.</summary>
    public required string Email { get; set; }

    /// <summary>Lower case; unique.</summary>
    public string EmailNormal { get; set; } = "";

    public required string DisplayName { get; set; }
    public string? PasswordHash { get; set; }
    public string SecurityStamp { get; set; } = "";
    public DateTimeOffset? EmailVerifiedAt { get; set; }

    /// <summary>Set by staff only: failed attempts delay, they never lock.</summary>
    public DateTimeOffset? LockoutEnd { get; set; }

    public bool IsLockoutEnabled { get; set; } = true;
    public int FailedCount { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The stamp as read: an update applies only while it is still that.</summary>
    internal string StoredStamp { get; set; } = "";
}

/// <summary>Makes the key under which an address is unique.</summary>
sealed class AddressNormalizer : ILookupNormalizer
{
    public string? NormalizeName(string? name) => NormalizeEmail(name);

    public string? NormalizeEmail(string? email) =>
        EmailAddress.TryParse(email, out var address, out _) ? address.Normal : email?.ToLowerInvariant();
}
