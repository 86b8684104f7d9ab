using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Delivery.Content;
using PenguinMails.Fleet.Mailboxes.Signatures;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Modules.Tests.Delivery;

public sealed class SignatureTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    Task<Result<SetSignature.Output>> Set(SendingWorld world, string text, string html) => SetSignature.Handle(world.Actor, world.Mailbox, new(text, html), database.Db, world.Clock, Ct);

    [Theory]
    [InlineData("Greta Holm\nAcme & Co", "<p>Greta <b>Holm</b></p>", "Greta Holm\nAcme & Co", "<p>Greta <b>Holm</b></p>")]
    [InlineData("Greta Holm\nAcme & Co", "", "Greta Holm\nAcme & Co", "Greta Holm<br>\nAcme &amp; Co")]
    [InlineData("", "<p>Greta</p><p><a href=\"https://acme.example/\">Acme</a></p>", "Greta\n\nAcme (https://acme.example/)", "<p>Greta</p><p><a href=\"https://acme.example/\">Acme</a></p>")]
    [InlineData("", "", "", "")]
    public async Task It_stands_in_both_parts_of_what_is_sent(string text, string html, string inText, string inHtml)
    {
        await using var world = await SendingWorld.Create(database, html: "<p>Hi</p>[{{signature}}]{{unsubscribe_url}}", text: "Hi [{{signature}}] {{unsubscribe_url}}");
        Assert.True((await Set(world, text, html)).IsOk);
        await world.Enqueue("anna@firm.example");
        await world.Dispatch();
        var message = MimeMessage.Read(Assert.Single(world.Received).Message, new MimeLimits());
        var parts = Leaves(message.Root).ToDictionary(part => part.MediaType, part => part.Text().ReplaceLineEndings("\n"));
        Assert.Contains($"[{inText}]", parts["text/plain"]);
        Assert.Contains($"[{inHtml}]", parts["text/html"]);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>Hi", "Hi", "script")]
    [InlineData("<p onclick=\"x()\" style=\"color:red\">Hi</p>", "<p>Hi</p>", "p onclick,p style")]
    [InlineData("<a href=\"javascript:alert(1)\">Hi</a>", "<a>Hi</a>", "a href")]
    [InlineData("<a href=\" javascript:alert(1)\">Hi</a>", "<a>Hi</a>", "a href")]
    [InlineData("<a href=\"jav&#x09;ascript:alert(1)\">Hi</a>", "<a>Hi</a>", "a href")]
    [InlineData("<a href=\"//evil.example\">Hi</a>", "<a>Hi</a>", "a href")]
    [InlineData("<img src=\"http://a.example/x.png\">", "<img>", "img src")]
    [InlineData("<img src=\"https://a.example/x.png\" width=\"80\" onerror=\"x()\">", "<img src=\"https://a.example/x.png\" width=\"80\">", "img onerror")]
    [InlineData("<img src=\"data:image/svg+xml,x\">", "<img>", "img src")]
    [InlineData("<svg><p><style><img src=x onerror=x()></style></p></svg>Hi", "<p></p>Hi", "style,svg")]
    [InlineData("<math><mtext><table><mglyph><style><!--</style><img title=\"--><img src=x onerror=x()>\">", "", null)]
    [InlineData("<form action=\"https://evil.example\"><input></form>Hi", "Hi", "form")]
    [InlineData("<h1>Hi</h1><font color=\"red\">you</font>", "Hiyou", "font,h1")]
    [InlineData("<!-- note -->Hi<!--[if mso]>x<![endif]-->", "Hi", "")]
    [InlineData("a < b & c", "a &lt; b &amp; c", "")]
    [InlineData("<a href=\"mailto:greta@acme.example\">mail</a> <a href=\"tel:+49301\">call</a>", "<a href=\"mailto:greta@acme.example\">mail</a> <a href=\"tel:+49301\">call</a>", "")]
    public async Task Of_HTML_only_what_is_safe_is_kept(string html, string kept, string? removed)
    {
        await using var world = await SendingWorld.Create(database);
        var set = (await Set(world, "", html)).Value;
        if (removed is not null) Assert.Equal((kept, removed), (set.Html, string.Join(',', set.Removed)));
        Assert.DoesNotContain("onerror", set.Html);
        Assert.DoesNotContain("script", set.Html);
        // Cleaned once more it is the same: reading it again makes nothing else of it.
        Assert.Equal(set.Html, (await Set(world, "", set.Html)).Value.Html);
        Assert.Equal(set.Html, (await SetSignature.Read(world.Actor, world.Mailbox, database.Db, Ct)).Value.Html);
    }

    [Theory]
    [InlineData(2000, 10_000, null)]
    [InlineData(2001, 0, "text")]
    [InlineData(0, 10_001, "html")]
    public async Task Its_length_is_limited(int text, int html, string? field)
    {
        await using var world = await SendingWorld.Create(database);
        Assert.Equal(field, (await Set(world, new string('x', text), new string('y', html))).Problem?.Fields.Single().Field);
    }

    [Fact]
    public async Task Merge_fields_in_it_are_refused_and_strangers_set_none()
    {
        await using var world = await SendingWorld.Create(database);
        Assert.Equal("signature.invalid", (await Set(world, "{{first_name}}", "")).Problem?.Code);
        foreach (var (stranger, code) in new[]
        {
            (Actor.System(database.NewTenant(), world.Workspace), "mailbox.not_found"),
            (Actor.System(world.Tenant, new WorkspaceId(Guid.CreateVersion7())), "mailbox.not_found"),
            (world.Actor with { Kind = ActorKind.Person }, "permission.missing"),
            (Actor.System(world.Tenant), "workspace.missing"),
        })
        {
            Assert.Equal(code, (await SetSignature.Handle(stranger, world.Mailbox, new("x"), database.Db, world.Clock, Ct)).Problem?.Code);
            Assert.Equal(code, (await SetSignature.Read(stranger, world.Mailbox, database.Db, Ct)).Problem?.Code);
        }
    }

    [Fact]
    public void A_contact_need_not_have_it_and_a_fallback_is_escaped()
    {
        var now = DateTimeOffset.UnixEpoch;
        Assert.Empty(new Template(default, "T", "S", "<p>{{signature}}</p>", "{{signature}}", now, now).RequiredFields());
        Assert.True(MergeTemplate.TryCompile("{{signature|A < B}}", true, out var html, out _));
        Assert.Equal("A &lt; B", html.Render(new Dictionary<string, string> { ["signature"] = "" }));
        Assert.Equal("<b>G</b>", html.Render(new Dictionary<string, string> { ["signature"] = "<b>G</b>" }));
    }

    static IEnumerable<MimePart> Leaves(MimePart part) => part.Parts.Count == 0 ? [part] : part.Parts.SelectMany(Leaves);
}
