using System.Globalization;
using System.Text;

namespace PenguinMails.Cli;

/// <summary>What the program says when it is ready.</summary>
static class Ready
{
    /// <param name="claim">Link for the first administrator, or null when there is one already.</param>
    public static string Text(Settings settings, string? claim, double seconds)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"PenguinMails is ready after {seconds:F1} s.");
        if (settings.Roles.HasFlag(Roles.Web)) text.AppendLine(CultureInfo.InvariantCulture, $"  web      {settings.WebUrl}");
        if (settings.Roles.HasFlag(Roles.Edge)) text.AppendLine(CultureInfo.InvariantCulture, $"  edge     smtp {settings.EdgeListen}");
        if (settings.Roles.HasFlag(Roles.Sandbox)) text.AppendLine(CultureInfo.InvariantCulture, $"  sandbox  smtp {settings.SandboxSmtp}, dns {settings.SandboxDns}; mail of the program itself: {settings.WebUrl}sandbox/mails");
        text.AppendLine(CultureInfo.InvariantCulture, $"  data     {settings.DataFolder}");
        if (claim is not null) text.AppendLine(CultureInfo.InvariantCulture, $"\nNobody has an account yet. Claim this installation (once, within 7 days):\n  {claim}");
        text.Append("\nCtrl-C stops it.");
        return text.ToString();
    }

    public static string Json(Settings settings, string? claim, double seconds) => Core.Json.Write(new
    {
        Event = "ready",
        Web = settings.WebUrl.AbsoluteUri,
        Edge = settings.EdgeListen.ToString(),
        SandboxSmtp = settings.Roles.HasFlag(Roles.Sandbox) ? settings.SandboxSmtp.ToString() : null,
        SandboxDns = settings.Roles.HasFlag(Roles.Sandbox) ? settings.SandboxDns.ToString() : null,
        settings.DataFolder,
        Claim = claim,
        Seconds = Math.Round(seconds, 2),
    });
}
