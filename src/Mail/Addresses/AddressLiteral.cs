namespace PenguinMails.Mail.Addresses;

/// <summary>Address literals (RFC 5321 4.1.3): IPv4 and IPv6; no other tag is registered.</summary>
static class AddressLiteral
{
    const int GroupsMax = 8;

    static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    /// <param name="start">Index of the opening bracket; the literal must end the text.</param>
    /// <returns>With its brackets, empty with a fault.</returns>
    public static string Read(string text, int start, out AddressFault? fault)
    {
        fault = null;
        var close = text.IndexOf(']', start);
        if (close < 0) return Fail(AddressReason.LiteralInvalid, text.Length, out fault);
        if (close + 1 < text.Length) return Fail(LocalText.Unexpected(text, close + 1, false) is { Reason: AddressReason.LocalCharacter or AddressReason.LocalObsolete } ? AddressReason.LiteralInvalid : LocalText.Unexpected(text, close + 1, false).Reason, close + 1, out fault);
        var inside = text.AsSpan(start + 1, close - start - 1);
        var isSix = inside.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase);
        return (isSix ? IsSix(inside[5..]) : IsFour(inside)) ? text[start..(close + 1)] : Fail(AddressReason.LiteralInvalid, start, out fault);
    }

    /// <summary>IPv4-address-literal: four Snum of one to three digits, 0 to 255.</summary>
    public static bool IsFour(ReadOnlySpan<char> text)
    {
        var parts = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (++parts > 4 || part.Length is 0 or > 3 || part.ContainsAnyExceptInRange('0', '9') || int.Parse(part, System.Globalization.NumberStyles.None, null) > 255) return false;
        }
        return parts == 4;
    }

    /// <summary>IPv6-addr: eight groups, or fewer around one "::"; the last two may be written as IPv4.</summary>
    /// <remarks>"::" for a single group is taken, as RFC 4291 2.2 and every server do; RFC 5321 asks for two.</remarks>
    public static bool IsSix(ReadOnlySpan<char> text)
    {
        var gap = text.IndexOf("::");
        if (gap < 0) return Groups(text, true) == GroupsMax;
        if (text[(gap + 1)..].IndexOf("::") >= 0) return false;
        var before = gap == 0 ? 0 : Groups(text[..gap], false);
        var behind = gap + 2 == text.Length ? 0 : Groups(text[(gap + 2)..], true);
        return before >= 0 && behind >= 0 && before + behind < GroupsMax;
    }

    /// <returns>-1 when it is no list of groups.</returns>
    static int Groups(ReadOnlySpan<char> text, bool isEnd)
    {
        var count = 0;
        foreach (var range in text.Split(':'))
        {
            var group = text[range];
            if (isEnd && range.End.GetOffset(text.Length) == text.Length && group.Contains('.')) return IsFour(group) && count <= GroupsMax - 2 ? count + 2 : -1;
            if (group.Length is 0 or > 4 || group.ContainsAnyExcept(HexDigits) || ++count > GroupsMax) return -1;
        }
        return count;
    }

    static string Fail(AddressReason reason, int offset, out AddressFault? fault)
    {
        fault = new AddressFault(reason, offset);
        return "";
    }
}
