namespace PenguinMails.Mail;

/// <summary>The one line end of mail (RFC 5321 2.3.8): carriage return, then line feed.</summary>
public static class CrLf
{
    public const string Text = "\r\n";
}
