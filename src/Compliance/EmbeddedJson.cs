using PenguinMails.Core;

namespace PenguinMails.Compliance;

/// <summary>Data that lies beside the code as JSON and is built into the assembly.</summary>
static class EmbeddedJson
{
    /// <exception cref="InvalidOperationException">There is no such file: a fault of the build.</exception>
    public static T Read<T>(string file)
    {
        using var stream = typeof(EmbeddedJson).Assembly.GetManifestResourceStream(file) ?? throw new InvalidOperationException($"{file} is not embedded.");
        using var reader = new StreamReader(stream);
        return Json.Read<T>(reader.ReadToEnd());
    }
}
