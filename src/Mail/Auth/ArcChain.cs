using System.Globalization;

namespace PenguinMails.Mail.Auth;

/// <summary>The three fields one forwarder added (RFC 8617 4.2).</summary>
sealed record ArcSet(RawField Results, RawField Message, TagList MessageTags, RawField Seal, TagList SealTags);

/// <summary>The sets of a message in order, or what is wrong with their form (RFC 8617 5.2, steps 1 to 3).</summary>
sealed class ArcChain
{
    public const string ResultsName = "ARC-Authentication-Results", MessageName = "ARC-Message-Signature", SealName = "ARC-Seal";

    readonly SortedDictionary<int, Parts> parts = [];

    sealed class Parts
    {
        public RawField? Results { get; set; }

        public (RawField Field, TagList Tags)? Message { get; set; }

        public (RawField Field, TagList Tags)? Seal { get; set; }

        /// <summary>Exact copies met of the three, in the order above.</summary>
        public int[] Copies { get; } = new int[3];
    }

    /// <summary>No field of ARC at all.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>The highest instance met.</summary>
    public int Length { get; private set; }

    /// <summary>Null when the form is right; then there is a set for each instance.</summary>
    public string? Fault { get; private set; }

    public IReadOnlyList<ArcSet> Sets { get; private set; } = [];

    public static ArcChain Read(List<RawField> fields)
    {
        var chain = new ArcChain();
        foreach (var field in fields)
        {
            var fault = field.Is(ResultsName) ? chain.AddResults(field) : field.Is(MessageName) ? chain.AddTagged(field, false) : field.Is(SealName) ? chain.AddTagged(field, true) : "";
            if (fault == "") continue;
            chain.IsEmpty = false;
            chain.Fault ??= fault;
        }
        if (!chain.IsEmpty && chain.Fault is null) chain.Fault = chain.Close();
        return chain;
    }

    /// <returns>Null when all is well; never empty.</returns>
    string? AddResults(RawField field)
    {
        if (field.IsTooLong) return $"{ResultsName} of more than {RawField.OctetsMax} octets";
        if (InstanceOfResults(field.Value) is not { } instance) return $"{ResultsName} without an instance";
        var set = At(instance);
        if (set.Results is { } known) return Copy(set, 0, known, field) ? null : $"two {ResultsName} of instance {instance}";
        set.Results = field;
        return null;
    }

    string? AddTagged(RawField field, bool isSeal)
    {
        var name = isSeal ? SealName : MessageName;
        if (field.IsTooLong) return $"{name} of more than {RawField.OctetsMax} octets";
        if (TagList.Parse(field.Value, out var fault) is not { } tags) return $"{name} unreadable: {fault}";
        if (Instance(tags.Of("i")) is not { } instance) return $"{name} without an instance";
        // RFC 8617 4.1.3: what a seal covers is fixed.
        if (isSeal && tags.Has("h")) return $"{SealName} {instance} has h=";
        var set = At(instance);
        if ((isSeal ? set.Seal : set.Message) is { } known) return Copy(set, isSeal ? 2 : 1, known.Field, field) ? null : $"two {name} of instance {instance}";
        if (isSeal) set.Seal = (field, tags);
        else set.Message = (field, tags);
        return null;
    }

    // A whole set that arrives twice, octet for octet, is still one set; the suite of the protocol's authors counts it so.
    static bool Copy(Parts set, int which, RawField known, RawField field)
    {
        set.Copies[which]++;
        return known.Value == field.Value;
    }

    Parts At(int instance)
    {
        Length = Math.Max(Length, instance);
        if (!parts.TryGetValue(instance, out var set)) parts[instance] = set = new Parts();
        return set;
    }

    /// <summary>1 to 50, one or two digits (RFC 8617 4.2.1).</summary>
    static int? Instance(string text) =>
        text.Length is 1 or 2 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var instance) && instance is >= 1 and <= ArcVerifier.SetsMax ? instance : null;

    // RFC 8617 4.1.1: i= and a semicolon before what Authentication-Results has; comments may stand anywhere.
    static int? InstanceOfResults(string value)
    {
        var text = StructuredText.WithoutComments(value);
        var end = text.IndexOf(';', StringComparison.Ordinal);
        if (end < 0) return null;
        var words = text[..end].Split('=');
        return words.Length == 2 && words[0].Trim() == "i" ? Instance(words[1].Trim()) : null;
    }

    string? Close()
    {
        var sets = new List<ArcSet>();
        foreach (var (instance, set) in parts)
        {
            if (instance != sets.Count + 1) return $"no set {sets.Count + 1}";
            if (set.Copies[0] != set.Copies[1] || set.Copies[1] != set.Copies[2]) return $"set {instance} has a field twice";
            if (set.Results is not { } results || set.Message is not { } message || set.Seal is not { } seal) return $"set {instance} is not whole";
            sets.Add(new ArcSet(results, message.Field, message.Tags, seal.Field, seal.Tags));
        }
        // The newest word first: a forwarder that saw a broken chain said so (5.2, step 2).
        if (sets[^1].SealTags.Of("cv") == "fail") return $"seal {sets.Count} says the chain was broken";
        for (var i = 0; i < sets.Count; i++)
            if (sets[i].SealTags.Of("cv") != (i == 0 ? "none" : "pass"))
                return $"seal {i + 1} has cv={SpfRecord.Shown(sets[i].SealTags.Of("cv"))}";
        Sets = sets;
        return null;
    }
}
