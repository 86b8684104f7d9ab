using System.Text;

namespace PenguinMails.Mail.Smtp;

/// <summary>The exchange of AUTH PLAIN (RFC 4616) and AUTH LOGIN, in one line or several.</summary>
sealed class SmtpServerLogin(SmtpServerWire wire)
{
    /// <summary>True when the client went away in the middle.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Nulls for what is not understood or was given up with an asterisk (RFC 4954 4).</summary>
    public async ValueTask<(string? Name, string? Secret)> Credentials(string argument)
    {
        var words = argument.Split(' ', 2);
        if (words[0].Equals("PLAIN", StringComparison.OrdinalIgnoreCase))
        {
            var plain = Decoded(words.Length > 1 ? words[1] : await Prompt("").ConfigureAwait(false));
            var parts = plain?.Split('\0');
            return parts?.Length == 3 ? (parts[1], parts[2]) : default;
        }
        if (!words[0].Equals("LOGIN", StringComparison.OrdinalIgnoreCase)) return default;
        var name = Decoded(words.Length > 1 ? words[1] : await Prompt("VXNlcm5hbWU6").ConfigureAwait(false));
        return name is null || IsOver ? default : (name, Decoded(await Prompt("UGFzc3dvcmQ6").ConfigureAwait(false)));
    }

    async ValueTask<string> Prompt(string challenge)
    {
        wire.Raw($"334 {challenge}\r\n");
        var (fault, line) = await wire.Line().ConfigureAwait(false);
        if (fault is LineFault.Closed or LineFault.TimedOut) IsOver = true;
        return fault == LineFault.None ? Encoding.ASCII.GetString(line.Span) : "*";
    }

    static string? Decoded(string base64)
    {
        var octets = new byte[base64.Length];
        return base64 != "*" && Convert.TryFromBase64String(base64, octets, out var length) ? Encoding.UTF8.GetString(octets, 0, length) : null;
    }
}
