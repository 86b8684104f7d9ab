using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Imap;

/// <summary>One response, read up to where its own values begin.</summary>
/// <param name="Tag"><c>*</c>, <c>+</c>, or the tag of the command it answers; anything on garbage.</param>
/// <param name="Word">In capitals: OK, NO, BAD, BYE, PREAUTH, FETCH, EXISTS …; empty for a challenge.</param>
/// <param name="Number">In front of the word, as in <c>* 23 EXISTS</c>.</param>
/// <param name="Code">In capitals, without arguments, as in <c>[UIDVALIDITY 1]</c>; null without one.</param>
/// <param name="CodeText">The code's arguments as they stand.</param>
/// <param name="Text">For people; filled for OK, NO, BAD, BYE, PREAUTH and challenges.</param>
/// <param name="Tokens">Right behind the word.</param>
sealed record ImapResponse(string Tag, string Word, uint? Number, string? Code, string CodeText, string Text, ImapTokens Tokens)
{
    const int TextLengthMax = 500;

    public bool IsStatus => Word is "OK" or "NO" or "BAD" or "BYE" or "PREAUTH";

    public static ImapResponse Read(IReadOnlyList<ImapPiece> pieces)
    {
        var tokens = new ImapTokens(pieces);
        if (!tokens.Next()) return new ImapResponse("", "", null, null, "", "", tokens);
        var tag = tokens.Text;
        if (tag.StartsWith('+')) return new ImapResponse("+", "", null, null, "", tokens.Rest(), tokens);
        tokens.Next();
        uint? number = null;
        if (tag == "*" && tokens.Kind == ImapToken.Atom && tokens.Number32 is { } counted)
        {
            number = counted;
            tokens.Next();
        }
        var word = tokens.Kind == ImapToken.Atom && tokens.Octets.Length <= 64 ? tokens.Text.ToUpperInvariant() : "";
        var response = new ImapResponse(tag, word, number, null, "", "", tokens);
        return response.IsStatus ? response.WithText(tokens.Rest()) : response;
    }

    ImapResponse WithText(string rest)
    {
        var close = rest.StartsWith('[') ? rest.IndexOf(']', StringComparison.Ordinal) : -1;
        // Flags such as "\*" and names in a code hold no "]" with the servers we know; a quoted one would cut the code short, not more.
        var code = close > 1 ? rest[1..close] : null;
        var gap = code?.IndexOf(' ', StringComparison.Ordinal) ?? -1;
        var said = SmtpReply.Printable((code is null ? rest : rest[(close + 1)..]).Trim());
        return this with
        {
            Code = (gap < 0 ? code : code?[..gap])?.ToUpperInvariant(),
            CodeText = gap < 0 || code is null ? "" : code[(gap + 1)..].Trim(),
            Text = said.Length > TextLengthMax ? said[..TextLengthMax] : said,
        };
    }
}
