using PenguinMails.Core;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Accounts;

/// <summary>Refusals that several slices share.</summary>
static class Problems
{
    public const int NameLengthMax = 100;

    public static readonly Problem TokenInvalid =
        new(ProblemKind.Gone, "token.invalid", "This link is not valid, was used before or has expired. Ask for a new one.");

    public static readonly Problem PasswordWrong = Problem.Invalid("password.wrong", new FieldProblem("current_password", "This is not your current password."));

    public static readonly Problem WorkspaceUnknown = new(ProblemKind.NotFound, "workspace.not_found", "There is no such workspace in this account.");

    public static readonly Problem RoleTooHigh =
        new(ProblemKind.Forbidden, "member.role_too_high", "This role may do more than you may. Ask an owner of the account.");

    public static readonly Problem RoleNotConfined =
        Problem.Invalid("member.role_not_confined", new FieldProblem("workspace_id", "Owner, admin and finance hold in the whole account. Leave the workspace out."));

    public static Problem EmailInvalid(AddressFault fault) =>
        Problem.Invalid("email.invalid", new FieldProblem("email", $"Give an address such as anna@example.com ({fault.Reason} at character {fault.Offset + 1})."));

    public static Problem NameInvalid(string field) =>
        Problem.Invalid("name.invalid", new FieldProblem(field, $"1 to {NameLengthMax} characters in one line."));
}
