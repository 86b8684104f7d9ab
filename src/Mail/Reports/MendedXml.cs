namespace PenguinMails.Mail.Reports;

/// <summary>XML as hand-made reports have it: an ampersand that begins no reference and a bracket that begins no tag are taken as text.</summary>
sealed class MendedXml(TextReader inner) : TextReader
{
    const int LookaheadMax = 256;

    readonly char[] _buffer = new char[16 * LookaheadMax];
    string _pending = "";
    int _at, _end;

    public override int Peek() => _pending.Length > 0 ? _pending[0] : Fill() ? _buffer[_at] : -1;

    public override int Read()
    {
        if (_pending.Length > 0)
        {
            var next = _pending[0];
            _pending = _pending[1..];
            return next;
        }
        if (!Fill()) return -1;
        var c = _buffer[_at++];
        ReadOnlySpan<char> rest = _buffer.AsSpan(_at, Math.Min(LookaheadMax, _end - _at));
        if (c == '&' && !IsReference(rest)) _pending = "amp;";
        else if (c == '<' && !IsTag(rest)) (c, _pending) = ('&', "lt;");
        return c;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    static bool IsReference(ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf(';');
        return end is > 0 and < 12 && rest[..end].IndexOfAnyExcept("#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") < 0;
    }

    // "<a@b.example>" is an address; a tag begins with a letter and its name has no at sign.
    static bool IsTag(ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty) return false;
        if (rest[0] is '!' or '?') return true;
        if (rest[0] == '/') rest = rest[1..];
        if (rest.IsEmpty || !(char.IsLetter(rest[0]) || rest[0] == '_')) return false;
        var end = rest.IndexOfAny(" \t\r\n/>");
        return end > 0 && !rest[..end].Contains('@');
    }

    /// <summary>False at the end; otherwise the look-ahead is there, as far as there is anything.</summary>
    bool Fill()
    {
        if (_end - _at > LookaheadMax) return true;
        _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
        (_at, _end) = (0, _end - _at);
        while (_end < _buffer.Length && inner.Read(_buffer, _end, _buffer.Length - _end) is > 0 and var count) _end += count;
        return _end > 0;
    }
}
