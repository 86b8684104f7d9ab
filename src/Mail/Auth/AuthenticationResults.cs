using System.Text;

namespace PenguinMails.Mail.Auth;

/// <summary>One property a method judged (RFC 8601 2.3), such as smtp.mailfrom or header.d.</summary>
/// <param name="Type">ptype: smtp, header, body, policy, dns or one to come; lower case.</param>
/// <param name="Name">As it stands, lower case.</param>
/// <param name="Value">Quotes undone.</param>
public sealed record AuthenticationProperty(string Type, string Name, string Value);

/// <summary>One method and its result.</summary>
/// <param name="Method">Lower case, such as dkim.</param>
/// <param name="Version">1 unless said otherwise.</param>
/// <param name="Result">The word, lower case; unknown words are kept (RFC 8601 2.7.7).</param>
/// <param name="Reason">Null when there is none.</param>
public sealed record AuthenticationMethod(string Method, int Version, string Result, string? Reason, IReadOnlyList<AuthenticationProperty> Properties);

/// <summary>An Authentication-Results field (RFC 8601), read and written.</summary>
/// <param name="Instance">i= of ARC-Authentication-Results (RFC 8617 4.1.1); null in the plain field.</param>
/// <param name="ServiceId">Who judged: trust only your own, and only from your own hosts (RFC 8601 5).</param>
/// <param name="Methods">At most 100; empty for none.</param>
public sealed record AuthenticationResults(int? Instance, string ServiceId, int Version, IReadOnlyList<AuthenticationMethod> Methods)
{
    /// <param name="value">The field's value, folds included or not.</param>
    /// <returns>Null when it is none; methods that cannot be read are left out. Never throws.</returns>
    public static AuthenticationResults? Parse(string value) => new AuthenticationResultsReader(value).Read();

    /// <summary>The value of the field, folded before each method; ASCII apart from what was given otherwise.</summary>
    public string Write()
    {
        var output = new StringBuilder();
        if (Instance is { } instance) output.Append("i=").Append(instance).Append("; ");
        output.Append(Word(ServiceId));
        if (Version != 1) output.Append(' ').Append(Version);
        foreach (var method in Methods)
        {
            output.Append(";\r\n ").Append(Word(method.Method));
            if (method.Version != 1) output.Append('/').Append(method.Version);
            output.Append('=').Append(Word(method.Result));
            if (method.Reason is { } reason) output.Append(" reason=").Append(Quoted(reason));
            foreach (var property in method.Properties) output.Append(' ').Append(Word(property.Type)).Append('.').Append(Word(property.Name)).Append('=').Append(Word(property.Value));
        }
        return Methods.Count == 0 ? output.Append("; none").ToString() : output.ToString();
    }

    // RFC 8601 2.2: a token, or an address, or else a quoted string.
    static string Word(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`{|}~@".Contains(c, StringComparison.Ordinal)) ? text : Quoted(text);

    static string Quoted(string text)
    {
        var output = new StringBuilder("\"");
        // A line end would begin a field of its own.
        foreach (var c in text)
            if (!char.IsControl(c)) output.Append(c is '"' or '\\' ? "\\" : "").Append(c);
        return output.Append('"').ToString();
    }
}
