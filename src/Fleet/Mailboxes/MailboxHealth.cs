using PenguinMails.Fleet.Mailboxes.Oauth;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>good, untested, overdue, unverified, failing, behind, unreachable, disconnected or paused: the first that is true, read from the right.</summary>
public enum MailboxHealthWord { Good, Untested, Overdue, Unverified, Failing, Behind, Unreachable, Disconnected, Paused }

/// <summary>Whether a mailbox can do its work, in one word, with the cause.</summary>
/// <param name="Why">A sentence.</param>
/// <param name="Fix">What to do, in a sentence; empty when nothing.</param>
public sealed record MailboxHealth(MailboxId Id, MailboxHealthWord Word, string Why, string Fix);

/// <summary>What the word is made of.</summary>
/// <param name="Test">The newest report; null when there is none since the last change.</param>
/// <param name="ServerName">Null at other providers, and so are its state and problems.</param>
/// <param name="StackProblem">Why the last change did not reach its server; empty when it did.</param>
/// <param name="DomainState">Null when the domain is not in the workspace.</param>
/// <param name="ConsentLostAt">Since when its provider takes the consent no more; null while it does, and with a password.</param>
/// <param name="Cause">The provider's word for it.</param>
/// <param name="OverdueSince">When its password should have been changed; null when it need not yet.</param>
sealed record MailboxFacts(
    MailboxId Id, bool IsPaused, string Domain, string? DomainState, MailboxTest? Test, string? ServerName, string? ServerState, string ServerProblem, string StackProblem,
    MailboxAuth Auth, DateTimeOffset? ConsentLostAt, string Cause, DateTimeOffset? OverdueSince)
{
    /// <summary>The causes in the order in which they are to be mended.</summary>
    public MailboxHealth Judge() => Paused() ?? Disconnected() ?? Unreachable() ?? Behind() ?? Failing() ?? Unverified() ?? Overdue() ?? Untested() ?? new(Id, MailboxHealthWord.Good, "The last test passed.", "");

    MailboxHealth? Paused() => IsPaused ? new(Id, MailboxHealthWord.Paused, "A person paused it: nothing leaves from here, and what is queued waits.", "Resume it on its page when it shall send again.") : null;

    MailboxHealth? Disconnected() => ConsentLostAt is not { } since ? null
        : new(Id, MailboxHealthWord.Disconnected, $"{OauthProvider.NameOf(Auth)} withdrew the permission on {since.UtcDateTime:d MMMM yyyy} ({Cause}): connect again.", "Connect it again on its page. Nothing leaves from here until then, and what is queued waits.");

    MailboxHealth? Unreachable() => ServerState switch
    {
        null or "ready" => null,
        "unreachable" => new(Id, MailboxHealthWord.Unreachable, $"Its server {ServerName} does not answer.", Look()),
        "changed" => new(Id, MailboxHealthWord.Unreachable, $"Its server {ServerName} shows another host key than before, so nothing is done there.", Look()),
        "ordered" or "booting" => new(Id, MailboxHealthWord.Unreachable, $"Its server {ServerName} is not up yet.", "Wait for it; its page shows how far it is."),
        _ => new(Id, MailboxHealthWord.Unreachable, $"Its server {ServerName} is {ServerState}.", Look()),
    };

    string Look() => ServerProblem.Length > 0 ? ServerProblem : "Open the server's page; it says what to do.";

    MailboxHealth? Behind() => StackProblem.Length == 0 ? null
        : new(Id, MailboxHealthWord.Behind, $"Its server {ServerName} did not take the last change: {StackProblem}", "Open the server's page and bring it up to date again.");

    MailboxHealth? Failing()
    {
        if (Test is not { Ok: false }) return null;
        foreach (var (protocol, server) in new[] { ("SMTP", Test.Smtp), ("IMAP", Test.Imap) })
            if (server?.Steps.FirstOrDefault(step => step.State == TestState.Failed) is { } failed)
                return new(Id, MailboxHealthWord.Failing, $"The last test failed at {failed.Name.Replace('_', ' ')} over {protocol}.", failed.Detail);
        return new(Id, MailboxHealthWord.Failing, "The last test failed.", "Test it again.");
    }

    MailboxHealth? Unverified() => DomainState switch
    {
        "verified" => null,
        null => new(Id, MailboxHealthWord.Unverified, $"The domain {Domain} is not set up here, so campaigns may not send from it.", "Add the domain and publish its records."),
        "drifted" => new(Id, MailboxHealthWord.Unverified, $"A DNS record of {Domain} that was right has changed or is gone.", "Open the domain; it says which, and what repairs it."),
        _ => new(Id, MailboxHealthWord.Unverified, $"The DNS records of {Domain} are not all right yet.", "Open the domain; it says which, and what is to be published."),
    };

    MailboxHealth? Overdue() => OverdueSince is not { } since ? null
        : new(Id, MailboxHealthWord.Overdue, $"Its password should have been changed on {since.UtcDateTime:d MMMM yyyy}.", ServerName is null ? "Change it at the provider, then enter the new one in its settings." : "Open the calendar of rotations; it says what keeps the program from changing it.");

    MailboxHealth? Untested() => Test is not null ? null : new(Id, MailboxHealthWord.Untested, "Nobody has tested the connection since it was set up or changed.", "Test it on its page.");
}
