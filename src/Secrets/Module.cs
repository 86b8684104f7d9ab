using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;

namespace PenguinMails.Secrets;

public static class SecretsModule
{
    public static readonly Module Module = new(typeof(SecretsModule).Assembly, services => services.AddSingleton<SealedBox>(), _ => { }, _ => { });
}
