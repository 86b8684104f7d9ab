using System.Buffers;

namespace PenguinMails.Mail.Reports;

/// <summary>XML as hand-made reports have it: an ampersand that begins no reference and a bracket that begins no tag are taken as text; the root begins it and has no attributes.</summary>
sealed class MendedXml(TextReader inner) : TextReader
{
    const int LookaheadMax = 256;
    const string Root = "<feedback";

    static readonly SearchValues<char> ReferenceEnds = SearchValues.Create("#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), NameEnds = SearchValues.Create(" \t\r\n/>");

    readonly char[] _buffer = new char[16 * LookaheadMax];
    string _pending = "";
    int _at, _end;
    bool _hasBegun;

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
        return end is > 0 and < 12 && rest[..end].IndexOfAnyExcept(ReferenceEnds) < 0;
    }

    // "<a@b.example>" is an address; a tag begins with a letter and its name has no at sign.
    static bool IsTag(ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty) return false;
        if (rest[0] is '!' or '?') return true;
        if (rest[0] == '/') rest = rest[1..];
        if (rest.IsEmpty || !(char.IsLetter(rest[0]) || rest[0] == '_')) return false;
        var end = rest.IndexOfAny(NameEnds);
        return end > 0 && !rest[..end].Contains('@');
    }

    /// <summary>False at the end; otherwise the look-ahead is there, as far as there is anything.</summary>
    bool Fill()
    {
        if (_end - _at > LookaheadMax) return true;
        _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
        (_at, _end) = (0, _end - _at);
        while (_end < _buffer.Length && inner.Read(_buffer, _end, _buffer.Length - _end) is > 0 and var count) _end += count;
        if (!_hasBegun) Begin();
        return _end > _at;
    }

    /// <summary>Passes over two declarations, other versions, what stands before, and name spaces that are wrong or missing.</summary>
    void Begin()
    {
        _hasBegun = true;
        var start = _buffer.AsSpan(0, _end).IndexOf(Root, StringComparison.OrdinalIgnoreCase);
        if (start < 0) return;
        var close = _buffer.AsSpan(start, _end - start).IndexOf('>');
        if (close < Root.Length || _buffer[start + Root.Length] is not (' ' or '\t' or '\r' or '\n' or '>')) return;
        _at = start + close - Root.Length;
        _buffer.AsSpan(start, Root.Length).CopyTo(_buffer.AsSpan(_at));
    }
}
