using System.Text;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;

namespace PenguinMails.Mail.Tests.Replies;

public sealed class ReplyTextTests
{
    [Theory]
    [InlineData("On Mon, Mar 2, 2026 at 10:00 AM Bob Example <bob@x.example> wrote:")]
    [InlineData("On Mon, Mar 2, 2026 at 10:00 AM Bob Example With A Long Name\n<bob@x.example> wrote:")]
    [InlineData("On 2 Mar 2026, at 10:00, Bob <bob@x.example> wrote:")]
    [InlineData("On 02/03/2026 10:00, Bob wrote:")]
    [InlineData("Bob Example <bob@x.example> wrote:")]
    [InlineData("Bob <bob@x.example> wrote on Mon, 2 Mar 2026 at 10:00:")]
    [InlineData("2026-03-02 10:00 GMT+01:00 Bob <bob@x.example>:")]
    [InlineData("Am Mo., 2. März 2026 um 10:00 Uhr schrieb Bob <bob@x.example>:")]
    [InlineData("Am 02.03.2026 um 10:00 schrieb Bob:")]
    [InlineData("Bob <bob@x.example> schrieb am Mo., 2. März 2026, 10:00:")]
    [InlineData("Le lun. 2 mars 2026 à 10:00, Bob <bob@x.example> a écrit :")]
    [InlineData("Le 02/03/2026 à 10:00, Bob a écrit :")]
    [InlineData("El lun, 2 mar 2026 a las 10:00, Bob (<bob@x.example>) escribió:")]
    [InlineData("El 2 mar 2026, a las 10:00, Bob <bob@x.example> escribió:")]
    [InlineData("Il giorno lun 2 mar 2026 alle ore 10:00 Bob <bob@x.example> ha scritto:")]
    [InlineData("Em seg., 2 de mar. de 2026 às 10:00, Bob <bob@x.example> escreveu:")]
    [InlineData("Op ma 2 mrt 2026 om 10:00 schreef Bob <bob@x.example>:")]
    [InlineData("Den mån 2 mars 2026 kl 10:00 skrev Bob <bob@x.example>:")]
    [InlineData("Den man. 2. mar. 2026 kl. 10.00 skrev Bob <bob@x.example>:")]
    [InlineData("man. 2. mars 2026 kl. 10:00 skrev Bob <bob@x.example>:")]
    [InlineData("pon., 2 mar 2026 o 10:00 Bob <bob@x.example> napisał(a):")]
    [InlineData("W dniu 2.03.2026 o 10:00, Bob pisze:")]
    [InlineData("пн, 2 мар. 2026 г. в 10:00, Bob <bob@x.example>:")]
    [InlineData("02.03.2026 10:00, Bob пишет:")]
    [InlineData("Понедельник, 2 марта 2026, 10:00 +03:00 от Bob <bob@x.example>:")]
    [InlineData("Bob <bob@x.example> 于2026年3月2日周一 10:00写道：")]
    [InlineData("在 2026-03-02 10:00:00，\"Bob\" <bob@x.example> 写道：")]
    [InlineData("2026年3月2日(月) 10:00 Bob <bob@x.example>:")]
    [InlineData("2026/03/02 10:00、Bob <bob@x.example>のメール:")]
    [InlineData("On 2 Mar 2026, at 10:00, Bob <bob@x.example> said:")]
    [InlineData("Am 2.3.2026 10:00, schrieben Sie:")]
    [InlineData("----- On 2 Mar 2026 10:00, Bob wrote -----")]
    public void Attribution_begins_the_quote_with_and_without_marks(string attribution)
    {
        foreach (var quote in (string[])["> old one\n> old two", "old one\nold two"])
        {
            var parts = ReplyText.Of("My answer.\n\n" + attribution + "\n\n" + quote + "\n");
            Assert.Equal("My answer.", parts.Reply);
            Assert.Contains("old two", parts.Quoted);
        }
    }

    [Theory]
    [InlineData("-----Original Message-----\nFrom: Bob\nSent: Monday")]
    [InlineData("-----Ursprüngliche Nachricht-----\nVon: Bob")]
    [InlineData("________________________________\nFrom: Bob <bob@x.example>\nSent: Monday, March 2, 2026 10:00\nTo: Ann\nSubject: Offer")]
    [InlineData("From: Bob <bob@x.example>\nSent: Monday, March 2, 2026 10:00\nTo: Ann\nSubject: Offer")]
    [InlineData("*From:* Bob <bob@x.example>\n*Sent:* Monday\n*To:* Ann\n*Subject:* Offer")]
    [InlineData("Von: Bob\nGesendet: Montag, 2. März 2026\nAn: Ann\nBetreff: Angebot")]
    [InlineData("De : Bob\nEnvoyé : lundi 2 mars 2026\nÀ : Ann\nObjet : Offre")]
    [InlineData("De: Bob\nEnviado el: lunes\nPara: Ann\nAsunto: Oferta")]
    [InlineData("Da: Bob\nInviato: lunedì\nA: Ann\nOggetto: Offerta")]
    [InlineData("De: Bob\nEnviada em: segunda-feira\nPara: Ann\nAssunto: Oferta")]
    [InlineData("Van: Bob\nVerzonden: maandag\nAan: Ann\nOnderwerp: Aanbod")]
    [InlineData("Från: Bob\nSkickat: måndag\nTill: Ann\nÄmne: Erbjudande")]
    [InlineData("Fra: Bob\nSendt: mandag\nTil: Ann\nEmne: Tilbud")]
    [InlineData("Od: Bob\nWysłano: poniedziałek\nDo: Ann\nTemat: Oferta")]
    [InlineData("От: Bob\nОтправлено: понедельник\nКому: Ann\nТема: Предложение")]
    [InlineData("发件人: Bob\n发送时间: 2026年3月2日\n收件人: Ann\n主题: 报价")]
    [InlineData("差出人: Bob\n送信日時: 2026年3月2日\n宛先: Ann\n件名: 提案")]
    [InlineData("------------------ 原始邮件 ------------------\n发件人: Bob")]
    [InlineData("---------- Forwarded message ---------\nFrom: Bob")]
    public void Copied_header_ends_the_answer(string header)
    {
        var parts = ReplyText.Of("My answer.\n\n" + header + "\n\nold text\nFrom: is a word here\n");
        Assert.Equal("My answer.", parts.Reply);
        Assert.EndsWith("From: is a word here", parts.Quoted);
    }

    [Theory]
    [InlineData("Yes.\n\n-- \nBob\nPhone 1", "Yes.", "-- \nBob\nPhone 1")]
    [InlineData("Yes.\n\nSent from my iPhone", "Yes.", "Sent from my iPhone")]
    [InlineData("Yes.\n\nSent from my desk, is much easier then my phone.", "Yes.\n\nSent from my desk, is much easier then my phone.", null)]
    [InlineData("Ja.\n\nVon meinem iPhone gesendet", "Ja.", "Von meinem iPhone gesendet")]
    [InlineData("Oui.\n\nEnvoyé de mon iPhone", "Oui.", "Envoyé de mon iPhone")]
    [InlineData("Sí.\n\nEnviado desde mi iPhone", "Sí.", "Enviado desde mi iPhone")]
    [InlineData("はい。\n\niPhoneから送信", "はい。", "iPhoneから送信")]
    [InlineData("好的。\n\n发自我的 iPhone", "好的。", "发自我的 iPhone")]
    [InlineData("Да.\n\nОтправлено с iPhone", "Да.", "Отправлено с iPhone")]
    [InlineData("Yes.\n\nBest regards,\nAnn Example\nHead of Sales\n+1 555 0100", "Yes.", "Best regards,\nAnn Example\nHead of Sales\n+1 555 0100")]
    [InlineData("Thanks,\nAnn", "Thanks,\nAnn", null)]
    [InlineData("Text\n\n-Abigail", "Text", "-Abigail")]
    [InlineData("Points:\n- One\n- Two", "Points:\n- One\n- Two", null)]
    [InlineData("No.\n\nCONFIDENTIALITY NOTICE: this is privileged\nand more", "No.", "CONFIDENTIALITY NOTICE: this is privileged\nand more")]
    [InlineData("Important: bring the papers.", "Important: bring the papers.", null)]
    public void Signature_is_taken_off_with_care(string text, string reply, string? signature)
    {
        var parts = ReplyText.Of(text);
        Assert.Equal((reply, signature?.Replace("-- \n", "--\n")), (parts.Reply, parts.Signature));
    }

    [Theory]
    [InlineData("> one?\nFirst.\n\n> two?\nSecond.", "First.\n\nSecond.")]
    [InlineData("On Mon, Mar 2, 2026, Bob <b@x.example> wrote:\n> question\n\nAnswer below.", "Answer below.")]
    [InlineData("On Mon, Mar 2, 2026, Bob <b@x.example> wrote:\n> question", "")]
    [InlineData("", "")]
    [InlineData("On 3 occasions I wrote to you.\nNothing came.", "On 3 occasions I wrote to you.\nNothing came.")]
    [InlineData("From: what I hear,\nTo: be honest, fine.", "From: what I hear,\nTo: be honest, fine.")]
    [InlineData("He said the following:\nfine", "He said the following:\nfine")]
    public void Answers_between_and_below_quotes_are_kept(string text, string reply) => Assert.Equal(reply, ReplyText.Of(text).Reply);

    [Theory]
    [InlineData("<div dir=\"ltr\">Yes &amp; no<br></div><br><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Mon, Bob &lt;b@x.example&gt; wrote:<br></div><blockquote class=\"gmail_quote\">old</blockquote></div>")]
    [InlineData("<p>Yes &amp; no</p><div class=\"moz-cite-prefix\">Am 02.03.2026 schrieb Bob:</div><blockquote type=\"cite\"><p>old</p></blockquote>")]
    [InlineData("<div>Yes &amp; no</div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>From:</b> Bob<br></div><div>old</div>")]
    [InlineData("<p>Yes &amp; no</p><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0 0 0\"><p><b>From:</b> Bob</p></div><p>old</p>")]
    [InlineData("<div>Yes &amp; no</div><div id=\"ydpyahoo_quoted_1\" class=\"yahoo_quoted\">On Monday Bob wrote: <div>old</div></div>")]
    [InlineData("<div>Yes &amp; no</div><div class=\"protonmail_quote\">Le lundi, Bob a écrit :<blockquote>old</blockquote></div>")]
    [InlineData("<style>p{color:red}</style><div>Yes &amp; no</div><div class=\"zmail_extra\"><div>---- On Mon, Bob wrote ----</div>old</div>")]
    [InlineData("<div>Yes &amp; no</div><div class=\"gmail_signature\">Ann<br>Sales</div><blockquote>old</blockquote>")]
    public void Containers_of_mail_programs_hold_the_quote(string html)
    {
        var message = MimeReader.Read(Encoding.UTF8.GetBytes("Subject: Re: x\nContent-Type: text/html; charset=utf-8\n\n" + html), new MimeLimits());
        var reply = IncomingReply.Read(message);
        Assert.Equal("Yes & no", reply.Text);
        Assert.Contains("old", reply.Parts.Quoted);
    }

    [Theory]
    [InlineData("I am out until 14 March 2026.", "2026-03-14")]
    [InlineData("I am away on holiday, Monday March 9 through March 13, 2026.", "2026-03-13")]
    [InlineData("Ik ben afwezig t/m 14 maart.", "2026-03-14")]
    [InlineData("I will be back on March 9th.", "2026-03-09")]
    [InlineData("Ich bin bis zum 15.03.2026 abwesend.", "2026-03-15")]
    [InlineData("vom 3. bis 14. März", "2026-03-14")]
    [InlineData("Je suis absent jusqu'au 14 mars 2026 inclus.", "2026-03-14")]
    [InlineData("du 3 au 14 mars", "2026-03-14")]
    [InlineData("hasta el 14 de marzo de 2026", "2026-03-14")]
    [InlineData("fino al 14 marzo", "2026-03-14")]
    [InlineData("até 14 de março de 2026", "2026-03-14")]
    [InlineData("tot en met 14 maart", "2026-03-14")]
    [InlineData("tillbaka den 14 mars", "2026-03-14")]
    [InlineData("до 14 марта 2026", "2026-03-14")]
    [InlineData("3月14日まで不在", "2026-03-14")]
    [InlineData("休假至2026年3月14日", "2026-03-14")]
    [InlineData("back on 2026-03-14", "2026-03-14")]
    [InlineData("back 3/14/2026", "2026-03-14")]
    [InlineData("returning on January 5", "2027-01-05")]
    [InlineData("back on Wednesday, 11 March", "2026-03-11")]
    [InlineData("I am out from March 2 - 9 and answer then.", "2026-03-09")]
    [InlineData("Ich bin bis einschließlich 09.03.2026 nicht im Büro.", "2026-03-09")]
    [InlineData("bis Donnerstag, den 12. März", "2026-03-12")]
    [InlineData("Ich bin am 9.3. wieder im Büro.", "2026-03-09")]
    [InlineData("Am Montag, den 09.03.26 zurück.", "2026-03-09")]
    [InlineData("Am 9. März bin ich gerne wieder für Sie da.", "2026-03-09")]
    [InlineData("Je reviens le lundi 9 mars.", "2026-03-09")]
    [InlineData("Me reincorporo el 09/03/2026.", "2026-03-09")]
    [InlineData("Estaré de vuelta el próximo 9 de marzo.", "2026-03-09")]
    [InlineData("Ik ben op 9 maart weer aanwezig.", "2026-03-09")]
    [InlineData("I am away until January 2027.", "2027-02-01")]
    [InlineData("Ich bin bis Dezember 2026 in Elternzeit.", "2027-01-01")]
    [InlineData("Away until 4 January 2027.", "2027-01-04")]
    [InlineData("We have known each other since January 2027.", null)]
    [InlineData("On March 9 I will be back.", "2026-03-09")]
    [InlineData("On Monday, March 9th, I'll return to the office.", "2026-03-09")]
    [InlineData("I am away on March 5, I will be back on March 9.", "2026-03-09")]
    [InlineData("On March 9 I will not be back.", null)]
    [InlineData("Out of office 3/2-3/9.", "2026-03-09")]
    [InlineData("Out of office 2/3 - 9/3.", "2026-03-09")]
    [InlineData("Out of office 12/24-1/4/27.", "2027-01-04")]
    [InlineData("Out of office 2/27-03/09.", "2026-03-09")]
    [InlineData("Out of office 3/2-3/4.", null)]
    [InlineData("Seit dem 2. März bin ich in Elternzeit.", null)]
    [InlineData("Ich habe am 2. März angefangen. Wieder einmal danke.", null)]
    [InlineData("Back on Monday", null)]
    [InlineData("Received date: Mon, 02 Mar 2026", null)]
    [InlineData("Call extension 14 or 15.", null)]
    public void Return_date_is_read(string text, string? day) => Assert.Equal(day, ReturnDate.Find(text, "Mon, 2 Mar 2026 10:00:00 +0000")?.ToString("yyyy-MM-dd"));
}
