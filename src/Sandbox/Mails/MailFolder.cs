using System.Globalization;
using System.Text;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Sandbox.Mails;

/// <summary>Keeps the newest 2,000 messages as files and the newest 500 in memory.</summary>
sealed class MailFolder
{
    public const int FilesMax = 2000;
    public const int ShownMax = 500;
    const int TextLengthMax = 20_000;

    readonly string _folder;
    readonly LinkedList<ReceivedMail> _shown = [];
    readonly Queue<long> _files;
    readonly Lock _gate = new();
    long _last;

    public MailFolder(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        _files = new Queue<long>(Directory.EnumerateFiles(folder, "*.eml").Select(Number).Where(number => number > 0).Order());
        _last = _files.Count > 0 ? _files.Max() : 0;
        foreach (var number in _files.Skip(Math.Max(0, _files.Count - ShownMax))) Reload(number);
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ReceivedMail> Shown()
    {
        lock (_gate) return [.. _shown];
    }

    public void Add(Taken mail)
    {
        long number;
        var forgotten = 0L;
        lock (_gate)
        {
            number = ++_last;
            _files.Enqueue(number);
            if (_files.Count > FilesMax) forgotten = _files.Dequeue();
            Show(new ReceivedMail(number, mail.Recipient.Text, mail.Subject, Cut(mail.Part.ReadableText()), mail.At));
        }

        // As a mail server files it: who it was really for stands on top (RFC 5321 4.4).
        var trace = Encoding.UTF8.GetBytes($"Return-Path: <{mail.Sender?.Text}>\r\nDelivered-To: {mail.Recipient.Text}\r\n");
        File.WriteAllBytes(PathOf(number), [.. trace, .. mail.Raw.Span]);
        if (forgotten > 0) File.Delete(PathOf(forgotten));
    }

    void Reload(long number)
    {
        var path = PathOf(number);
        var part = MimeReader.Read(File.ReadAllBytes(path), new MimeLimits());
        Show(new ReceivedMail(number, part.Header("Delivered-To") ?? "", part.Header("Subject") ?? "", Cut(part.ReadableText()), new DateTimeOffset(File.GetLastWriteTimeUtc(path))));
    }

    void Show(ReceivedMail mail)
    {
        _shown.AddFirst(mail);
        if (_shown.Count > ShownMax) _shown.RemoveLast();
    }

    string PathOf(long number) => Path.Combine(_folder, number.ToString("00000000", CultureInfo.InvariantCulture) + ".eml");

    static long Number(string path) => long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    static string Cut(string text) => text.Length > TextLengthMax ? text[..TextLengthMax] : text;
}
