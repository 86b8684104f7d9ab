using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Users;

/// <summary>ASP.NET Core Identity as this program uses it: version 3 hashes, our store, our own rules for passwords and addresses.</summary>
public sealed class Credentials
{
    readonly PasswordHasher<UserAccount> _hasher;
    readonly IOptions<IdentityOptions> _identity;
    readonly ILogger<UserManager<UserAccount>> _log;
    readonly IServiceProvider _services;
    readonly TimeProvider _clock;
    readonly UserAccount _nobody;

    public Credentials(AccountsOptions options, TimeProvider clock, ILogger<UserManager<UserAccount>> log, IServiceProvider services)
    {
        (_clock, _log, _services) = (clock, log, services);
        _hasher = new PasswordHasher<UserAccount>(Options.Create(new PasswordHasherOptions
        {
            CompatibilityMode = PasswordHasherCompatibilityMode.IdentityV3,
            IterationCount = options.PasswordIterations,
        }));
        // Failed attempts delay (LoginThrottle) and never lock; a lock is set by staff.
        _identity = Options.Create(new IdentityOptions { Lockout = new LockoutOptions { AllowedForNewUsers = true, MaxFailedAccessAttempts = int.MaxValue } });
        _nobody = new UserAccount { Id = default, Email = "", DisplayName = "", CreatedAt = default };
        _nobody.PasswordHash = _hasher.HashPassword(_nobody, Token.New(""));
    }

    /// <summary>Identity's verbs inside one transaction. Passwords and addresses were judged before.</summary>
    public UserManager<UserAccount> In(TenantTx tx) =>
        new(new UserStore(tx, _clock), _identity, _hasher, [], [], new AddressNormalizer(), new IdentityErrorDescriber(), _services, _log);

    /// <summary>Takes as long for nobody as for somebody, so that time does not tell whether an address is known.</summary>
    /// <param name="user">Null: nobody; the answer is <see cref="PasswordVerificationResult.Failed"/>.</param>
    public PasswordVerificationResult Verify(UserAccount? user, string password)
    {
        var judged = user?.PasswordHash is null ? _nobody : user;
        var verdict = _hasher.VerifyHashedPassword(judged, judged.PasswordHash ?? "", password);
        return judged == _nobody ? PasswordVerificationResult.Failed : verdict;
    }

    /// <summary>With today's number of rounds.</summary>
    public string Hash(UserAccount user, string password) => _hasher.HashPassword(user, password);
}
