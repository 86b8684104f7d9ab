namespace PenguinMails.Cli.Verbs;

/// <summary>What was typed can mean nothing, whatever the installation holds. Ends the verb with exit code 2.</summary>
sealed class WrongUsage(string message) : Exception(message);
