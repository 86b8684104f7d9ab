using System.Security.Cryptography;
using System.Text;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Fleet.TestMails;

public readonly record struct TestMailId(Guid Value) : ITypedId<TestMailId>
{
    public static string Prefix => "tml";
    public static TestMailId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out TestMailId id) => TypedId.TryParse(text, out id);
}

/// <summary>How a test mail came in, judged as a receiver would.</summary>
/// <param name="Client">Address it came from.</param>
/// <param name="Spf">Result words of RFC 8601 2.7, such as <c>pass</c>, each with its reason.</param>
/// <param name="Dkim">Of the signature that is aligned with the sender's domain, else of the best one.</param>
public sealed record Arrival(string Client, string Hello, bool IsTls, string Spf, string SpfReason, string Dkim, string DkimReason, string Dmarc, string DmarcReason)
{
    /// <summary>All three pass.</summary>
    public bool IsAuthenticated => Spf == "pass" && Dkim == "pass" && Dmarc == "pass";
}

/// <summary>A message from a mailbox to this installation, to see it with a receiver's eyes.</summary>
/// <param name="State">sending, sent (the mailbox's server has it), refused (it has not), arrived or bounced.</param>
/// <param name="Problem">What went wrong and what to do; empty when nothing.</param>
/// <param name="SmtpText">The server's last word.</param>
public sealed record TestMail(TestMailId Id, MailboxId MailboxId, string State, string Problem, string SmtpText, DateTimeOffset SentAt, DateTimeOffset? ArrivedAt, Arrival? Arrival)
{
    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "test_mail.not_found", "There is no such test mail of this mailbox.");

    internal static TestMail Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), row.GetString(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5), row.Maybe<DateTimeOffset>(6),
        row.Text(7) is { } arrival ? Json.Read<Arrival>(arrival) : null);
}

/// <summary>The address a test mail goes to and its bounces come back to: <c>t-TENANT-TOKEN</c> before the @. The token is 160 random bits, of which only the hash is kept.</summary>
static class TestAddress
{
    const string Mark = "t-";
    const int TokenOctets = 20;
    const int TokenLength = TokenOctets * 8 / 5;
    const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    public static string New(TenantId tenant)
    {
        var random = RandomNumberGenerator.GetBytes(TokenLength);
        return Mark + tenant.ToString()[(TenantId.Prefix.Length + 1)..] + "-" + string.Concat(random.Select(octet => Alphabet[octet % Alphabet.Length]));
    }

    /// <summary>False for an address that is none of these.</summary>
    public static bool TryRead(string local, out TenantId tenant, out byte[] tokenHash)
    {
        (tenant, tokenHash) = (default, []);
        var parts = local.ToLowerInvariant().Split('-');
        if (parts is not ["t", var whose, { Length: TokenLength } token] || !TenantId.TryParse($"{TenantId.Prefix}_{whose}", null, out tenant)) return false;
        tokenHash = SHA256.HashData(Encoding.ASCII.GetBytes(token));
        return true;
    }
}
