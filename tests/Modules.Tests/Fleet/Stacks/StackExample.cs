using System.Net;
using System.Security.Cryptography;
using PenguinMails.Fleet.Stacks;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>A plan with one of everything.</summary>
static class StackExample
{
    public static string NewKey(int bits = 2048)
    {
        using var key = RSA.Create(bits);
        return key.ExportPkcs8PrivateKeyPem();
    }

    // 1,024 bits are quick to make, and enough to be written into a file.
    public static readonly string Key = NewKey(1024);

    public static StackPlan Plan => new(
        "mail.example.com",
        [new(IPAddress.Parse("203.0.113.10"), "mail.example.com"), new(IPAddress.Parse("203.0.113.11"), "mail2.example.com"), new(IPAddress.Parse("2001:db8::12"), "mail3.example.com")],
        [new("example.com", [new("s1", Key), new("s2", Key)]), new("example.org", [])],
        [
            new("alice@example.com", ["correct horse", "battery staple"], 1_000_000_000, 40, null),
            new("bob@example.com", ["tr0ub4dor"], 0, 20, IPAddress.Parse("203.0.113.11")),
            new("carol@example.org", ["zebra: 'crossing' \"$x\""], 5_000_000, 10, IPAddress.Parse("2001:db8::12")),
        ],
        [new("info@example.com", ["alice@example.com", "Team+mail@elsewhere.net"])],
        new StackCertificate.SelfSigned());
}
