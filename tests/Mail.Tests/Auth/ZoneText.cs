using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Tests.Auth;

/// <summary>A zone from lines such as <c>example.com MX 10 mail.example.com</c>; TIMEOUT instead of a value, and * for every type.</summary>
static class ZoneText
{
    public static MemoryZone Read(string lines)
    {
        var zone = new MemoryZone();
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split(' ', 3);
            if (words.Length < 3) zone.Add(words[0]);
            else if (words[2] == "TIMEOUT") zone.AddTimeout(words[0], words[1] == "*" ? null : Enum.Parse<DnsType>(words[1], true));
            else Assert.True(zone.Add(words[0], Enum.Parse<DnsType>(words[1], true), words[2]), line);
        }
        return zone;
    }
}
