using System.Text;

namespace PenguinMails.Mail.Tests.Fuzz;

/// <summary>Seeds of a parser (Seeds/‹parser›, and the recorded messages for MIME) with cuts, doublings and hostile octets in them.</summary>
static class Mutations
{
    static readonly string[] Tokens =
    [
        "\r\n", "\n", "\r", "\r\n\r\n", "--", "--b\r\n", "--b--\r\n", "=", "=?", "?=", "=?utf-8?b?", ";", "\"", "'", ":", "\0", "\u00ff", "(", ")", "<", ">", "@", ",", "\\",
        "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: message/rfc822\r\n", "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n",
        "boundary=", "charset=utf-7", "filename*0*=", " ", "\t", "From ", "begin 644 x\r\n",
    ];

    public static IEnumerable<byte[]> Samples(string parser, Random random, int rounds)
    {
        var seeds = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Seeds", parser)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList();
        if (parser == "mime") seeds.AddRange(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Samples"), "*.eml").Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
        foreach (var seed in seeds) yield return seed;
        for (var round = 0; round < rounds; round++)
        {
            var octets = seeds[random.Next(seeds.Count)].ToList();
            for (var change = random.Next(1, 12); change > 0; change--) Change(octets, seeds[random.Next(seeds.Count)], random);
            yield return [.. octets];
        }
    }

    static void Change(List<byte> octets, byte[] other, Random random)
    {
        var at = random.Next(octets.Count + 1);
        var length = Math.Min(random.Next(1, 60), octets.Count - at);
        switch (random.Next(5))
        {
            case 0: octets.InsertRange(at, Encoding.Latin1.GetBytes(Tokens[random.Next(Tokens.Length)])); break;
            case 1: octets.RemoveRange(at, length); break;
            case 2: octets.InsertRange(at, octets.GetRange(at, length)); break;
            case 3 when at < octets.Count: octets[at] = (byte)random.Next(256); break;
            default:
                var from = random.Next(other.Length + 1);
                octets.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(1, 200), other.Length - from)));
                break;
        }
    }
}
