using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Modules.Tests.Delivery.Pacing;

/// <summary>Which replies ask something of the route.</summary>
public sealed class ReplyRuleTests
{
    [Theory]
    [InlineData("google", 421, "4.7.28", "Gmail has detected an unusual rate of unsolicited mail", "google_rate")]
    [InlineData("google", 421, null, "4.7.28 Gmail has detected an unusual rate", "google_rate")]
    [InlineData("google", 421, null, "4.7.280 Gmail has detected", "service_closing")]
    [InlineData("google", 421, null, "14.7.28 Gmail has detected", "service_closing")]
    [InlineData("google", 421, "4.7.0", "Try again later", "google_unsolicited")]
    [InlineData("google", 421, "4.7.0", "due to the very low reputation of the sending domain", "google_reputation")]
    [InlineData("google", 550, "5.4.5", "Daily user sending limit exceeded", "google_account_day")]
    [InlineData("google", 550, "5.7.25", "The IP address sending this message does not have a PTR record", "google_ptr")]
    [InlineData("google", 550, "5.7.26", "This mail has been blocked because the sender is unauthenticated", "google_authentication")]
    [InlineData("google", 450, "4.2.1", "The user is receiving mail at a rate that prevents more", "google_recipient_rate")]
    [InlineData("google", 452, "4.2.2", "The recipient's inbox is out of storage space", "mailbox_full")]
    [InlineData("yahoo", 421, "4.7.0", "[TSS04] Messages from 198.18.0.7 temporarily deferred due to unexpected volume", "yahoo_held")]
    [InlineData("yahoo", 421, "4.7.1", "[TS03] All messages from 198.18.0.7 will be permanently deferred", "yahoo_held_long")]
    [InlineData("yahoo", 553, "5.7.1", "[BL21] Connections will not be accepted", "yahoo_blocklist")]
    [InlineData("outlook_com", 421, null, "RP-001 The mail server IP exceeded the rate limit", "outlook_rate")]
    [InlineData("outlook_com", 550, null, "SC-001 Mail rejected for policy reasons", "outlook_block")]
    [InlineData("outlook_com", 550, "5.7.515", "Access denied, sending domain does not meet the required level", "outlook_authentication")]
    [InlineData("microsoft_365", 432, "4.3.2", "Concurrent connections limit exceeded", "microsoft_connections")]
    [InlineData("microsoft_365", 550, "5.1.8", "Access denied, bad outbound sender", "microsoft_account_blocked")]
    [InlineData("microsoft_365", 550, "5.7.606", "Access denied, banned sending IP", "microsoft_banned")]
    [InlineData("gmx", 421, null, "Too many messages have been received in a short period of time", "gmx_rate")]
    [InlineData("mx:firm.example", 451, "4.7.1", "Greylisting in action, please come back later", "greylisting")]
    [InlineData("mx:firm.example", 421, "4.7.0", "Error: too many connections from 198.18.0.7", "too_many_connections")]
    [InlineData("mx:firm.example", 450, "4.7.1", "rate limit exceeded", "too_fast")]
    [InlineData("mx:firm.example", 554, "5.7.1", "blocked using zen.spamhaus.org", "spamhaus")]
    [InlineData("mx:firm.example", 0, null, "", "network_unreachable")]
    [InlineData("mx:firm.example", 421, null, "Service closing transmission channel", "service_closing")]
    [InlineData("mx:firm.example", 451, null, "Local error in processing", "deferrals_in_a_row")]
    public void Reply_falls_under_its_rule(string provider, int code, string? enhanced, string text, string rule) =>
        Assert.Equal(rule, ReplyRule.Of(provider, code, enhanced, text)?.Id);

    [Theory]
    [InlineData("google", 550, "5.1.1", "The email account that you tried to reach does not exist")]
    [InlineData("mx:firm.example", 550, "5.7.1", "Rejected by content filter")]
    [InlineData("mx:firm.example", 554, null, "Too many messages")]
    public void Refusal_of_one_message_asks_nothing_of_the_route(string provider, int code, string? enhanced, string text) =>
        Assert.Null(ReplyRule.Of(provider, code, enhanced, text));

    [Fact]
    public void Rule_of_one_provider_holds_for_no_other() =>
        Assert.Equal("deferrals_in_a_row", ReplyRule.Of("mx:firm.example", 450, "4.7.28", "no more")?.Id);

    [Fact]
    public void Text_beyond_the_limit_is_not_looked_at()
    {
        Assert.Equal("too_fast", ReplyRule.Of("other", 450, null, new string('x', 1990) + "rate limit")?.Id);
        Assert.Equal("deferrals_in_a_row", ReplyRule.Of("other", 450, null, new string('x', 1991) + "rate limit")?.Id);
    }

    [Fact]
    public void Every_rule_is_whole() => Assert.All(ReplyRule.All, rule =>
    {
        Assert.Matches("^[a-z0-9_]+$", rule.Id);
        Assert.True(rule.Provider == "*" || Provider.All.Any(provider => provider.Id == rule.Provider), rule.Id);
        Assert.True(rule.Codes.Count + rule.Enhanced.Count + rule.Phrases.Count > 0, rule.Id);
        Assert.All(rule.Phrases, phrase => Assert.Equal(phrase.ToLowerInvariant(), phrase));
        Assert.True(rule.Occurrences >= 1, rule.Id);
        Assert.Equal(rule.Action is BackOff.Slow or BackOff.Suspend, rule.Minutes > 0);
        Assert.Equal(rule.Action == BackOff.Slow, rule.Connections + rule.GapSeconds > 0);
        Assert.True(rule.Action == BackOff.Stop || rule.Scope != BackOffScope.Domain, rule.Id);
        Assert.EndsWith(".", rule.Meaning, StringComparison.Ordinal);
        Assert.NotEmpty(rule.Source);
    });

    [Fact]
    public void Ids_are_unique() => Assert.Equal(ReplyRule.All.Count, ReplyRule.All.Select(rule => rule.Id).Distinct().Count());

    [Fact]
    public void Gmail_rate_waits_at_least_the_ten_minutes_google_asks_for() =>
        Assert.True(ReplyRule.Of("google", 421, "4.7.28", "")!.Minutes >= 10);
}
