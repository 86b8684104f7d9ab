using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Bench;

/// <summary>DKIM signing of a 5 KB message against the RSA operation alone, in turns in the same run, on one thread.</summary>
static class AuthBench
{
    public static void Run(int count)
    {
        using var key = DkimKey.Create(DomainName.Parse("example.com"), "bench");
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key.ExportPem());
        var message = Message();
        var digest = SHA256.HashData(message);
        var at = DateTimeOffset.FromUnixTimeSeconds(1_795_230_000);
        void Raw() => rsa.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        void Whole() => key.Sign(message, at);
        Times(Raw, Whole, count / 10);
        var (raw, whole) = Times(Raw, Whole, count);
        Stage.Row($"DKIM signing, RSA-2048, {message.Length / 1000.0:F1} KB, one core", $"{1 / whole.TotalSeconds:F0}/s", $"RSA.SignHash {1 / raw.TotalSeconds:F0}/s",
            (raw / whole).ToString("P0", CultureInfo.InvariantCulture), "at least 95 %");
    }

    /// <summary>The median of each: one after the other every time, so that a busy moment hits both, and outliers count for nothing.</summary>
    static (TimeSpan One, TimeSpan Other) Times(Action one, Action other, int count)
    {
        var (ones, others) = (new TimeSpan[count], new TimeSpan[count]);
        for (var i = 0; i < count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            one();
            var between = Stopwatch.GetTimestamp();
            other();
            (ones[i], others[i]) = (Stopwatch.GetElapsedTime(started, between), Stopwatch.GetElapsedTime(between));
        }
        Array.Sort(ones);
        Array.Sort(others);
        return (ones[count / 2], others[count / 2]);
    }

    static byte[] Message()
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < 2000; i++) text.Append(CultureInfo.InvariantCulture, $"Line {i} of a message that says what such messages say, and no more.\n");
        return MessageWriter.Write(new OutgoingMessage
        {
            From = new Mailbox(EmailAddress.Parse("anna@example.com"), HeaderText.Create("Anna Berg")), To = [new Mailbox(EmailAddress.Parse("bob@example.net"))],
            Subject = HeaderText.Create("A question about your next release"), Date = DateTimeOffset.FromUnixTimeSeconds(1_795_230_000), MessageId = MessageId.Parse("1@example.com"),
            Text = text.ToString(), Html = $"<p>{text.ToString().Replace("\n", "</p>\n<p>", StringComparison.Ordinal)}</p>",
        });
    }
}
