namespace PenguinMails.Core;

/// <summary>Data that lies beside the code as JSON and is built into the assembly of the type it is read as.</summary>
public static class EmbeddedJson
{
    /// <param name="file">Logical name of the resource, such as <c>guards.json</c>.</param>
    /// <exception cref="InvalidOperationException">There is no such file: a fault of the build.</exception>
    public static T Read<T>(string file)
    {
        using var stream = typeof(T).Assembly.GetManifestResourceStream(file) ?? throw new InvalidOperationException($"{file} is not embedded.");
        using var reader = new StreamReader(stream);
        return Json.Read<T>(reader.ReadToEnd());
    }
}
