using Npgsql;
using PenguinMails.Core;

namespace PenguinMails.Fleet.Mailboxes.AppPasswords;

/// <summary>Id of an app password, shown as <c>apw_…</c>.</summary>
public readonly record struct AppPasswordId(Guid Value) : ITypedId<AppPasswordId>
{
    public static string Prefix => "apw";
    public static AppPasswordId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out AppPasswordId id) => TypedId.TryParse(text, out id);
}

/// <summary>A password that one program or device uses beside the mailbox's own. Its value is shown once, when it is made.</summary>
/// <param name="Label">Where it is used, 1 to 60 characters.</param>
public sealed record AppPassword(AppPasswordId Id, MailboxId MailboxId, string Label, DateTimeOffset CreatedAt)
{
    /// <summary>The servers accept 8 passwords for a mailbox: two are its own, and two more are on their way while those rotate.</summary>
    public const int CountMax = 4;

    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "app_password.not_found", "There is no such app password in this workspace.");

    internal static readonly Problem NotHosted =
        new(ProblemKind.Conflict, "mailbox.not_hosted", "This mailbox lies at another provider. What is asked for here is possible for mailboxes on servers of yours.");

    internal static AppPassword Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3));
}
