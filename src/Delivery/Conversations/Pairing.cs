using PenguinMails.Core;
using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Delivery.Conversations;

/// <summary>A mailbox that takes part, as the pairing sees it.</summary>
/// <param name="Provider">Who receives for it; its own domain where that is not known.</param>
/// <param name="Starts">Conversations it is to begin now; 0 for one that only receives.</param>
/// <param name="Room">Conversations that may begin towards it now.</param>
sealed record PoolMember(Guid Mailbox, TenantId Tenant, string Provider, string Language, int Starts, int Room);

/// <summary>Two mailboxes that write each other.</summary>
sealed record Pair(Guid From, Guid To)
{
    /// <summary>The same whoever begins.</summary>
    public (Guid, Guid) Both => Of(From, To);

    public static (Guid, Guid) Of(Guid one, Guid other) => one.CompareTo(other) < 0 ? (one, other) : (other, one);
}

/// <summary>Who writes whom. Pure: the same members, past and seed give the same pairs.</summary>
/// <remarks>Never within one account, never the same two mailboxes again while they are in the past that is given, in one language only. Rather across receiving providers; of those the one that was
/// written to least of its room, so that all are used alike.</remarks>
static class Pairing
{
    /// <summary>Members that are looked at together; more are divided by chance into groups of at most this many.</summary>
    public const int GroupMax = 1_000;

    sealed class Place(PoolMember member, double draw)
    {
        public PoolMember Member => member;
        public double Draw => draw;
        public int Begun { get; set; }
        public int Got { get; set; }
        public double Filled => (double)Got / member.Room;
    }

    /// <param name="recent">Pairs, by <see cref="Pair.Both"/>, that may not meet now.</param>
    public static List<Pair> Draw(IReadOnlyList<PoolMember> members, IReadOnlySet<(Guid, Guid)> recent, long seed)
    {
        var pairs = new List<Pair>();
        foreach (var language in members.GroupBy(member => member.Language).OrderBy(group => group.Key, StringComparer.Ordinal))
            foreach (var group in language.Select(member => new Place(member, DrawOf(member.Mailbox, seed))).OrderBy(place => place.Draw).ThenBy(place => place.Member.Mailbox).Chunk(GroupMax))
                Within(group, recent, seed, pairs);
        return pairs;
    }

    // Round by round, so that each has begun its second only when all have begun their first.
    static void Within(Place[] group, IReadOnlySet<(Guid, Guid)> recent, long seed, List<Pair> pairs)
    {
        var met = new HashSet<(Guid, Guid)>();
        var rounds = group.Length == 0 ? 0 : group.Max(place => place.Member.Starts);
        for (var round = 0; round < rounds; round++)
            foreach (var from in group.Where(place => place.Begun < place.Member.Starts).OrderBy(place => DrawOf(place.Member.Mailbox, seed + round)).ThenBy(place => place.Member.Mailbox))
            {
                if (Partner(from, group, recent, met, seed + round) is not { } to) continue;
                var pair = new Pair(from.Member.Mailbox, to.Member.Mailbox);
                met.Add(pair.Both);
                pairs.Add(pair);
                from.Begun++;
                to.Got++;
            }
    }

    static Place? Partner(Place from, Place[] group, IReadOnlySet<(Guid, Guid)> recent, HashSet<(Guid, Guid)> met, long seed) => group
        .Where(to => to.Got < to.Member.Room && to.Member.Tenant != from.Member.Tenant && Pair.Of(from.Member.Mailbox, to.Member.Mailbox) is var both && !recent.Contains(both) && !met.Contains(both))
        .OrderBy(to => to.Member.Provider == from.Member.Provider).ThenBy(to => to.Filled).ThenBy(to => DrawOf(to.Member.Mailbox, seed ^ Number(from.Member.Mailbox))).ThenBy(to => to.Member.Mailbox)
        .FirstOrDefault();

    static double DrawOf(Guid mailbox, long seed) => Jitter.Of(Number(mailbox) ^ seed, 0);

    static long Number(Guid mailbox) => BitConverter.ToInt64(mailbox.ToByteArray(), 8);
}
