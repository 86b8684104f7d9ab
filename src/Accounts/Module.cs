using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PenguinMails.Accounts.Http;
using PenguinMails.Accounts.Keys;
using PenguinMails.Accounts.Limits;
using PenguinMails.Accounts.Mails;
using PenguinMails.Accounts.Members;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Accounts.Users;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Accounts;

public static class AccountsModule
{
    public static readonly Module Module = new(typeof(AccountsModule).Assembly, Services, Jobs, Routes);

    // Settings that the host registered before win over those read from its configuration.
    static void Services(IServiceCollection services)
    {
        services.TryAddSingleton(provider => AccountsOptions.From(provider.GetService<IConfiguration>()));
        services.TryAddSingleton(provider => PublicWeb.From(provider.GetService<IConfiguration>()));
        services.TryAddSingleton(provider => SystemMail.Read(provider.GetService<IConfiguration>()));
        services.AddSingleton<Credentials>();
        services.AddSingleton<KnownDevice>();
        services.AddSingleton<ActorResolver>();
        services.AddSingleton<IdempotencyStore>();
        services.AddScoped<CurrentActor>();
        // Routes that reach a slice without an actor were let through by mistake: the request dies here.
        services.AddScoped(provider => provider.GetRequiredService<CurrentActor>().Actor ?? throw new InvalidOperationException("The route needs an actor; call UseActors."));
        services.AddScoped(provider => provider.GetRequiredService<CurrentActor>().Person ?? throw new InvalidOperationException("The route needs NeedsSession()."));
    }

    static void Jobs(JobKinds jobs)
    {
        jobs.Add<SendMail.Order>(SendMail.Kind, SendMail.Run);
        jobs.Add<SendLink.Order>(SendLink.Kind, SendLink.Run);
        jobs.Every("accounts.sweep", 3600, Sweep.Run);
    }

    static void Routes(IEndpointRouteBuilder api)
    {
        SignUp.Map(api);
        VerifyEmail.Map(api);
        ResendVerification.Map(api);
        ClaimInstallation.Map(api);
        LogIn.Map(api);
        LogOut.Map(api);
        RequestPasswordReset.Map(api);
        ResetPassword.Map(api);
        ChangePassword.Map(api);
        ChangeEmail.Map(api);
        ConfirmEmailChange.Map(api);
        WhoAmI.Map(api);
        ChooseWorkspace.Map(api);
        ListSessions.Map(api);
        RevokeSession.Map(api);
        ListLoginActivity.Map(api);
        CreateWorkspace.Map(api);
        UpdateWorkspace.Map(api);
        ListWorkspaces.Map(api);
        InviteMember.Map(api);
        AcceptInvitation.Map(api);
        ListMembers.Map(api);
        ChangeRole.Map(api);
        RemoveMember.Map(api);
        CreateApiKey.Map(api);
        ListApiKeys.Map(api);
        RevokeApiKey.Map(api);
        ListAudit.Map(api);
    }
}
