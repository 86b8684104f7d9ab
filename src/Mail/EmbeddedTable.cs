using System.Reflection;

namespace PenguinMails.Mail;

/// <summary>Rows of a tab-separated table embedded in this assembly; lines that begin with # are its source and date.</summary>
static class EmbeddedTable
{
    public static IEnumerable<string[]> Rows(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The table {name} is not in the assembly.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && line[0] != '#')
                yield return line.Split('\t');
    }
}
