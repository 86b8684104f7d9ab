using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>What came of a person's way to the provider. No record's text: it would show the tokens.</summary>
/// <param name="Address">Of the mailbox.</param>
sealed record Consent(OauthProvider Provider, Identity Who, EmailAddress Address, string Refresh, TokenAnswer Answer)
{
    public override string ToString() => "Consent";
}

/// <summary>Makes a mailbox out of a consent, or gives one that lost its own another. The refresh token goes to the secret store and nowhere else.</summary>
static class KeepConsent
{
    const int CapUsual = 30, GapSecondsUsual = 120;
    const string InPlaceOfPassword = "consent"; // Only its length is judged; it is never stored.

    const string SetAuth = """
        update fleet.mailbox
        set auth = $3, oauth_subject = $4, smtp_secret_version = null, imap_secret_version = null
        where tenant_id = $1 and id = $2
        """;

    const string Lock = "select address, auth, coalesce(oauth_subject, ''), state, consent_lost_at is not null from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and id = $3 for update";

    const string SaveAgain = """
        update fleet.mailbox
        set oauth_subject = $3, consent_lost_at = null, consent_lost_cause = null, tested_at = null, test_ok = null, test_report = null
        where tenant_id = $1 and id = $2
        """;

    sealed record Row(string Address, string Auth, string Subject, string State, bool WasLost);

    public static async Task<Result<FinishOauth.Output>> Handle(SecretAccess access, OauthState way, Consent consent, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Begin(access.Tenant, ct);
        var kept = way.Mailbox is { } id ? await Again(tx, access, way, id, consent, secrets, clock.GetUtcNow(), ct) : await New(tx, access, way, consent, secrets, clock.GetUtcNow(), ct);
        if (kept.Problem is { } refused) return refused;
        await tx.Commit(ct);
        secrets.Tokens.Take(access.Tenant, kept.Value.Id, consent.Answer);
        return kept;
    }

    // As with a password: the secret is stored before this commits, in a transaction of its own, and the line of the record comes last.
    static async Task<Result<FinishOauth.Output>> New(TenantTx tx, SecretAccess access, OauthState way, Consent consent, MailboxSecrets secrets, DateTimeOffset now, CancellationToken ct)
    {
        var (provider, address) = (consent.Provider, consent.Address.ToString());
        var input = new ConnectMailbox.Input(address, way.DisplayName, Server(provider.Smtp, address), Server(provider.Imap, address), CapUsual, GapSecondsUsual);
        if (ConnectMailbox.Refusal(input) is { } refusal) return refusal;
        var inserted = await ConnectMailbox.Insert(tx, access.Actor, input, now, ct);
        if (inserted.Problem is { } taken) return taken;
        await tx.Execute(SetAuth, ct, access.Tenant, inserted.Value, provider.Word, consent.Who.Subject);
        if (await secrets.Tokens.Keep(access, inserted.Value, consent.Refresh, ct) is { } unkept) return unkept;
        await ConnectMailbox.Append(tx, access.Actor, inserted.Value, input, now, ct);
        return new FinishOauth.Output(inserted.Value, IsNew: true);
    }

    static async Task<Result<FinishOauth.Output>> Again(TenantTx tx, SecretAccess access, OauthState way, MailboxId id, Consent consent, MailboxSecrets secrets, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Maybe(Lock, Read, ct, access.Tenant, way.Workspace, id) is not { } row) return ListMailboxes.NotFound;
        if (row.Auth != consent.Provider.Word) return StartOauth.NotOauth;
        // The same account, or at least the same address as the provider says it: nobody else's mailbox moves in.
        if (row.Subject != consent.Who.Subject && row.Address != consent.Who.Address?.Normal) return OauthProblems.OtherAccount(row.Address);
        if (await secrets.Tokens.Keep(access, id, consent.Refresh, ct) is { } unkept) return unkept;
        await tx.Execute(SaveAgain, ct, access.Tenant, id, consent.Who.Subject);
        if (row.State == "active") await tx.Publish(new MailboxResumed(way.Workspace, id), now, ct);
        await tx.Append(access.Actor, "mailbox.reconnected", id.ToString(), new { row.WasLost }, now, ct);
        return new FinishOauth.Output(id, IsNew: false);
    }

    static ConnectMailbox.ServerInput Server(ServerSettings preset, string user) => new(preset.Host, preset.Port, preset.Security, user, InPlaceOfPassword);

    static Row Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4));
}
