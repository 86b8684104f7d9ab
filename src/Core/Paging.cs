using System.Buffers.Text;
using System.Text;

namespace PenguinMails.Core;

/// <summary>One page of a keyset-paged list.</summary>
/// <param name="NextCursor">Opaque; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor)
{
    /// <summary>Cuts a result that was read with one row more than asked for.</summary>
    public static Page<T> Of(List<T> rows, int limit, Func<T, string> key)
    {
        if (rows.Count <= limit) return new(rows, null);
        rows.RemoveRange(limit, rows.Count - limit);
        return new(rows, Cursor.Encode(key(rows[^1])));
    }
}

/// <summary>Opaque paging positions: base64url of the last row's key.</summary>
public static class Cursor
{
    public const int LimitDefault = 50;
    public const int LimitMax = 200;
    const int LengthMax = 1000;

    public static readonly Problem Broken = new(ProblemKind.Invalid, "cursor.invalid", "The cursor is not one this list gave out. Start again without it.");

    /// <summary>1 to 200; 50 when not given.</summary>
    public static int Limit(int? asked) => Math.Clamp(asked ?? LimitDefault, 1, LimitMax);

    public static string Encode(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    /// <summary>Null or empty gives the start of the list.</summary>
    public static bool TryDecode(string? cursor, out string? key)
    {
        key = null;
        if (string.IsNullOrEmpty(cursor)) return true;
        if (cursor.Length > LengthMax || !Base64Url.IsValid(cursor)) return false;
        key = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        return !key.Contains('\0', StringComparison.Ordinal);
    }

    /// <summary>A cursor over a time-ordered list whose key is the row's id.</summary>
    public static bool TryDecodeId(string? cursor, out Guid? id)
    {
        id = null;
        if (!TryDecode(cursor, out var key)) return false;
        if (key is null) return true;
        if (!Guid.TryParseExact(key, "N", out var value)) return false;
        id = value;
        return true;
    }
}
