using System.Net;
using System.Text.Json.Nodes;
using PenguinMails.Core;
using PenguinMails.Fleet.Stacks.Connected;
using PenguinMails.Modules.Tests.Fleet.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>A listener on loopback that keeps what a mail server keeps, and speaks its API as it is described. One fault can be ordered for the n-th request that changes something.</summary>
abstract class StackPeer : IAsyncDisposable
{
    public const string Token = "API_token-of-the-tests";

    readonly ApiPeer _peer;
    int _changes;

    protected StackPeer() => _peer = new ApiPeer(Ask) { RetryAfter = "1" };

    public static readonly string[] Faults = ["before_500", "after_500", "before_429", "after_cut", "before_cut", "after_silence", "before_401"];

    /// <summary>From 1; 0 for none.</summary>
    public int FaultAt { get; set; }
    public string Fault { get; set; } = "";
    public int Changes => _changes;
    public string RetryAfter { set => _peer.RetryAfter = value; }
    public IReadOnlyCollection<string> Asked => _peer.Asked;
    public Uri Root => new($"http://127.0.0.1:{_peer.Port}/");

    /// <summary>Everything it holds, as text that can be compared.</summary>
    public abstract string State { get; }

    /// <summary>What logs in with this password would get in.</summary>
    public abstract bool LetsIn(string address, string password);

    /// <summary>A domain with a mailbox and an alias that somebody made there.</summary>
    public abstract void AddForeign(string domain, string local, string? comment = null);

    protected abstract (int, string) Answer(HttpListenerRequest request, string path, string text);

    /// <summary>Whether a request changes something; reads have no faults ordered.</summary>
    protected abstract bool IsChange(HttpListenerRequest request, string text);

    public async Task<IStackApi> Open(string kind, string? version)
    {
        var seen = await StackApis.Detect(Root, Token, Loopback, Limit, TestContext.Current.CancellationToken);
        Assert.Equal((kind, version), (seen.Value.Kind, seen.Value.Version));
        return (await StackApis.Open(kind, version, Access(seen.Value.Root), Loopback, Limit, TestContext.Current.CancellationToken)).Value;
    }

    public static StackAccess Access(Uri root) => new(root, Token, MarkKey, "pm-0123456789ab");

    public static readonly byte[] MarkKey = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public static Outbound Loopback => Outbound.From("127.0.0.0/8");

    public static StackMarks Marks => new("pm-0123456789ab", MarkKey);

    (int, string) Ask(HttpListenerRequest request, string text)
    {
        if (Refuses(request) is { } refused) return refused;
        var isHit = IsChange(request, text) && Interlocked.Increment(ref _changes) == FaultAt;
        var fault = isHit ? Fault : "";
        if (fault == "before_500") return (500, "<html>");
        if (fault == "before_429") return (429, "{\"message\":\"slow down\"}");
        if (fault == "before_cut") return (-1, "");
        if (fault == "before_401") return (401, "{}");
        var answer = Answer(request, Uri.UnescapeDataString(request.Url!.AbsolutePath).Trim('/'), text);
        return fault switch { "after_500" => (500, "<html>"), "after_cut" => (-1, ""), "after_silence" => (0, ""), _ => answer };
    }

    protected abstract (int, string)? Refuses(HttpListenerRequest request);

    protected static (int, string) Json(int status, JsonNode node) => (status, node.ToJsonString());

    public ValueTask DisposeAsync() => _peer.DisposeAsync();
}
