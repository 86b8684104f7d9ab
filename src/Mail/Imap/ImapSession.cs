using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Imap;

/// <summary>The steps of a connection test in order; the first that fails is the outcome.</summary>
sealed class ImapSession(ImapWire wire, ImapOptions options)
{
    const int ResponsesMax = 10_000;
    const int FoldersMax = 1000;
    const int TextMax = 500;

    readonly List<ImapFolder> folders = [];
    int tag;
    string greeting = "";

    public IReadOnlyList<string> Capabilities { get; private set; } = [];

    public IReadOnlyList<ImapFolder> Folders => folders;

    public async ValueTask<ImapOutcome> Run(CancellationToken ct) =>
        await Implicit(ct).ConfigureAwait(false) ?? await Greeting(ct).ConfigureAwait(false) ?? await Ask(ct).ConfigureAwait(false)
        ?? await StartTls(ct).ConfigureAwait(false) ?? await LogIn(ct).ConfigureAwait(false) ?? await List(ct).ConfigureAwait(false) ?? await LogOut(ct).ConfigureAwait(false);

    async ValueTask<ImapOutcome?> Implicit(CancellationToken ct) => options.Tls == TlsPolicy.Implicit ? await Secure(ct).ConfigureAwait(false) : null;

    async ValueTask<ImapOutcome?> Secure(CancellationToken ct) =>
        await wire.Secure(ct).ConfigureAwait(false) is { } trouble ? new ImapOutcome(ImapStage.Tls, ImapKind.ConnectionLost, null, trouble) : null;

    async ValueTask<ImapOutcome?> Greeting(CancellationToken ct)
    {
        greeting = await wire.Hear(ct).ConfigureAwait(false) ?? "";
        if (greeting.StartsWith("* OK", StringComparison.OrdinalIgnoreCase)) return null;
        if (greeting.StartsWith("* BYE", StringComparison.OrdinalIgnoreCase)) return Refusal(ImapStage.Greeting, greeting[5..]);
        // A greeting that is already logged in would skip TLS (RFC 3501 11.1 leaves that hole); nobody we test does it.
        return new ImapOutcome(ImapStage.Greeting, ImapKind.ConnectionLost, null, greeting.Length == 0 ? "No greeting in time." : "The greeting is not one of IMAP.");
    }

    async ValueTask<ImapOutcome?> Ask(CancellationToken ct) => await Command(ImapStage.Capability, "CAPABILITY", null, ct).ConfigureAwait(false);

    async ValueTask<ImapOutcome?> StartTls(CancellationToken ct)
    {
        if (options.Tls is TlsPolicy.None or TlsPolicy.Implicit) return null;
        if (!Capabilities.Contains("STARTTLS")) return new ImapOutcome(ImapStage.Tls, ImapKind.Unsupported, null, "The server does not offer STARTTLS.");
        // RFC 3501 6.2.1: what was offered in clear is forgotten.
        return await Command(ImapStage.Tls, "STARTTLS", null, ct).ConfigureAwait(false) ?? await Secure(ct).ConfigureAwait(false) ?? await Ask(ct).ConfigureAwait(false);
    }

    async ValueTask<ImapOutcome?> LogIn(CancellationToken ct)
    {
        var (user, secret, isToken) = options.Credentials;
        if (isToken)
        {
            if (!Capabilities.Contains("AUTH=XOAUTH2")) return Unable("The server does not take access tokens (XOAUTH2).");
            return await Authenticate("XOAUTH2", $"user={user}\u0001auth=Bearer {secret}\u0001\u0001", ct).ConfigureAwait(false);
        }
        if (Capabilities.Contains("AUTH=PLAIN")) return await Authenticate("PLAIN", $"\0{user}\0{secret}", ct).ConfigureAwait(false);
        if (Capabilities.Contains("LOGINDISABLED")) return Unable("The server does not let passwords in on this connection.");
        if (!Ascii.IsValid(user + secret)) return Unable("The server's only way to log in takes ASCII alone.");
        return await Command(ImapStage.Auth, $"LOGIN {Quoted(user)} {Quoted(secret)}", "LOGIN ***", ct).ConfigureAwait(false);
    }

    async ValueTask<ImapOutcome?> Authenticate(string mechanism, string answer, CancellationToken ct)
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(answer));
        var isEarly = Capabilities.Contains("SASL-IR"); // RFC 4959.
        return await Command(ImapStage.Auth, isEarly ? $"AUTHENTICATE {mechanism} {encoded}" : $"AUTHENTICATE {mechanism}", $"AUTHENTICATE {mechanism} ***", ct, isEarly ? null : encoded).ConfigureAwait(false);
    }

    async ValueTask<ImapOutcome?> List(CancellationToken ct) => await Command(ImapStage.List, "LIST \"\" \"*\"", null, ct).ConfigureAwait(false);

    async ValueTask<ImapOutcome> LogOut(CancellationToken ct)
    {
        await Command(ImapStage.Done, "LOGOUT", null, ct).ConfigureAwait(false);
        return new ImapOutcome(ImapStage.Done, ImapKind.Works, null, $"{folders.Count} folders");
    }

    /// <param name="challenged">What to say to the first "+"; an empty line after that, so that a refusal can come.</param>
    async ValueTask<ImapOutcome?> Command(ImapStage stage, string command, string? shown, CancellationToken ct, string? challenged = null)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"A{++tag:D3}");
        await wire.Say($"{name} {command}", shown is null ? null : $"{name} {shown}", ct).ConfigureAwait(false);
        for (var count = 0; count < ResponsesMax; count++)
        {
            if (await wire.Hear(ct).ConfigureAwait(false) is not { } line) return new ImapOutcome(stage, ImapKind.ConnectionLost, null, "The connection was lost or the answer did not come in time.");
            if (line.StartsWith('+'))
            {
                await wire.Say(challenged ?? "", challenged is null ? null : "***", ct).ConfigureAwait(false);
                challenged = null;
            }
            else if (line.StartsWith("* ", StringComparison.Ordinal))
            {
                Note(line[2..]);
                if (stage != ImapStage.Done && line.StartsWith("* BYE", StringComparison.OrdinalIgnoreCase)) return Refusal(stage, line[5..]);
            }
            else if (line.StartsWith(name + " ", StringComparison.Ordinal))
            {
                var rest = line[(name.Length + 1)..];
                if (!rest.StartsWith("OK", StringComparison.OrdinalIgnoreCase)) return Refusal(stage, rest[Math.Min(rest.Length, rest.IndexOf(' ', StringComparison.Ordinal) is > 0 and var gap ? gap : rest.Length)..]);
                if (Code(rest[2..]) is { } code && code.StartsWith("CAPABILITY ", StringComparison.OrdinalIgnoreCase)) Note(code);
                return null;
            }
            else
            {
                return new ImapOutcome(stage, ImapKind.ConnectionLost, null, "The server's answer is not IMAP.");
            }
        }
        return new ImapOutcome(stage, ImapKind.ConnectionLost, null, "The server's answer has no end.");
    }

    void Note(string response)
    {
        if (response.StartsWith("CAPABILITY ", StringComparison.OrdinalIgnoreCase))
            Capabilities = response[11..].ToUpperInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (response.StartsWith("LIST (", StringComparison.OrdinalIgnoreCase) && folders.Count < FoldersMax && Folder(response[5..]) is { } folder) folders.Add(folder);
    }

    /// <summary><c>(\Sent \HasNoChildren) "/" "Sent Items"</c>.</summary>
    static ImapFolder? Folder(string text)
    {
        var close = text.IndexOf(')', StringComparison.Ordinal);
        if (close < 0) return null;
        var flags = text[1..close].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var rest = text[(close + 1)..].TrimStart();
        var gap = rest.StartsWith('"') ? rest.IndexOf('"', rest.StartsWith("\"\\", StringComparison.Ordinal) ? 3 : 2) + 1 : rest.IndexOf(' ', StringComparison.Ordinal);
        if (gap <= 0 || gap >= rest.Length) return null;
        var name = rest[gap..].Trim();
        if (name.StartsWith('"') && name.EndsWith('"') && name.Length > 1)
            name = name[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        string[] uses = ["\\Sent", "\\Junk", "\\Trash", "\\Drafts", "\\Archive", "\\All", "\\Flagged"];
        var use = Array.Find(uses, known => flags.Contains(known, StringComparer.OrdinalIgnoreCase));
        return new ImapFolder(ModifiedUtf7(name), use?[1..]);
    }

    /// <summary>RFC 3501 5.1.3: base64 of UTF-16 between &amp; and -, with a comma for the slash; left as it is where broken.</summary>
    internal static string ModifiedUtf7(string name)
    {
        var text = new StringBuilder();
        for (var at = 0; at < name.Length;)
        {
            var end = name[at] == '&' ? name.IndexOf('-', at) : -1;
            if (end < 0)
            {
                text.Append(name[at++]);
                continue;
            }
            var base64 = name[(at + 1)..end].Replace(',', '/');
            var octets = new byte[base64.Length];
            if (base64.Length == 0) text.Append('&');
            else if (Convert.TryFromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='), octets, out var length) && length % 2 == 0)
                for (var i = 0; i < length; i += 2) text.Append((char)BinaryPrimitives.ReadUInt16BigEndian(octets.AsSpan(i)));
            else text.Append(name.AsSpan(at, end - at + 1));
            at = end + 1;
        }
        return text.ToString();
    }

    static ImapOutcome Unable(string text) => new(ImapStage.Auth, ImapKind.Unsupported, null, text);

    static ImapOutcome Refusal(ImapStage stage, string text)
    {
        var code = Code(text);
        var said = SmtpReply.Printable((code is null ? text : text[(text.IndexOf(']', StringComparison.Ordinal) + 1)..]).Trim());
        return new ImapOutcome(stage, ImapKind.Refused, code?.Split(' ')[0].ToUpperInvariant(), said.Length > TextMax ? said[..TextMax] : said);
    }

    static string? Code(string text)
    {
        var bare = text.TrimStart();
        var close = bare.IndexOf(']', StringComparison.Ordinal);
        return bare.StartsWith('[') && close > 1 ? bare[1..close] : null;
    }

    static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
