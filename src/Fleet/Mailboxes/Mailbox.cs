using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Servers;

namespace PenguinMails.Fleet.Mailboxes;

public readonly record struct MailboxId(Guid Value) : ITypedId<MailboxId>
{
    public static string Prefix => "mbx";
    public static MailboxId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out MailboxId id) => TypedId.TryParse(text, out id);
}

public enum MailboxState { Active, Paused }

/// <summary>How a mailbox logs in: with a password, or with access tokens by the consent of its owner at that provider.</summary>
public enum MailboxAuth { Password, Google, Microsoft }

/// <summary>How a connection is protected. none is refused for hosts other than this machine.</summary>
public enum ConnectionSecurity { None, Starttls, Tls }

/// <summary>Where and how to reach a server; the secret is never part of it.</summary>
/// <param name="Port">1 to 65535.</param>
public sealed record ServerSettings(string Host, int Port, ConnectionSecurity Security, string User);

/// <summary>A mailbox that sends.</summary>
/// <param name="DailyCap">Messages in any 24 hours, 1 to 1,000,000.</param>
/// <param name="GapSeconds">Shortest pause between two messages, 0 to 86,400.</param>
/// <param name="ConnectionsMax">Connections at once, 1 to 20; more than 1 only with a gap of 0.</param>
/// <param name="ServerId">The server of ours it lies on; null at other providers.</param>
/// <param name="QuotaMb">Mebibytes of mail that server keeps for it, 10 to 1,000,000; null at other providers.</param>
/// <param name="HourlyLimit">Messages that server takes from it in an hour, whatever the caps here say, 1 to 100,000; null at other providers.</param>
/// <param name="ConsentLostAt">Since when its provider takes the consent no more: it sends nothing until it is connected again. Null while it holds, and with a password.</param>
public sealed record Mailbox(
    MailboxId Id, WorkspaceId WorkspaceId, DomainId? DomainId, string Address, string DisplayName, MailboxState State, ServerSettings Smtp, ServerSettings? Imap,
    int DailyCap, int GapSeconds, int ConnectionsMax, DateTimeOffset? TestedAt, bool? TestOk, DateTimeOffset CreatedAt,
    ServerId? ServerId, int? QuotaMb, int? HourlyLimit, MailboxAuth Auth = MailboxAuth.Password, DateTimeOffset? ConsentLostAt = null)
{
    internal static Mailbox Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), new(row.GetGuid(1)), row.Maybe<Guid>(2) is { } domain ? new DomainId(domain) : null, row.GetString(3), row.GetString(4),
        row.GetString(5) == "paused" ? MailboxState.Paused : MailboxState.Active,
        new(row.GetString(6), row.GetInt32(7), Security(row.GetString(8)), row.GetString(9)),
        row.Text(10) is { } host ? new(host, row.GetInt32(11), Security(row.GetString(12)), row.Text(13) ?? row.GetString(9)) : null,
        row.GetInt32(14), row.GetInt32(15), row.GetInt32(16), row.Maybe<DateTimeOffset>(17), row.Maybe<bool>(18), row.GetFieldValue<DateTimeOffset>(19),
        row.Maybe<Guid>(20) is { } server ? new ServerId(server) : null, row.Maybe<int>(21), row.Maybe<int>(22), AuthOf(row.GetString(23)), row.Maybe<DateTimeOffset>(24));

    internal static ConnectionSecurity Security(string word) => word switch
    {
        "none" => ConnectionSecurity.None,
        "starttls" => ConnectionSecurity.Starttls,
        "tls" => ConnectionSecurity.Tls,
        _ => throw new InvalidOperationException($"Unknown connection security {word}."),
    };

    internal static string Word(ConnectionSecurity security) => security switch
    {
        ConnectionSecurity.None => "none",
        ConnectionSecurity.Starttls => "starttls",
        ConnectionSecurity.Tls => "tls",
    };

    internal static MailboxAuth AuthOf(string word) => word switch
    {
        "password" => MailboxAuth.Password,
        "google" => MailboxAuth.Google,
        "microsoft" => MailboxAuth.Microsoft,
        _ => throw new InvalidOperationException($"Unknown way to log in {word}."),
    };

    internal static string Word(MailboxAuth auth) => auth switch
    {
        MailboxAuth.Password => "password",
        MailboxAuth.Google => "google",
        MailboxAuth.Microsoft => "microsoft",
    };

    internal static string SmtpPurpose(MailboxId id) => $"mailbox.smtp/{id.Value:N}";

    internal static string ImapPurpose(MailboxId id) => $"mailbox.imap/{id.Value:N}";
}
