using Microsoft.AspNetCore.Identity;
using PenguinMails.Accounts.Limits;
using PenguinMails.Accounts.Passwords;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Users;

/// <summary>Asks a logged-in person for their password again before what a thief of the session must not do.</summary>
static class Reauthentication
{
    static readonly DelayRule PerSession = new(4, 30, 900);

    /// <summary>Null when the password is right.</summary>
    public static async Task<Problem?> Check(
        SignedIn person, string password, Credentials credentials, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        if (Password.Check(password) is not null) return Problems.PasswordWrong;
        var counter = new Counter("password/" + person.User, person.Session.ToString(), PerSession);
        if (await Throttle.Enter(db, [counter], now, ct) is { } tooMany) return tooMany;
        await using var tx = await db.BeginUnscoped(ct);
        var user = await credentials.In(tx).FindByIdAsync(person.User.ToString());
        if (credentials.Verify(user, password) == PasswordVerificationResult.Failed) return Problems.PasswordWrong;
        await Throttle.Clear(tx, [counter], ct);
        await tx.Commit(ct);
        return null;
    }
}
