using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Accounts;
using PenguinMails.Accounts.Limits;
using PenguinMails.Accounts.Mails;
using PenguinMails.Accounts.Members;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Users;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Accounts;

/// <summary>One after another: they share the queue of system mail and the server that takes it.</summary>
[CollectionDefinition(nameof(AccountsWorld))]
public sealed class AccountsCollection : ICollectionFixture<AccountsWorld>;

/// <summary>The accounts module with cheap password hashes, a clock of its own and a real SMTP server for system mail.</summary>
public sealed partial class AccountsWorld : IAsyncDisposable
{
    public const string Password = "harbour-violin-93-Tapestry";

    static int _people;
    readonly SmtpServer _server;
    readonly JobWorker _worker;
    readonly ConcurrentQueue<(string To, string Text)> _received = new();

    public AccountsWorld(TestDatabase database) : this(database.Db)
    {
    }

    internal AccountsWorld(TenantDb db)
    {
        Db = db;
        // Ahead of every other test, so that their workers leave these jobs alone.
        Clock.Advance(TimeSpan.FromDays(1500));
        _server = SmtpServer.Start(new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("sink.test") },
            new SmtpHandler { Data = (_, delivery, _) => ValueTask.FromResult(Take(delivery)) }, TimeProvider.System);
        var kinds = new JobKinds(new Subscribers());
        AccountsModule.Module.Jobs(kinds);
        Services = Register();
        _worker = new JobWorker(Db, kinds, new JobSignal(), Services, Clock, NullLogger<JobWorker>.Instance);
    }

    public TenantDb Db { get; }
    public TestClock Clock { get; } = new();
    public ServiceProvider Services { get; }
    public SmtpAnswer Answer { get; set; } = SmtpAnswer.Ok;
    public Credentials Credentials => Services.GetRequiredService<Credentials>();
    public KnownDevice Devices => Services.GetRequiredService<KnownDevice>();
    public PublicWeb Web => Services.GetRequiredService<PublicWeb>();
    public ActorResolver Resolver => Services.GetRequiredService<ActorResolver>();
    public static Origin Home { get; } = new("198.51.100.7", "Test/1.0");
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>An address nobody else uses.</summary>
    public static string NewEmail() => $"person{Interlocked.Increment(ref _people)}@people{Environment.ProcessId}.example";

    /// <summary>A /24 nobody else uses, so that counters of places are apart.</summary>
    public static Origin NewPlace()
    {
        var n = Interlocked.Increment(ref _people);
        return new Origin($"100.{64 + n / 65536}.{n / 256 % 256}.{n % 256}", "Test/1.0");
    }

    public Task<Result<SignUp.Output>> SignUp(string email, string password = Password, Origin? from = null) =>
        PenguinMails.Accounts.Users.SignUp.Handle(new SignUp.Input(email, password, "Anna Smith", "Harbour Ltd"), from ?? NewPlace(), Credentials, Web, Db, Clock, Ct);

    public Task<Result<LogIn.Output>> LogIn(string email, string password = Password, Origin? from = null) =>
        PenguinMails.Accounts.Sessions.LogIn.Handle(new LogIn.Input(email, password), from ?? NewPlace(), Credentials, Devices, Db, Clock, Ct);

    /// <summary>Invited, joined, logged in.</summary>
    public async Task<SignedIn> Member(Actor owner, Role role, WorkspaceId? workspace = null)
    {
        var email = NewEmail();
        await InviteMember.Handle(owner, new(email, role, workspace), Web, Db, Clock, Ct);
        await AcceptInvitation.Handle(new(await MailedToken(email), "Ben", Password), Credentials, Db, Clock, Ct);
        return await Enter(email);
    }

    /// <summary>Signed up, verified, logged in.</summary>
    public async Task<SignedIn> Person(string? email = null)
    {
        email ??= NewEmail();
        Assert.True((await SignUp(email)).IsOk);
        Assert.True((await VerifyEmail.Handle(new VerifyEmail.Input(await MailedToken(email)), Db, Clock, Ct)).IsOk);
        return await Enter(email);
    }

    public async Task<SignedIn> Enter(string email, string password = Password)
    {
        Clock.Advance(TimeSpan.FromSeconds(1)); // What is listed by time has an order.
        var session = await LogIn(email, password);
        return (await Resolver.FromSession(session.Value.Token, null, Ct)).Value;
    }

    public async Task<Actor> Owner() => (await Person()).Actor!;

    /// <summary>Runs the jobs and gives the mails that came since the last call, oldest first.</summary>
    public async Task<List<(string To, string Text)>> Mails()
    {
        await _worker.RunDue(Ct);
        var mails = new List<(string, string)>();
        while (_received.TryDequeue(out var mail)) mails.Add(mail);
        return mails;
    }

    /// <summary>The token in the one mail to this address; mails to others are let go.</summary>
    public async Task<string> MailedToken(string email) =>
        TokenIn(Assert.Single(await Mails(), mail => mail.To.Equals(email, StringComparison.OrdinalIgnoreCase)).Text);

    public static string TokenIn(string text) => Link().Match(text).Groups[1].Value;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Services.DisposeAsync();
    }

    SmtpAnswer Take(SmtpDelivery delivery)
    {
        if (Answer.Code == 250)
            _received.Enqueue((delivery.Recipients[0].Text, Encoding.UTF8.GetString(delivery.Message.Span).Replace("=\r\n", "").Replace("=3D", "=")));
        return Answer;
    }

    ServiceProvider Register()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(Db);
        services.AddSingleton(new MasterKey(new byte[32]));
        services.AddSingleton(Outbound.From("127.0.0.0/8"));
        services.AddSingleton(new AccountsOptions { PasswordIterations = 1000 });
        services.AddSingleton(new PublicWeb(new Uri("https://app.penguin.test/")));
        services.AddSingleton(new SystemMail("127.0.0.1", _server.Endpoint.Port, TlsPolicy.None, "noreply@penguin.test"));
        AccountsModule.Module.Services(services);
        return services.BuildServiceProvider();
    }

    [GeneratedRegex(@"\?token=(pm_[a-z]+_[0-9A-Za-z]{43})")]
    private static partial Regex Link();
}
