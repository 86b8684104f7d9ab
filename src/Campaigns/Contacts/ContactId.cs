using PenguinMails.Core;

namespace PenguinMails.Campaigns.Contacts;

/// <summary>Id of a contact, shown as <c>con_…</c>.</summary>
public readonly record struct ContactId(Guid Value) : ITypedId<ContactId>
{
    public static string Prefix => "con";
    public static ContactId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out ContactId id) => TypedId.TryParse(text, out id);
}
