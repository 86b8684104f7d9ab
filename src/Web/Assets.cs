using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace PenguinMails.Web;

/// <summary>
/// The files of <c>wwwroot</c> beside the program, held in memory with their hash and a Brotli form.
/// An address with the right hash may be kept for a year; any other is asked again each time.
/// </summary>
public sealed class Assets
{
    const int FileBytesMax = 4 * 1024 * 1024;
    const string Forever = "public, max-age=31536000, immutable";

    readonly string root = Path.Combine(AppContext.BaseDirectory, "wwwroot");
    readonly FileExtensionContentTypeProvider types = new();
    readonly ConcurrentDictionary<string, Asset> held = new(StringComparer.Ordinal);

    sealed record Asset(byte[] Plain, byte[] Brotli, string Hash, string Type, DateTime WrittenAt);

    /// <summary>The address of a file with its content hash: <c>/assets/site.css?v=…</c>.</summary>
    /// <exception cref="FileNotFoundException">The build put no such file there: a caller's bug.</exception>
    public string Url(string path) =>
        $"/assets/{path}?v={(Find(path) ?? throw new FileNotFoundException("No such asset.", path)).Hash}";

    internal IResult Send(string path, HttpContext context)
    {
        if (Find(path) is not { } asset) return Results.NotFound();
        var headers = context.Response.Headers;
        headers.CacheControl = context.Request.Query["v"] == asset.Hash ? Forever : "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        var isBrotli = context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.OrdinalIgnoreCase);
        if (isBrotli) headers.ContentEncoding = "br";
        return Results.Bytes(isBrotli ? asset.Brotli : asset.Plain, asset.Type,
            entityTag: new EntityTagHeaderValue($"\"{asset.Hash}{(isBrotli ? "-br" : "")}\""));
    }

    Asset? Find(string path)
    {
        var file = new FileInfo(Path.GetFullPath(Path.Combine(root, path)));
        if (!file.FullName.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            || !file.Exists || file.Length > FileBytesMax)
            return null;
        if (held.TryGetValue(path, out var known) && known.WrittenAt == file.LastWriteTimeUtc) return known;
        return held[path] = Read(file);
    }

    Asset Read(FileInfo file)
    {
        var plain = File.ReadAllBytes(file.FullName);
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) brotli.Write(plain);
        var hash = Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 8));
        var type = types.TryGetContentType(file.Name, out var found) ? found : "application/octet-stream";
        return new(plain, packed.ToArray(), hash, type.StartsWith("text/", StringComparison.Ordinal) ? type + "; charset=utf-8" : type, file.LastWriteTimeUtc);
    }
}
