using PenguinMails.Mail.Replies;

namespace PenguinMails.Mail.Tests.Replies;

/// <summary>Answers whose quote is announced in the less common ways.</summary>
public sealed class ReplyFormTests
{
    [Theory]
    [InlineData("Fine with us On Mon, Mar 2, 2026 at 10:00 AM, Bob <bob@x.example> wrote:", "Fine with us")]
    [InlineData("Passt--- Am 02.03.2026 um 10:00 schrieb Bob <bob@x.example>:", "Passt")]
    [InlineData("See the note of On-Call about 2026 numbers:", "See the note of On-Call about 2026 numbers:")]
    public void Attribution_may_share_the_line_of_the_answer(string line, string reply) =>
        Assert.Equal(reply, ReplyText.Of(line + "\n> old words\n").Reply);

    [Theory]
    [InlineData("2026/3/2 Bob Example <bob@x.example>", true)]
    [InlineData("2026-03-02 10:00 GMT+01:00 Bob Example", true)]
    [InlineData("2026 was a year of 100 offers", false)]
    public void Date_and_name_without_a_verb_announce_marked_lines(string line, bool isAttribution)
    {
        var parts = ReplyText.Of("Yes.\n\n" + line + "\n\n> old words\n");
        Assert.Equal(isAttribution ? "Yes." : "Yes.\n\n" + line, parts.Reply);
    }

    [Theory]
    [InlineData("Date: Mon, 2 Mar 2026 10:00:00 +0000\nTo: ann@x.example\n\nold words", true)]
    [InlineData("From: bob@x.example\n\nold words", true)]
    [InlineData("From: the whole team\n\nold words", false)]
    [InlineData("Date: to be agreed\nTo: be done", false)]
    public void Short_copied_header_ends_the_answer(string tail, bool isQuoted) =>
        Assert.Equal(isQuoted ? "Yes." : "Yes.\n\n" + tail, ReplyText.Of("Yes.\n\n" + tail).Reply);

    [Fact]
    public void Broken_link_stays_in_the_quote()
    {
        var parts = ReplyText.Of("Yes.\n\nOn 2 March 2026 10:00, Bob wrote:\n\n> see (https://x.example/a\nb=1)\n> and\n(https://x.example/c) too\n> end\n");
        Assert.Equal("Yes.", parts.Reply);
        Assert.Contains("b=1)", parts.Quoted);
    }

    [Fact]
    public void Name_behind_a_slash_is_a_signature()
    {
        var parts = ReplyText.Of("Det går bra.\n\n/Karin");
        Assert.Equal(("Det går bra.", "/Karin"), (parts.Reply, parts.Signature));
    }

    [Theory]
    [InlineData("Missatge de Bob <bob@x.example> del dia dl., 2 de març 2026 a les 10:00:")]
    [InlineData("सोम, 2 मार्च 2026 को 10:00 बजे को Bob <bob@x.example> ने लिखा:")]
    [InlineData("V pon., 2. mar. 2026 ob 10:00 je oseba Bob <bob@x.example> napisala:")]
    [InlineData("\u202Bבתאריך יום ב׳, 2 במרץ 2026 ב-10:00 מאת \u202ABob\u202C <\u202Abob@x.example\u202C\u200F>:\u202C")]
    public void Date_and_address_above_marked_lines_announce_them_in_any_language(string line) =>
        Assert.Equal("OK.", ReplyText.Of("OK.\n\n" + line + "\n\n> old words\n").Reply);

    [Fact]
    public void Text_below_a_marked_forward_is_kept() =>
        Assert.Equal("Look.\n\nAnd call me.", ReplyText.Of("Look.\n\nBegin forwarded message:\n\n> From: Bob <bob@x.example>\n> Date: 2 March 2026\n>\n> old words\n\nAnd call me.").Reply);

    [Theory]
    [InlineData("Ja.\n\nMvh,\nKarin", "Ja.", "Mvh,\nKarin")]
    [InlineData("Yes.\n\n————\nAnn Example\nSales", "Yes.", "————\nAnn Example\nSales")]
    [InlineData("Yes.\n\n————\nThat was one thing.", "Yes.\n\n————\nThat was one thing.", null)]
    [InlineData("Yes.\n\nBest regards 🎉\nAnn\nSales", "Yes.", "Best regards 🎉\nAnn\nSales")]
    public void Drawn_lines_and_short_closings_begin_a_signature(string text, string reply, string? signature)
    {
        var parts = ReplyText.Of(text);
        Assert.Equal((reply, signature), (parts.Reply, parts.Signature));
    }

    [Theory]
    [InlineData("<p>Mind this:</p><blockquote>wise words</blockquote><div>On 2 March 2026 10:00, Bob &lt;bob@x.example&gt; wrote:</div><blockquote>old</blockquote>", "Mind this:\n\nwise words")]
    [InlineData("<div>On 2 March 2026 10:00, Bob &lt;bob@x.example&gt; wrote:</div><blockquote>one?</blockquote><div>First.</div><blockquote>two?</blockquote><div>Second.</div>", "First.\nSecond.")]
    [InlineData("<div>Fine.</div><blockquote>old</blockquote>", "Fine.")]
    [InlineData("<div>Fine.</div><hr><div><b>From: bob@x.example</b> <b>Date: Mon, 2 Mar 2026 10:00:00 +0000</b></div><div>old</div>", "Fine.")]
    public void Html_without_marks_of_a_mail_program_is_told_by_its_order(string html, string reply) => Assert.Equal(reply, HtmlReply.Of(html).Reply);
}
