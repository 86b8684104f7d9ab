namespace PenguinMails.Accounts.Mails;

/// <summary>A mail of the program's own: plain text, and HTML beside it where figures stand in columns.</summary>
sealed record Letter(string Subject, string Text, string? Html = null)
{
    public static Letter Verify(string link) => new("Confirm your address", $"""
        Somebody, probably you, opened a PenguinMails account with this address. To confirm it, open this link within 24 hours:

        {link}

        If it was not you, do nothing: without the confirmation the account cannot be used.
        """);

    public static Letter AlreadyKnown(string reset) => new("You already have an account", $"""
        Somebody, probably you, tried to open a PenguinMails account with this address, but it has one already. Log in as usual.
        If you forgot your password, set a new one here:

        {reset}

        If it was not you, do nothing: nobody got in.
        """);

    public static Letter Reset(string link) => new("Set a new password", $"""
        Somebody, probably you, asked to set a new password for your PenguinMails account. Open this link within one hour:

        {link}

        If it was not you, do nothing: your password stays as it is.
        """);

    public static Letter PasswordChanged() => new("Your password was changed", """
        The password of your PenguinMails account was changed just now, and other devices were logged out.

        If it was not you, ask for a new password on the log-in page at once and look through your list of log-ins.
        """);

    public static Letter ConfirmOldEmail(string link) => new("Confirm the change of your address", $"""
        Somebody, probably you, asked to change the address of your PenguinMails account. Both addresses must agree.
        To agree from this one, open this link within 24 hours:

        {link}

        If it was not you, do nothing and change your password: whoever asked knows it.
        """);

    public static Letter ConfirmNewEmail(string link) => new("Confirm your new address", $"""
        Somebody, probably you, wants to use this address for a PenguinMails account. Both addresses must agree.
        To agree from this one, open this link within 24 hours:

        {link}

        If it was not you, do nothing.
        """);

    public static Letter Invitation(string tenant, string link) => new("You are invited to PenguinMails", $"""
        You are invited to work in the PenguinMails account "{tenant}". To accept, open this link within 7 days:

        {link}

        If you do not know the people who invited you, do nothing.
        """);
}
