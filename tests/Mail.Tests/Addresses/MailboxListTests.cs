using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Tests.Addresses;

public sealed class MailboxListTests
{
    [Theory]
    [InlineData("a@x.example", "|a@x.example")]
    [InlineData("<a@x.example>", "|a@x.example")]
    [InlineData("Ann Lee <a@x.example>, b@x.example", "Ann Lee|a@x.example ; |b@x.example")]
    [InlineData("\"Lee, Ann\" <a@x.example>", "Lee, Ann|a@x.example")]
    [InlineData("\"Joe \\\"Q\\\" P\" <a@x.example>", "Joe \"Q\" P|a@x.example")]
    [InlineData("=?utf-8?q?J=C3=B6rg=2C_K?= <a@x.example>", "Jörg, K|a@x.example")]
    [InlineData("\"=?utf-8?b?w6k=?=\" <a@x.example>", "é|a@x.example")]
    [InlineData("a@x.example (Ann Lee)", "Ann Lee|a@x.example")]
    [InlineData("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "Pete|pete(hisaccount)@silly.test(hishost)")]
    [InlineData("A Group:Ed Jones <joe@where.test>,John <jdoe@one.test>;", "Ed Jones|joe@where.test ; John|jdoe@one.test")]        // RFC 5322 A.1.3
    [InlineData("Undisclosed recipients:;", "")]
    [InlineData("a@x.example; b@x.example", "|a@x.example ; |b@x.example")]
    [InlineData("<@a.example,@b.example:c@x.example>", "|c@x.example")]                        // 4.4 obs-route
    [InlineData("\"a b\"@x.example", "|\"a b\"@x.example")]
    [InlineData("John <\"a b\"@x.example>", "John|\"a b\"@x.example")]
    [InlineData("a@[192.0.2.1]", "|a@[192.0.2.1]")]
    [InlineData("a @ x.example", "|a@x.example")]
    [InlineData("Ann Lee a@x.example", "Ann Lee|a@x.example")]
    [InlineData("Ann <a@x.example", "Ann|a@x.example")]
    [InlineData("a@x.example <a@x.example>", "a@x.example|a@x.example")]
    [InlineData("MAILER-DAEMON", "|MAILER-DAEMON")]
    [InlineData("Mail Delivery Subsystem", "Mail Delivery Subsystem|")]
    [InlineData("Mail <>", "Mail|")]
    [InlineData("mailto:a@x.example", "|a@x.example")]
    [InlineData(",, ,a@x.example,,", "|a@x.example")]
    [InlineData("\"never closed <a@x.example>", "never closed|a@x.example")]
    [InlineData("用户 <用户@例子.广告>", "用户|用户@例子.广告")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void List_is_read_so(string? field, string expected) =>
        Assert.Equal(expected, string.Join(" ; ", MailboxList.Parse(field).Select(mailbox => mailbox.Name + "|" + mailbox.Address)));

    [Fact]
    public void Group_is_named() => Assert.Equal("Team", MailboxList.Parse("Team: a@x.example, b@x.example;")[1].Group);

    [Theory]
    [InlineData('(')]
    [InlineData('<')]
    [InlineData('"')]
    [InlineData('[')]
    [InlineData(':')]
    [InlineData('@')]
    [InlineData('\\')]
    public void Hostile_repetition_is_read_at_once(char c) => Assert.NotNull(MailboxList.Parse(new string(c, 200_000)));
}
