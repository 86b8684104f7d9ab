using PenguinMails.Fleet.Reports;

namespace PenguinMails.Modules.Tests.Fleet.Reports;

public sealed class ClassifySourceTests
{
    static readonly OwnSenders Own = new("a.test", new Dictionary<string, string> { ["198.51.100.7"] = "mail.a.test" }, ["pm202603", "pm202609"]);

    static readonly DmarcEntry Bare = new("203.0.113.9", 1, "none", false, false, "a.test", "", "", "", "", "", "", []);

    static readonly DmarcEntry Signed = Bare with { IsDkimAligned = true, DkimDomain = "a.test", DkimSelector = "pm202603", DkimResult = "pass" };

    static SourceVerdict Judge(DmarcEntry entry) => ClassifySource.Judge(entry, Own);

    [Fact]
    public void The_address_of_one_of_our_servers_is_yours_whatever_failed() =>
        Assert.Equal((SourceClass.Yours, "own_server"), (Judge(Bare with { Source = "198.51.100.7", Reasons = ["forwarded"] }).Class, Judge(Bare with { Source = "198.51.100.7" }).Rule));

    [Fact]
    public void What_SPF_names_is_yours_even_when_the_return_path_was_elsewhere()
    {
        Assert.Equal((SourceClass.Yours, "spf"), Judge(Bare with { IsSpfAligned = true }) is var passed ? (passed.Class, passed.Rule) : default);
        var elsewhere = Judge(Bare with { IsInSpf = true, SpfDomain = "bounce.tool.test", SpfResult = "pass" });
        Assert.Equal((SourceClass.Yours, "spf"), (elsewhere.Class, elsewhere.Rule));
        Assert.Contains("bounce.tool.test", elsewhere.Why);
    }

    [Theory]
    [InlineData("forwarded")]
    [InlineData("mailing_list")]
    [InlineData("trusted_forwarder")]
    [InlineData("arc")]
    public void The_receiver_knows_what_was_passed_on(string reason) =>
        Assert.Equal((SourceClass.Forwarder, "receiver_says"), Judge(Bare with { Reasons = [reason] }) is var verdict ? (verdict.Class, verdict.Rule) : default);

    [Theory]
    [InlineData("local_policy")]
    [InlineData("sampled_out")]
    [InlineData("other")]
    public void Other_reasons_of_a_receiver_say_nothing_about_the_source(string reason) => Assert.Equal(SourceClass.Stranger, Judge(Bare with { Reasons = [reason] }).Class);

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("neutral")]
    [InlineData("temperror")]
    public void Signed_with_our_key_and_not_judged_by_SPF_is_yours(string spf) =>
        Assert.Equal((SourceClass.Yours, "signed"), Judge(Signed with { SpfResult = spf }) is var verdict ? (verdict.Class, verdict.Rule) : default);

    [Theory]
    [InlineData("pm202603", "fail", "bounce.a.test")]
    [InlineData("pm202609", "softfail", "bounce.a.test")]
    [InlineData("pm202603", "pass", "srs.forwarder.test")]
    [InlineData("google", "none", "")]
    public void Signed_and_from_an_address_that_SPF_does_not_name_was_passed_on(string selector, string spf, string spfDomain) =>
        Assert.Equal((SourceClass.Forwarder, "signed_passed_on"), Judge(Signed with { DkimSelector = selector, SpfResult = spf, SpfDomain = spfDomain }) is var verdict ? (verdict.Class, verdict.Rule) : default);

    [Fact]
    public void A_known_forwarder_is_known_by_a_name_that_leads_back_to_it()
    {
        Assert.Equal((SourceClass.Forwarder, "known_forwarder"), Judge(Bare with { Host = "mx1.forwardemail.net" }) is var verdict ? (verdict.Class, verdict.Rule) : default);
        Assert.Equal(SourceClass.Stranger, Judge(Bare with { Host = "forwardemail.net.evil.test" }).Class);
        Assert.Equal(SourceClass.Stranger, Judge(Bare with { Host = "notforwardemail.net" }).Class);
    }

    [Fact]
    public void A_signature_that_failed_proves_nothing_even_with_our_selector() =>
        Assert.Equal((SourceClass.Stranger, "none"), Judge(Signed with { IsDkimAligned = false, DkimResult = "fail" }) is var verdict ? (verdict.Class, verdict.Rule) : default);
}
