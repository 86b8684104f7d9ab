namespace PenguinMails.Web.Parts;

/// <summary>A place in the left rail. <paramref name="IsInBar"/> puts it into the bottom bar of phones as well, at most four of them.</summary>
/// <param name="Href">A path on this site. The longest one that starts the address of the page is marked as current.</param>
/// <param name="Icon">A name known to <see cref="Icons"/>.</param>
/// <param name="Count">Things waiting there; null or 0 shows nothing, above 99 shows 99+.</param>
public sealed record RailItem(string Text, string Href, string Icon, bool IsCurrent = false, bool IsInBar = false, int? Count = null)
{
    /// <summary>Further paths whose pages belong to this place.</summary>
    public IReadOnlyList<string> Also { get; init; } = [];
}

/// <summary>Rail items under one heading; no title for the first group and for settings.</summary>
public sealed record RailGroup(string? Title, IReadOnlyList<RailItem> Items);

/// <summary>One of the workspaces this person may enter.</summary>
public sealed record WorkspaceChoice(string Id, string Name, bool IsCurrent = false);

/// <summary>A link with words, for breadcrumbs, menus and tabs.</summary>
public sealed record PageLink(string Text, string Href, string? Icon = null, bool IsCurrent = false, int? Count = null);

/// <summary>A line of the command palette. <paramref name="Kind"/> is "Go to", "Create" or "Act".</summary>
/// <param name="Words">Further words it is found by; not shown.</param>
public sealed record PaletteAction(string Text, string Href, string Kind = "Go to", string? Words = null);

/// <summary>Who is signed in, and what the account menu offers. Signing out is a form that posts to <paramref name="SignOutAction"/>.</summary>
public sealed record AccountCard(string Name, string Email, IReadOnlyList<PageLink> Links, string SignOutAction);

/// <summary>What stands around every page for this person in this workspace: only what they may see and what exists.</summary>
public sealed record Shell
{
    /// <summary>Groups of the rail, in order. Empty groups are left out.</summary>
    public IReadOnlyList<RailGroup> Rail { get; init; } = [];

    /// <summary>One entry shows a name, more show a switcher that posts <c>workspace</c> and <c>back</c> to <see cref="SwitchAction"/>.</summary>
    public IReadOnlyList<WorkspaceChoice> Workspaces { get; init; } = [];

    public string SwitchAction { get; init; } = "/workspaces/switch";
    public AccountCard? Account { get; init; }

    /// <summary>Null hides the search box. The search is a GET form with the field <c>q</c>.</summary>
    public string? SearchHref { get; init; }

    /// <summary>Null hides the bell.</summary>
    public string? NoticesHref { get; init; }
    public int NoticesCount { get; init; }

    /// <summary>Further palette lines; every rail item is in the palette without being named here.</summary>
    public IReadOnlyList<PaletteAction> Actions { get; init; } = [];

    /// <summary>The shell set for this request with <see cref="Set"/>, or null where nobody is signed in.</summary>
    public static Shell? Of(HttpContext context) => context.Features.Get<Shell>();

    /// <summary>Call once per request after authentication; pages and error pages pick it up.</summary>
    public void Set(HttpContext context) => context.Features.Set(this);

    /// <summary>The rail with the item marked whose path fits best, unless one is marked already.</summary>
    internal IReadOnlyList<RailGroup> RailAt(PathString path)
    {
        var items = Rail.SelectMany(g => g.Items).ToList();
        if (items.Any(i => i.IsCurrent)) return Rail;
        var best = items.Where(i => path.StartsWithSegments(i.Href) || i.Also.Any(also => path.StartsWithSegments(also))).MaxBy(i => i.Href.Length)?.Href;
        return [.. Rail.Where(g => g.Items.Count > 0)
            .Select(g => g with { Items = [.. g.Items.Select(i => i with { IsCurrent = i.Href == best })] })];
    }
}
