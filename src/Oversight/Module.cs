using PenguinMails.Core;
using PenguinMails.Oversight.Brief;

namespace PenguinMails.Oversight;

public static class OversightModule
{
    public static readonly Module Module = new(typeof(OversightModule).Assembly, _ => { }, _ => { }, ReadBrief.Map);
}
