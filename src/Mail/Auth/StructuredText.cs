using System.Text;

namespace PenguinMails.Mail.Auth;

/// <summary>What structured header fields share (RFC 5322 3.2.2): comments, which nest and may hold quoted pairs.</summary>
static class StructuredText
{
    /// <summary>The text with each comment and fold as a blank; quoted strings are left as they are. An open comment runs to the end.</summary>
    public static string WithoutComments(string text)
    {
        var output = new StringBuilder(text.Length);
        var (depth, isQuoted) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && (isQuoted || depth > 0) && i + 1 < text.Length)
            {
                if (depth == 0) output.Append(c).Append(text[i + 1]);
                i++;
            }
            else if (depth == 0 && c == '"')
            {
                isQuoted = !isQuoted;
                output.Append(c);
            }
            else if (!isQuoted && c == '(')
            {
                if (depth++ == 0) output.Append(' ');
            }
            else if (!isQuoted && depth > 0)
            {
                if (c == ')') depth--;
            }
            else if (c is not ('\r' or '\n'))
            {
                output.Append(c);
            }
        }
        return output.ToString();
    }
}
