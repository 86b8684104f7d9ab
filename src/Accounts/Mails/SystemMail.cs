using Microsoft.Extensions.Configuration;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Accounts.Mails;

/// <summary>The server that takes mail of the program's own (verification, reset, invitations), below <c>PENGUIN__SYSTEMMAIL__</c>.</summary>
/// <param name="Host"><c>HOST</c>; empty: no such mail can be sent, and each try says so.</param>
/// <param name="Port"><c>PORT</c>, default 587.</param>
/// <param name="Security"><c>SECURITY</c>: none, opportunistic, required (default) or implicit.</param>
/// <param name="From"><c>FROM</c>, an address.</param>
public sealed record SystemMail(string Host, int Port, TlsPolicy Security, string From)
{
    /// <summary><c>USER</c>; empty: no log-in.</summary>
    public string User { get; init; } = "";

    /// <summary><c>SECRET</c>.</summary>
    public string Secret { get; init; } = "";

    /// <summary>Longest wait for any one reply.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <exception cref="InvalidOperationException">A value is not what it must be; the message names the key.</exception>
    public static SystemMail Read(IConfiguration? configuration)
    {
        var section = configuration?.GetSection("SystemMail");
        var port = section?["Port"] is { Length: > 0 } given ? given : "587";
        var security = section?["Security"] is { Length: > 0 } word ? word : "required";
        var from = section?["From"] is { Length: > 0 } address ? address : "penguin@localhost.localdomain";
        if (!int.TryParse(port, System.Globalization.CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
            throw new InvalidOperationException($"PENGUIN__SYSTEMMAIL__PORT is {port}; it must be 1 to 65535.");
        if (!Enum.TryParse<TlsPolicy>(security, ignoreCase: true, out var policy) || !Enum.IsDefined(policy))
            throw new InvalidOperationException($"PENGUIN__SYSTEMMAIL__SECURITY is {security}; it must be none, opportunistic, required or implicit.");
        if (!EmailAddress.TryParse(from, out _, out _)) throw new InvalidOperationException("PENGUIN__SYSTEMMAIL__FROM is not an address.");
        return new SystemMail(section?["Host"] ?? "", number, policy, from) { User = section?["User"] ?? "", Secret = section?["Secret"] ?? "" };
    }

    /// <summary>Hides the secret.</summary>
    public override string ToString() => $"SystemMail {Host}:{Port}";
}
