using System.Buffers;
using System.Globalization;

namespace PenguinMails.Mail.Imap;

/// <summary>A part of a message to fetch without marking it as seen (BODY.PEEK, RFC 9051 6.4.5).</summary>
public sealed record ImapSection
{
    static readonly SearchValues<char> NotInNames = SearchValues.Create(":()\"\\{]");

    ImapSection(string name) => Name = name;

    /// <summary>Between the brackets: empty for the whole message, HEADER, TEXT, 1.2, 1.2.MIME.</summary>
    public string Name { get; }

    /// <summary>First octet wanted; null for all.</summary>
    public uint? Offset { get; private init; }

    /// <summary>How many at most, with an offset.</summary>
    public uint Octets { get; private init; }

    /// <summary>The message as it is.</summary>
    public static ImapSection Whole { get; } = new("");

    public static ImapSection Header { get; } = new("HEADER");

    public static ImapSection Text { get; } = new("TEXT");

    /// <summary>Some fields of the header.</summary>
    /// <exception cref="ArgumentException">A name that cannot be one of a field (RFC 5322 2.2): a caller's bug.</exception>
    public static ImapSection Fields(params IReadOnlyList<string> names) => names.Count > 0 && names.All(name => name.Length > 0 && !name.AsSpan().ContainsAnyExceptInRange('!', '~') && name.AsSpan().IndexOfAny(NotInNames) < 0)
        ? new ImapSection($"HEADER.FIELDS ({string.Join(' ', names)})")
        : throw new ArgumentException("Not names of header fields.", nameof(names));

    /// <summary>A part by its numbers, counted from 1.</summary>
    /// <param name="isHeader">Its MIME header instead of its content.</param>
    public static ImapSection Part(IReadOnlyList<int> path, bool isHeader) => path.Count > 0 && path.All(number => number > 0)
        ? new ImapSection(string.Join('.', path.Select(number => number.ToString(CultureInfo.InvariantCulture))) + (isHeader ? ".MIME" : ""))
        : throw new ArgumentException("Part numbers count from 1.", nameof(path));

    /// <summary>Only a stretch of it, as <c>&lt;offset.octets&gt;</c>.</summary>
    /// <param name="octets">At least 1.</param>
    public ImapSection Stretch(uint offset, uint octets) => this with { Offset = offset, Octets = Math.Max(octets, 1) };

    public override string ToString() => $"BODY.PEEK[{Name}]" + (Offset is { } offset ? string.Create(CultureInfo.InvariantCulture, $"<{offset}.{Octets}>") : "");
}

/// <summary>What to fetch of each message; the identifier always comes.</summary>
public sealed record ImapFetch
{
    public bool Flags { get; init; }

    public bool InternalDate { get; init; }

    public bool Size { get; init; }

    /// <summary>Needs CONDSTORE.</summary>
    public bool ModSeq { get; init; }

    public IReadOnlyList<ImapSection> Sections { get; init; } = [];

    /// <summary>Only messages changed after this modification sequence (RFC 7162 3.1.4); needs CONDSTORE.</summary>
    public ulong? ChangedSince { get; init; }

    internal string Items => "(UID" + (Flags ? " FLAGS" : "") + (InternalDate ? " INTERNALDATE" : "") + (Size ? " RFC822.SIZE" : "") + (ModSeq ? " MODSEQ" : "")
        + string.Concat(Sections.Select(section => " " + section)) + ")" + (ChangedSince is { } since ? string.Create(CultureInfo.InvariantCulture, $" (CHANGEDSINCE {since})") : "");
}

/// <param name="Name">As the server names it, without the offset.</param>
/// <param name="IsCut">Longer than <see cref="ImapOptions.SectionOctetsMax"/>: <paramref name="Octets"/> is empty.</param>
/// <param name="OctetsAnnounced">Its length, also when cut.</param>
public sealed record ImapContent(string Name, ReadOnlyMemory<byte> Octets, bool IsCut, long OctetsAnnounced);

/// <summary>What a server says of one message: fields it did not name are null.</summary>
public sealed record ImapFetched
{
    const int FlagsMax = 1000;
    const int SectionsMax = 1000;

    /// <summary>0 when the server named none.</summary>
    public uint Uid { get; private init; }

    public IReadOnlyList<string>? Flags { get; private init; }

    public DateTimeOffset? InternalDate { get; private init; }

    public long? Size { get; private init; }

    public ulong? ModSeq { get; private init; }

    public IReadOnlyList<ImapContent> Contents { get; private init; } = [];

    internal static ImapFetched Unknown(uint uid) => new() { Uid = uid };

    /// <summary>Null unless it is a FETCH; what cannot be read is left out.</summary>
    internal static ImapFetched? Read(ImapResponse response)
    {
        var tokens = response.Tokens;
        if (response.Word != "FETCH" || !tokens.Next() || tokens.Kind != ImapToken.Open) return null;
        var fetched = new ImapFetched();
        var contents = new List<ImapContent>();
        while (tokens.Next() && tokens.Kind != ImapToken.Close)
        {
            if (tokens.Kind != ImapToken.Atom)
            {
                tokens.Skip();
                continue;
            }
            var key = tokens.Octets.Length <= 8192 ? tokens.Text.ToUpperInvariant() : "";
            tokens.Next();
            fetched = key switch
            {
                "UID" => fetched with { Uid = tokens.Number32 ?? 0 },
                "RFC822.SIZE" => fetched with { Size = tokens.Number is <= long.MaxValue and var size ? (long?)size : null },
                "INTERNALDATE" => fetched with { InternalDate = ImapTokens.Date(tokens.Text) },
                "FLAGS" when tokens.Kind == ImapToken.Open => fetched with { Flags = tokens.Words(FlagsMax) },
                "MODSEQ" when tokens.Kind == ImapToken.Open => fetched with { ModSeq = tokens.Words(1) is [var seq] && ulong.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null },
                _ => fetched,
            };
            if (Section(key) is { } name && tokens.IsString && contents.Count < SectionsMax) contents.Add(Content(name, tokens));
            else if (tokens.Kind == ImapToken.Open) tokens.Skip();
        }
        return fetched with { Contents = contents };
    }

    /// <summary><c>BODY[HEADER]&lt;0&gt;</c>, and RFC822 as old servers answer (RFC 3501 6.4.5).</summary>
    static string? Section(string key)
    {
        if (key is "RFC822" or "RFC822.PEEK") return "";
        if (key is "RFC822.HEADER" or "RFC822.TEXT") return key["RFC822.".Length..];
        var close = key.LastIndexOf(']');
        var open = key.StartsWith("BODY[", StringComparison.Ordinal) ? 5 : key.StartsWith("BINARY[", StringComparison.Ordinal) ? 7 : -1;
        return open > 0 && close >= open ? key[open..close] : null;
    }

    static ImapContent Content(string name, ImapTokens tokens) => tokens.Kind == ImapToken.Literal
        ? new ImapContent(name, tokens.Octets, tokens.Octets.Length < tokens.LiteralOctets, tokens.LiteralOctets)
        : new ImapContent(name, tokens.IsNil ? default : tokens.Octets, false, tokens.IsNil ? 0 : tokens.Octets.Length);
}
