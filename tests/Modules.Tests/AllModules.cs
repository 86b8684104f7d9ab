using PenguinMails.Core;

namespace PenguinMails.Modules.Tests;

static class AllModules
{
    public static readonly Module[] List = [Module.Core, PenguinMails.Accounts.AccountsModule.Module];
}
