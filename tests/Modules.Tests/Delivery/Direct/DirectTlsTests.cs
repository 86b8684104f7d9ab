using System.Security.Cryptography;
using PenguinMails.Delivery.Messages;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Delivery.Direct;

/// <summary>What recipients' domains ask of the way to them: MTA-STS and DANE hold a message, and nothing goes in clear then.</summary>
public sealed class DirectTlsTests(TestDatabase database)
{
    [Theory]
    [InlineData("enforce", 0)]
    [InlineData("testing", 1)]
    [InlineData("none", 1)]
    public async Task Under_an_enforced_policy_a_certificate_that_does_not_verify_holds_the_message(string mode, int received)
    {
        await using var world = await DirectWorld.Create(database);
        using var certificate = DirectWorld.Certificate("mx.firm.example");
        var mx = world.Exchange(2, "mx.firm.example", certificate: certificate);
        world.Takes("firm.example", "mx.firm.example");
        world.Publishes("firm.example", mode, "mx.firm.example");
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.Equal(received, mx.Received.Count);
        Assert.All(mx.Visitors, visitor => Assert.True(visitor.IsTls));
        var message = await world.Sending.Only();
        if (received == 1) Assert.Equal(MessageState.Sent, message.State);
        else
        {
            Assert.Equal((MessageState.Deferred, "4.7.5", 1), (message.State, message.SmtpStatus, message.Attempt));
            Assert.Contains("MTA-STS policy of firm.example", message.SmtpText);
            Assert.Empty(mx.Visitors);
        }
    }

    [Fact]
    public async Task Under_an_enforced_policy_a_server_without_tls_holds_the_message()
    {
        await using var world = await DirectWorld.Create(database);
        var mx = world.Exchange(2, "mx.firm.example");
        world.Takes("firm.example", "mx.firm.example");
        world.Publishes("firm.example", "enforce", "mx.firm.example");
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.Equal((MessageState.Deferred, 0), ((await world.Sending.Only()).State, mx.Visitors.Count));
    }

    [Fact]
    public async Task A_host_that_an_enforced_policy_does_not_name_gets_nothing()
    {
        await using var world = await DirectWorld.Create(database);
        var mx = world.Exchange(2, "mx.evil.example");
        world.Takes("firm.example", "mx.evil.example");
        world.Publishes("firm.example", "enforce", "mx.firm.example");
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.Equal((MessageState.Deferred, 0), ((await world.Sending.Only()).State, mx.Visitors.Count));
    }

    [Fact]
    public async Task Mail_for_a_domain_without_policy_does_not_lend_its_unproven_connection_to_one_with()
    {
        await using var world = await DirectWorld.Create(database);
        using var certificate = DirectWorld.Certificate("mx.host.example");
        var mx = world.Exchange(2, "mx.host.example", certificate: certificate);
        world.Takes("lax.example", "mx.host.example");
        world.Takes("strict.example", "mx.host.example");
        world.Publishes("strict.example", "enforce", "mx.host.example");
        await world.Sending.Enqueue("anna@lax.example", "ben@strict.example", "carl@lax.example");
        await world.Sending.Dispatch();
        Assert.Equal(["anna@lax.example", "carl@lax.example"], mx.Received.Select(delivery => delivery.Recipients[0].Text).Order());
        Assert.Equal(MessageState.Deferred, (await world.Sending.Messages()).Single(m => m.Address == "ben@strict.example").State);
    }

    [Theory]
    [InlineData(true, true, MessageState.Sent)]
    [InlineData(true, false, MessageState.Deferred)]
    [InlineData(false, false, MessageState.Sent)]
    public async Task Where_the_resolver_validates_a_tlsa_record_decides(bool obeys, bool fits, MessageState state)
    {
        await using var world = await DirectWorld.Create(database, obeysDane: obeys);
        using var certificate = DirectWorld.Certificate("mx.firm.example");
        var mx = world.Exchange(2, "mx.firm.example", certificate: certificate);
        world.Takes("firm.example", "mx.firm.example");
        var digest = SHA256.HashData(fits ? certificate.PublicKey.ExportSubjectPublicKeyInfo() : [1, 2, 3]);
        world.Zone.Add($"_{world.Port}._tcp.mx.firm.example", DnsType.Tlsa, $"3 1 1 {Convert.ToHexStringLower(digest)}");
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.Equal(state, (await world.Sending.Only()).State);
        Assert.All(mx.Visitors, visitor => Assert.True(visitor.IsTls));
    }

    [Fact]
    public async Task A_server_whose_tls_is_broken_gets_the_message_in_clear_where_nothing_asks_for_more()
    {
        await using var world = await DirectWorld.Create(database);
        using var key = RSA.Create(512); // Too weak for any handshake.
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=mx.firm.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var weak = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        var mx = world.Exchange(2, "mx.firm.example", certificate: weak);
        world.Takes("firm.example", "mx.firm.example");
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.False(Assert.Single(mx.Visitors).IsTls);
        Assert.Single(mx.Received);
    }
}
