using PenguinMails.Delivery.Content;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>What a template makes of its fields, and where it is wrong.</summary>
public sealed class MergeTemplateTests
{
    static readonly Dictionary<string, string> Fields = new() { ["first_name"] = "Zoë", ["company"] = "A & B <Ltd>", ["empty"] = "", ["signature"] = "<b>Sam</b>", ["odd"] = "\"'`=" };

    [Theory]
    [InlineData("Hello {{first_name}}!", "Hello Zoë!")]
    [InlineData("Hello {{ first_name | there }}!", "Hello Zoë!")]
    [InlineData("Hello {{missing|there}} and {{empty|nobody}}{{missing}}.", "Hello there and nobody.")]
    [InlineData("{{missing|a \"quoted\" word}}", "a \"quoted\" word")]
    [InlineData("{{#if company}}at {{company}}{{else}}alone{{/if}}", "at A & B <Ltd>")]
    [InlineData("{{#if empty}}at {{company}}{{else}}alone{{/if}}", "alone")]
    [InlineData("{{#if company}}a{{#if missing}}b{{else}}c{{/if}}d{{else}}e{{/if}}f", "acdf")]
    [InlineData("{{#if missing}}a{{#if company}}b{{/if}}c{{/if}}f", "f")]
    [InlineData("One\n{{#if company}}\nTwo\n  {{else}}  \nThree\n{{/if}}\nFour", "One\nTwo\nFour")] // Conditions alone on a line take the line with them.
    [InlineData("One\r\n{{#if missing}}\r\nTwo\r\n{{else}}\r\nThree\r\n{{/if}}\r\nFour", "One\r\nThree\r\nFour")]
    [InlineData("One {{#if company}}\nTwo{{/if}}\nThree", "One \nTwo\nThree")]
    [InlineData("{{first_name}}}", "Zoë}")]
    [InlineData("", "")]
    public void A_template_renders_its_fields(string source, string expected) => Assert.Equal(expected, Compiled(source, isHtml: false).Render(Fields));

    [Theory]
    [InlineData("<p>{{company}}</p>", "<p>A &amp; B &lt;Ltd&gt;</p>")]
    [InlineData("<a title={{odd}}>", "<a title=&quot;&#x27;&#x60;&#x3D;>")]
    [InlineData("{{missing|a < b}}", "a &lt; b")]
    [InlineData("{{signature}}", "<b>Sam</b>")]
    [InlineData("{{signature|x}}{{first_name}}", "<b>Sam</b>Zoë")]
    public void In_HTML_every_value_is_escaped_but_the_signature(string source, string expected) => Assert.Equal(expected, Compiled(source, isHtml: true).Render(Fields));

    [Fact]
    public void The_fallback_of_a_signature_is_escaped() => Assert.Equal("a &lt; b", Compiled("{{signature|a < b}}", isHtml: true).Render(new Dictionary<string, string>()));

    [Theory]
    [InlineData("Hello {{name", 1, 7, "not closed")]
    [InlineData("Hello\n  {{first name}}", 2, 3, "not understood")]
    [InlineData("{{else}}", 1, 1, "stands outside")]
    [InlineData("{{/if}}", 1, 1, "closes nothing")]
    [InlineData("{{#if a}}x", 1, 11, "{{#if a}} is not closed")]
    [InlineData("{{#if a}}x{{else}}y{{else}}z{{/if}}", 1, 20, "has an {{else}} already")]
    [InlineData("{{{a}}}", 1, 1, "not understood")]
    public void A_fault_says_where_and_what(string source, int line, int column, string detail)
    {
        Assert.False(MergeTemplate.TryCompile(source, isHtml: false, out _, out var fault));
        Assert.Equal((line, column), (fault.Line, fault.Column));
        Assert.Contains(detail, fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_neither_fallback_nor_condition_is_required()
    {
        var template = Compiled("{{first_name}} {{company|x}} {{#if title}}{{title}}{{/if}} {{city}}", isHtml: false);
        Assert.Equal(["city", "first_name"], template.Required.Order(StringComparer.Ordinal));
        Assert.Equal(["city", "company", "first_name", "title"], template.Fields.Order(StringComparer.Ordinal));
    }

    static MergeTemplate Compiled(string source, bool isHtml) => MergeTemplate.TryCompile(source, isHtml, out var template, out var fault) ? template : throw new InvalidOperationException(fault.Detail);
}
