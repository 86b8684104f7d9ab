namespace PenguinMails.Mail.Mime;

/// <summary>Encoded words (RFC 2047) for people.</summary>
public static class EncodedWords
{
    /// <summary>The text with every encoded word in it decoded, wherever it stands; what is none stays. Never a line end in the result.</summary>
    public static string Decode(string value) => EncodedWordReader.Decode(value);
}
