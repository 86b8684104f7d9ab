namespace PenguinMails.Web.Parts;

/// <summary>The part of a list a page shows.</summary>
/// <param name="From">1 for the first row of the whole; null where keyset paging cannot know it.</param>
/// <param name="Total">Rows in the whole, exact or estimated as <paramref name="IsTotalExact"/> says; null if unknown.</param>
/// <param name="Previous">The cursor for <c>?before=</c>; null on the first page.</param>
/// <param name="Next">The cursor for <c>?after=</c>; null on the last page.</param>
public sealed record Window(long? From, long? Total, bool IsTotalExact = true, string? Previous = null, string? Next = null);
