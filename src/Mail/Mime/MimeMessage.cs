using System.Security.Cryptography;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Mime;

/// <summary>A file that came with a message.</summary>
/// <param name="FileName">As the sender gave it: never a path to write to. Null without one.</param>
/// <param name="ContentType">Type and subtype in lower case.</param>
/// <param name="ContentId">Without angle brackets, null without one.</param>
/// <param name="Disposition">attachment, inline or another word in lower case; null without one.</param>
/// <param name="Size">Octets, decoded.</param>
/// <param name="Sha256">Of the decoded octets, in lower-case hexadecimal.</param>
/// <param name="Part">Where it is.</param>
public sealed record ReceivedFile(string? FileName, string ContentType, string? ContentId, string? Disposition, long Size, string Sha256, MimePart Part);

/// <summary>A part with its place.</summary>
/// <param name="Path">1 for the message itself, 1.2 for the second part of it.</param>
/// <param name="ContentType">Type and subtype in lower case.</param>
/// <param name="Charset">As labelled, in lower case; null without a label.</param>
/// <param name="Encoding">The transfer encoding in lower case; null without one, which means 7bit (RFC 2045 6.1).</param>
/// <param name="Size">Octets of the body: decoded for a leaf, as they are for a multipart.</param>
public sealed record PlacedPart(string Path, string ContentType, string? Charset, string? Encoding, long Size);

/// <summary>A message read whole: what its header says, what a person would read, what is attached and what is broken.</summary>
public sealed class MimeMessage
{
    const int ReferencesMax = 1000;

    readonly MimeDefects defects;

    MimeMessage(MimePart root, MimeLimits limits)
    {
        Root = root;
        defects = new MimeDefects(limits.DefectsMax);
        foreach (var defect in root.Defects) defects.Add(defect.Code, defect.Offset);
        var bodies = MessageBodies.Of(root);
        Text = MessageBodies.Joined(bodies.Texts, defects);
        Html = MessageBodies.Joined(bodies.Htmls, defects);
        var files = new Dictionary<MimePart, ReceivedFile>();
        foreach (var part in bodies.Attachments) files.Add(part, File(part, defects));
        Attachments = [.. bodies.Attachments.Select(part => files[part])];
        var parts = new List<PlacedPart>();
        Place(root, "1", parts, files);
        Parts = parts;
        Defects = [.. defects.Found.OrderBy(defect => defect.Offset)];
    }

    /// <summary>The tree.</summary>
    public MimePart Root { get; }

    /// <summary>Groups dissolved into their members; empty without the field.</summary>
    public IReadOnlyList<ListedMailbox> From => MailboxList.Parse(Root.Raw("From"));

    /// <inheritdoc cref="From"/>
    public IReadOnlyList<ListedMailbox> To => All("To");

    /// <inheritdoc cref="From"/>
    public IReadOnlyList<ListedMailbox> Cc => All("Cc");

    /// <summary>Decoded; null without the field.</summary>
    public string? Subject => Root.Header("Subject");

    /// <summary>Null without the field and where it cannot be read.</summary>
    public DateTimeOffset? Date => MailDate.TryParse(Root.Raw("Date"), out var date) ? date : null;

    /// <summary>With its angle brackets, as in the field; null without one.</summary>
    public string? MessageId => MessageIds.First(Root.Raw("Message-ID"));

    /// <summary>The first identifier of the field, with its angle brackets; null without one.</summary>
    public string? InReplyTo => MessageIds.First(Root.Raw("In-Reply-To"));

    /// <summary>Oldest first, with angle brackets, at most 1000.</summary>
    public IReadOnlyList<string> References => [.. MessageIds.All(Root.Raw("References")).Take(ReferencesMax)];

    /// <summary>The plain text a person would read, lines ended by LF, format=flowed undone; null when there is none.</summary>
    public string? Text { get; }

    /// <summary>The HTML a person would see, as sent: not safe to show. Null when there is none.</summary>
    public string? Html { get; }

    /// <summary>Files, pictures of the HTML and messages inside, in order; what is inside those messages is not listed.</summary>
    public IReadOnlyList<ReceivedFile> Attachments { get; }

    /// <summary>Every part, outermost first.</summary>
    public IReadOnlyList<PlacedPart> Parts { get; }

    /// <summary>Every repair, by offset.</summary>
    public IReadOnlyList<MimeDefect> Defects { get; }

    public static MimeMessage Read(ReadOnlyMemory<byte> message, MimeLimits limits) => new(MimeReader.Read(message, limits), limits);

    List<ListedMailbox> All(string name)
    {
        var found = new List<ListedMailbox>();
        foreach (var header in Root.Headers)
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) found.AddRange(MailboxList.Parse(header.Value));
        return found;
    }

    static ReceivedFile File(MimePart part, MimeDefects defects)
    {
        var head = part.Head;
        var content = part.Content(defects);
        return new ReceivedFile(head.FileName, head.MediaType, head.ContentId, head.Disposition, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)), part);
    }

    static void Place(MimePart part, string path, List<PlacedPart> parts, Dictionary<MimePart, ReceivedFile> files)
    {
        var size = files.TryGetValue(part, out var file) ? file.Size : part.Head.IsMultipart || !part.Head.IsEncoded ? part.Body.Length : part.Content().Length;
        parts.Add(new PlacedPart(path, part.MediaType, part.Head.Charset?.ToLowerInvariant(), part.Head.Encoding, size));
        for (var i = 0; i < part.Parts.Count; i++) Place(part.Parts[i], string.Create(null, $"{path}.{i + 1}"), parts, files);
    }
}
