using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Auth;

/// <summary>Reads the grammar of RFC 8601 2.2 from left to right, comments and quoted strings wherever they may stand.</summary>
sealed class AuthenticationResultsReader(string text)
{
    const int MethodsMax = 100;
    const int PropertiesMax = 50;

    int at;

    public AuthenticationResults? Read()
    {
        int? instance = null;
        if (Word() is not { Length: > 0 } first) return null;
        Blank();
        // RFC 8617 4.1.1: i=, then a semicolon, then the rest.
        if (first == "i" && Take('='))
        {
            if (!int.TryParse(Word(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
            Blank();
            if (!Take(';') || Word() is not { Length: > 0 } service) return null;
            (instance, first) = (number, service);
            Blank();
        }
        var version = at < text.Length && text[at] != ';' && int.TryParse(Word(), NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : 1;
        var methods = new List<AuthenticationMethod>();
        while (Skip(';') && methods.Count < MethodsMax)
            if (Method() is { } method) methods.Add(method);
        return new AuthenticationResults(instance, first, version, methods);
    }

    AuthenticationMethod? Method()
    {
        if (Word() is not { Length: > 0 } name) return null;
        Blank();
        var version = 1;
        if (Take('/') && !int.TryParse(Word(), NumberStyles.None, CultureInfo.InvariantCulture, out version)) return null;
        Blank();
        if (!Take('=') || Word() is not { Length: > 0 } result) return null;
        string? reason = null;
        var properties = new List<AuthenticationProperty>();
        while (More())
        {
            var before = at;
            var key = Key();
            if (key.Length > 0 && Take('='))
            {
                var value = Value();
                var dot = key.IndexOf('.', StringComparison.Ordinal);
                if (dot < 0 && key.Equals("reason", StringComparison.OrdinalIgnoreCase)) reason = value;
                else if (dot > 0 && properties.Count < PropertiesMax) properties.Add(new AuthenticationProperty(key[..dot].ToLowerInvariant(), key[(dot + 1)..].ToLowerInvariant(), value));
            }
            // A character that begins nothing known: step over it.
            if (at == before) at++;
        }
        return new AuthenticationMethod(name.ToLowerInvariant(), version, result.ToLowerInvariant(), reason, properties);
    }

    /// <summary>A name such as smtp.mailfrom; blanks and comments may stand round its dot.</summary>
    string Key()
    {
        var key = Word();
        Blank();
        while (at < text.Length && (text[at] == '.' || key.EndsWith('.')) && Word() is { Length: > 0 } more)
        {
            key += more;
            Blank();
        }
        return key;
    }

    bool More()
    {
        Blank();
        return at < text.Length && text[at] != ';';
    }

    /// <summary>Goes behind the next such character, over quoted strings and comments; false at the end.</summary>
    bool Skip(char mark)
    {
        while (at < text.Length)
        {
            Blank();
            if (Take(mark)) return true;
            if (at < text.Length && text[at] == '"') Quoted();
            else at++;
        }
        return false;
    }

    bool Take(char mark)
    {
        if (at >= text.Length || text[at] != mark) return false;
        at++;
        return true;
    }

    /// <summary>A token or a quoted string; empty when neither begins here.</summary>
    string Word()
    {
        Blank();
        if (at < text.Length && text[at] == '"') return Quoted();
        var from = at;
        while (at < text.Length && text[at] is > ' ' and not (';' or '=' or '/' or '(' or ')' or '"')) at++;
        return text[from..at];
    }

    /// <summary>Like a word, but slashes and equals signs belong to it, as in header.b; a quoted local part and its domain stay together.</summary>
    string Value()
    {
        Blank();
        var output = new StringBuilder();
        while (at < text.Length && text[at] is > ' ' and not (';' or '(' or ')'))
        {
            if (text[at] == '"') output.Append(Quoted());
            else output.Append(text[at++]);
        }
        return output.ToString();
    }

    string Quoted()
    {
        var output = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length) at++;
            if (text[at] is not ('\r' or '\n')) output.Append(text[at]);
        }
        at = Math.Min(at + 1, text.Length);
        return output.ToString();
    }

    void Blank()
    {
        while (at < text.Length)
        {
            if (text[at] is ' ' or '\t' or '\r' or '\n') at++;
            else if (text[at] == '(') Comment();
            else return;
        }
    }

    void Comment()
    {
        for (var depth = 0; at < text.Length; at++)
        {
            if (text[at] == '\\') at++;
            else if (text[at] == '(') depth++;
            else if (text[at] == ')' && --depth == 0)
            {
                at++;
                return;
            }
        }
        at = Math.Min(at, text.Length);
    }
}
