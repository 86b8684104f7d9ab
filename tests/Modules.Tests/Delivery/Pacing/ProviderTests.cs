using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Routes;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Modules.Tests.Delivery.Pacing;

/// <summary>An MX host is known by the organisation that runs it.</summary>
public sealed class ProviderTests
{
    [Theory]
    [InlineData("aspmx.l.google.com", "google")]
    [InlineData("alt3.aspmx.l.google.com.", "google")]
    [InlineData("smtp.google.com", "google")]
    [InlineData("ASPMX2.GOOGLEMAIL.COM", "google")]
    [InlineData("gmail-smtp-in.l.google.com", "google")]
    [InlineData("contoso-com.mail.protection.outlook.com", "microsoft_365")]
    [InlineData("contoso-com.a-v1.mx.microsoft", "microsoft_365")]
    [InlineData("hotmail-com.olc.protection.outlook.com", "outlook_com")]
    [InlineData("mta7.am0.yahoodns.net", "yahoo")]
    [InlineData("mx01.mail.icloud.com", "apple")]
    [InlineData("mxa-00012345.gslb.pphosted.com", "proofpoint")]
    [InlineData("mx1-us1.ppe-hosted.com", "proofpoint")]
    [InlineData("eu-smtp-inbound-1.mimecast.com", "mimecast")]
    [InlineData("za-smtp-inbound-2.mimecast.co.za", "mimecast")]
    [InlineData("mx00.gmx.net", "gmx")]
    [InlineData("mx-ha02.web.de", "gmx")]
    [InlineData("mx00.mail.com", "gmx")]
    [InlineData("mx00.kundenserver.de", "ionos")]
    [InlineData("mx2.zoho.eu", "zoho")]
    [InlineData("d123.a.ess.barracudanetworks.com", "barracuda")]
    [InlineData("mx1.hc123-45.eu.iphmx.com", "cisco")]
    [InlineData("cluster1.eu.messagelabs.com", "broadcom")]
    [InlineData("mx01.hornetsecurity.com", "hornetsecurity")]
    [InlineData("mx00.t-online.de", "t_online")]
    [InlineData("smtp-in.orange.fr", "orange")]
    [InlineData("in1-smtp.messagingengine.com", "fastmail")]
    [InlineData("mail.protonmail.ch", "proton")]
    public void Known_host_belongs_to_its_provider(string host, string id) => Assert.Equal(id, Provider.Of(host).Id);

    [Theory]
    [InlineData("mx1.firm.example", "mx:firm.example")]
    [InlineData("mx2.mail.firm.example.", "mx:firm.example")]
    [InlineData("mail.firm.co.uk", "mx:firm.co.uk")]
    [InlineData("mail.other.co.uk", "mx:other.co.uk")]
    [InlineData("firm.example", "mx:firm.example")]
    [InlineData("localhost", "mx:localhost")]
    [InlineData("198.18.0.7", "mx:198.18.0.7")]
    [InlineData("[198.18.0.7]", "mx:[198.18.0.7]")]
    [InlineData("evilgoogle.com", "mx:evilgoogle.com")]
    [InlineData("google.com.attacker.example", "mx:attacker.example")]
    [InlineData("protection.outlook.com", "mx:outlook.com")]
    public void Unknown_host_is_kept_under_its_domain_with_the_defaults(string host, string id)
    {
        var provider = Provider.Of(host);
        Assert.Equal(id, provider.Id);
        Assert.Equal((Provider.Other.ConnectionsMax, Provider.Other.GapSeconds), (provider.ConnectionsMax, provider.GapSeconds));
        Assert.Equal(provider, Provider.ById(id));
    }

    [Fact]
    public void Every_profile_is_whole_and_says_where_it_comes_from() => Assert.All(Provider.All, provider =>
    {
        Assert.Matches("^[a-z0-9_]+$", provider.Id);
        Assert.InRange(provider.ConnectionsMax, 1, 20);
        Assert.InRange(provider.MessagesPerConnectionMax, 1, 100);
        Assert.InRange(provider.PerHourMax, 1, 1000);
        Assert.InRange(provider.GapSeconds, 1, 60);
        Assert.True(provider.Source.Length > 20, provider.Id);
        Assert.True(provider.AsOf.Year >= 2026, provider.Id);
        Assert.All(provider.Mx, suffix => Assert.Equal(suffix.ToLowerInvariant().Trim('.'), suffix));
        Assert.Equal(provider, Provider.ById(provider.Id));
        if (provider.Account is { } account) Assert.All([.. account.Limits, .. account.TrialLimits], limit => Assert.True(limit is { Count: > 0, Seconds: > 0 }));
    });

    [Fact]
    public void Keys_are_unique_and_only_the_rest_has_no_host()
    {
        Assert.Equal(Provider.All.Count, Provider.All.Select(provider => provider.Id).Distinct().Count());
        Assert.Equal("other", Assert.Single(Provider.All, provider => !provider.IsKnown).Id);
    }

    [Fact]
    public void Limits_of_hosted_mailboxes_are_the_published_ones()
    {
        Assert.Equal([new(2000, 86400)], Provider.ById("google").Account!.Limits);
        Assert.Equal([new(30, 60), new(10000, 86400)], Provider.ById("microsoft_365").Account!.Limits);
        Assert.Equal(("google", "microsoft_365"), (Provider.Of("smtp.gmail.com").Id, Provider.Of("smtp.office365.com").Id)); // What their mailboxes send through.
        Assert.Equal(3, Provider.ById("microsoft_365").Account!.ConnectionsMax);
        Assert.Equal(20, Provider.ById("yahoo").MessagesPerConnectionMax);
    }

    [Theory]
    [InlineData("smtp.office365.com", 3)]
    [InlineData("smtp.gmail.com", int.MaxValue)]
    [InlineData("mail.firm.example", int.MaxValue)]
    public void A_mailbox_sends_over_no_more_connections_than_its_provider_publishes_and_fewer_while_one_takes_mail_carefully(string server, int most)
    {
        var now = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        var state = new SendingState(new(Guid.CreateVersion7()), new(Guid.CreateVersion7()), "sam@firm.example", "firm.example", server, false, false, 100, 0, null);
        Assert.Equal(most, new RouteBook(state, []).ConnectionsMax(now));
        var careful = Route.New(Provider.ById("yahoo")) with { State = RouteState.Recovering, Connections = 1, Until = now.AddMinutes(10) };
        Assert.Equal(1, new RouteBook(state, [new(new("mailbox", RouteBook.MailboxKey(state.Id), "yahoo"), careful, null)]).ConnectionsMax(now));
    }
}
