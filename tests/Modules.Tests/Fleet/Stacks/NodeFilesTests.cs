using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Fleet.Stacks.Native;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>What a plan becomes: every file as committed, and nothing of a value ever read as configuration.</summary>
public sealed class NodeFilesTests
{
    static readonly string Golden = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../tests/Modules.Tests/Fleet/Stacks/node-files.txt"));

    [Fact]
    public void Files_of_the_example_are_those_committed()
    {
        var node = NodeDescription.Of(StackExample.Plan, 2222);
        var text = new StringBuilder($"packages: {string.Join(' ', node.Packages)}\nunits: {string.Join(' ', node.Units)}\ncertificate: {node.Certificate?.Origin}\n");
        foreach (var file in node.Files) text.Append($"\n===== {file}{(file.IsSecret ? " (secret)" : "")}\n").Append(file.Path.EndsWith(".key", StringComparison.Ordinal) ? "(a private key)\n" : file.Content);
        if (Environment.GetEnvironmentVariable("PENGUIN_WRITE") == "1") File.WriteAllText(Golden, text.ToString());
        Assert.Equal(File.ReadAllText(Golden), text.ToString());
    }

    [Fact]
    public void Same_plan_gives_the_same_bytes_whatever_the_order()
    {
        var plan = StackExample.Plan;
        var turned = plan with { Mailboxes = [.. plan.Mailboxes.Reverse()], Domains = [.. plan.Domains.Reverse()], Aliases = [.. plan.Aliases.Reverse()] };
        Assert.Equal(Digest(plan), Digest(turned));
    }

    static IEnumerable<string> Digest(StackPlan plan) => NodeDescription.Of(plan, 22).Files.Select(file => $"{file} {file.Sha256}").Order(StringComparer.Ordinal);

    [Fact]
    public void A_password_that_stays_is_accepted_after_every_single_file()
    {
        var random = new Random(20261126);
        for (var round = 0; round < 200; round++)
        {
            var (old, next) = (Some(random), Some(random));
            var machine = Passwords(old).ToDictionary(file => file.Path, file => file.Content);
            foreach (var file in Passwords(next))
            {
                machine[file.Path] = file.Content;
                Assert.All(old.Intersect(next), password => Assert.Contains(machine.Values, content => content.Contains(DovecotFiles.Hash("alice@example.com", password), StringComparison.Ordinal)));
            }
        }
    }

    static string[] Some(Random random) => [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => $"password {random.Next(12)}").Distinct()];

    static IEnumerable<NodeFile> Passwords(string[] passwords) =>
        DovecotFiles.Of(StackExample.Plan with { Mailboxes = [new("alice@example.com", passwords, 0, 20, null)] }).Where(file => file.Path.Contains("/passwords.", StringComparison.Ordinal));

    [Fact]
    public void Password_hash_is_the_salted_digest_that_Dovecot_reads()
    {
        var hash = DovecotFiles.Hash("alice@example.com", "pässword");
        Assert.StartsWith("{SSHA512}", hash);
        var bytes = Convert.FromBase64String(hash["{SSHA512}".Length..]);
        Assert.Equal(SHA512.HashData([.. Encoding.UTF8.GetBytes("pässword"), .. bytes[64..]]), bytes[..64]);
        Assert.Equal(hash, DovecotFiles.Hash("alice@example.com", "pässword"));
        Assert.NotEqual(hash, DovecotFiles.Hash("bob@example.com", "pässword"));
    }

    static readonly string[] Nasty = ["\n", "\r", "\"", "'", "{", "}", ";", ":", "#", "$", "`", "\\", " ", "\t", "<", ">", "|", ",", "@", "%", "*", "/", "..", "\0", "é", "😀", "[", "]", "=", "!", "-", "a", "b.c", "x1"];

    [Fact]
    public void No_value_is_ever_read_as_configuration()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (passed, refused) = (0, 0);
        for (var round = 0; round < 3000; round++)
        {
            var plan = Spoil(StackExample.Plan, random.Next(11), string.Concat(Enumerable.Range(0, random.Next(0, 5)).Select(_ => Nasty[random.Next(Nasty.Length)])));
            if (StackPlanFault.Of(plan) is { } problem)
            {
                refused++;
                Assert.Equal("stack.plan_invalid", problem.Code);
                Assert.DoesNotContain(problem.Detail, char.IsControl);
                continue;
            }

            passed++;
            HasTheShapeOf(StackExample.Plan, plan);
        }

        Assert.True(passed > 200 && refused > 1000, $"{passed} passed, {refused} refused");
    }

    static StackPlan Spoil(StackPlan plan, int field, string value) => field switch
    {
        0 => plan with { HostName = value + ".example.com" },
        1 => plan with { Addresses = [plan.Addresses[0] with { EhloName = value + ".example.com" }, .. plan.Addresses.Skip(1)] },
        2 => plan with { Domains = [plan.Domains[0], plan.Domains[1] with { Name = value + ".org" }], Mailboxes = [.. plan.Mailboxes.Take(2), plan.Mailboxes[2] with { Address = "carol@" + value + ".org" }] },
        3 => plan with { Domains = [plan.Domains[0] with { Keys = [new(value, StackExample.Key), plan.Domains[0].Keys[1]] }, plan.Domains[1]] },
        4 => plan with { Mailboxes = [plan.Mailboxes[0] with { Address = value + "@example.com" }, .. plan.Mailboxes.Skip(1)] },
        5 => plan with { Mailboxes = [plan.Mailboxes[0] with { Address = "a" + value + "b@example.com" }, .. plan.Mailboxes.Skip(1)] },
        6 => plan with { Mailboxes = [plan.Mailboxes[0] with { Passwords = [value, "battery staple"] }, .. plan.Mailboxes.Skip(1)] },
        7 => plan with { Aliases = [plan.Aliases[0] with { Address = value + "@example.com" }] },
        8 => plan with { Aliases = [plan.Aliases[0] with { Targets = ["t" + value + "@elsewhere.net", "alice@example.com"] }] },
        9 => plan with { Domains = [plan.Domains[0] with { Keys = [new("s1", StackExample.Key + value), plan.Domains[0].Keys[1]] }, plan.Domains[1]] },
        _ => plan with { Aliases = [plan.Aliases[0] with { Targets = [value, "alice@example.com"] }] },
    };

    // Every file keeps its lines and, line by line, its punctuation: a value fills its place and nothing else.
    static void HasTheShapeOf(StackPlan model, StackPlan plan)
    {
        var files = NodeDescription.Of(plan, 22).Files;
        var expected = NodeDescription.Of(model, 22).Files;
        Assert.Equal(expected.Count, files.Count);
        foreach (var (before, after) in expected.Where(file => !file.Path.EndsWith(".key", StringComparison.Ordinal)).Zip(files.Where(file => !file.Path.EndsWith(".key", StringComparison.Ordinal))))
            Assert.Equal(Shape(before), Shape(after));
        Assert.All(files, file => Assert.True(file.Path.All(letter => char.IsAsciiLetterOrDigit(letter) || "/._-".Contains(letter)) && !file.Path.Contains("..")));
    }

    static IEnumerable<string> Shape(NodeFile file) => file.Content.Split('\n').Select(line => string.Concat(line.Where(letter => "{}\"';#[]<>|`$\\\t: ".Contains(letter)))).Order(StringComparer.Ordinal);

    [Fact]
    public void Given_certificate_goes_to_its_place_and_a_foreign_key_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=mail.example.com", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        var given = new StackCertificate.Given(made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        var plan = StackExample.Plan with { Certificate = given };
        Assert.Null(StackPlanFault.Of(plan));
        var file = Assert.Single(NodeDescription.Of(plan, 22).Files, file => file.Path == "/etc/penguinmails/tls/key.pem");
        Assert.Equal(("0600", true, true), (file.Mode, file.IsSecret, file.IsKept));
        Assert.NotNull(StackPlanFault.Of(plan with { Certificate = given with { KeyPem = StackExample.Key } }));
        Assert.DoesNotContain("PRIVATE", $"{plan}");
    }

    [Fact]
    public void Limits_are_held_on_both_sides()
    {
        var plan = StackExample.Plan;
        StackMailbox With(int passwords) => plan.Mailboxes[0] with { Passwords = [.. Enumerable.Range(0, passwords).Select(n => $"password {n}")] };
        Assert.Null(StackPlanFault.Of(plan with { Mailboxes = [With(8)] }));
        Assert.NotNull(StackPlanFault.Of(plan with { Mailboxes = [With(9)] }));
        Assert.NotNull(StackPlanFault.Of(plan with { Mailboxes = [With(0)] }));
        Assert.NotNull(StackPlanFault.Of(plan with { Mailboxes = [plan.Mailboxes[0] with { HourlyLimit = 0 }] }));
        Assert.NotNull(StackPlanFault.Of(plan with { Mailboxes = [plan.Mailboxes[0] with { SendFrom = IPAddress.Loopback }] }));
        Assert.NotNull(StackPlanFault.Of(plan with { Mailboxes = [plan.Mailboxes[0], plan.Mailboxes[0]] }));
        Assert.NotNull(StackPlanFault.Of(plan with { Mailboxes = [plan.Mailboxes[0] with { Address = "info@example.com" }] }));
        Assert.NotNull(StackPlanFault.Of(plan with { Addresses = [] }));
    }
}
