using PenguinMails.Secrets.BreakGlass;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Secrets;

/// <summary>How pages name kinds, states and stores.</summary>
static class SecretWords
{
    public static string Kind(string? kind) => kind switch
    {
        RotationKinds.SshKey => "SSH key",
        RotationKinds.SmtpCredential => "SMTP password",
        RotationKinds.ImapCredential => "IMAP password",
        RotationKinds.HostedMailbox => "password on a server of yours",
        RotationKinds.ApiKey => "API key",
        RotationKinds.DkimKey => "DKIM key",
        RotationKinds.Other => "other",
        _ => "no plan",
    };

    public static IReadOnlyList<Option> Kinds => [.. RotationKinds.All.Select(kind => new Option(kind, Kind(kind)))];

    public static string Rotation(RotationState state) => state switch
    {
        RotationState.Planned => "making a new value",
        RotationState.Made => "installing",
        RotationState.Installed => "verifying",
        RotationState.Verified => "taking over",
        RotationState.Promoted => "both valid",
        RotationState.Retired => "cleaning up",
        RotationState.Done => "rotated",
        RotationState.Withdrawing => "rolling back",
        RotationState.RolledBack => "rolled back",
        RotationState.Stuck => "needs a person",
    };

    /// <summary>One word and tone for how a secret stands with its plan.</summary>
    public static (string Word, Tone Tone) Stand(SecretEntry entry, DateTimeOffset now) => entry switch
    {
        { Rotation: RotationState.Stuck } => ("needs a person", Tone.Bad),
        { Rotation: { } state and not (RotationState.Done or RotationState.RolledBack) } => (Rotation(state), Tone.Running),
        { Rotation: RotationState.RolledBack, DueAt: not null } => ("rolled back", Tone.Warn),
        { DueAt: { } due } when due <= now => ("overdue", Tone.Bad),
        { DueAt: { } due } when due <= now.AddDays(30) => ("due soon", Tone.Warn),
        { DueAt: not null } => ("in time", Tone.Good),
        { Kind: not null } => ("on demand", Tone.Quiet),
        _ => ("no plan", Tone.Held),
    };

    public static (string Word, Tone Tone) Grant(GrantState state) => state switch
    {
        GrantState.Requested => ("waits for a second person", Tone.Warn),
        GrantState.Open => ("open", Tone.Bad),
        GrantState.Refused => ("refused", Tone.Held),
        GrantState.Withdrawn => ("taken back", Tone.Held),
        GrantState.Closed => ("closed", Tone.Quiet),
        GrantState.Expired => ("over", Tone.Quiet),
    };

    public static (string Word, Tone Tone) Store(StoreState state) => state switch
    {
        StoreState.Ready => ("ready", Tone.Good),
        StoreState.Standby => ("standby", Tone.Warn),
        StoreState.Sealed => ("sealed", Tone.Bad),
        StoreState.Uninitialised => ("not initialised", Tone.Bad),
        StoreState.Unreachable => ("cannot be reached", Tone.Bad),
    };
}
