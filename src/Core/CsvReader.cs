using System.Text;

namespace PenguinMails.Core;

/// <summary>One row of a CSV file.</summary>
/// <param name="Number">Data rows from 1; the header is row 0.</param>
/// <param name="Line">Line of the file on which the row begins, from 1.</param>
/// <param name="Fault">Null for a good row; else what is wrong with it: <c>quote_open</c>, <c>cell_too_long</c>, <c>too_many_cells</c>, <c>nul_byte</c>.</param>
public sealed record CsvRow(long Number, long Line, IReadOnlyList<string> Cells, string? Fault);

/// <summary>Reads CSV as people really write it (RFC 4180 and its relatives) without holding more than one row.</summary>
/// <remarks>Quoted cells may hold the delimiter, doubled quotes and line breaks. Rows end at CRLF, LF or CR. A fault spoils one row, never the file.</remarks>
public sealed class CsvReader(TextReader source, char delimiter)
{
    /// <summary>Characters of one cell.</summary>
    public const int CellLengthMax = 32_768;

    /// <summary>Cells of one row.</summary>
    public const int CellsMax = 500;

    readonly char[] _buffer = new char[64 * 1024];
    readonly StringBuilder _cell = new();
    int _position;
    int _length;
    long _row = -1;
    long _line = 1;

    /// <summary>Comma, semicolon or tab: the one that stands most often in the first line.</summary>
    public static char DelimiterOf(string head)
    {
        var end = head.AsSpan().IndexOfAny('\r', '\n');
        var line = end < 0 ? head : head[..end];
        return new[] { ',', ';', '\t' }.MaxBy(c => line.Count(x => x == c));
    }

    /// <summary>A cell as it is written: in quotes, and with a quote in front where a spreadsheet would run it as a formula (ASVS 1.2.10).</summary>
    public static string Cell(string value)
    {
        var safe = value.Length > 0 && value[0] is ('=' or '+' or '-' or '@' or '\t' or '\r') ? "'" + value : value;
        return "\"" + safe.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }

    /// <summary>The next row that is not empty, or null at the end.</summary>
    public async ValueTask<CsvRow?> Next(CancellationToken ct)
    {
        while (true)
        {
            if (_position >= _length && !await Fill(ct)) return null;
            var row = await ReadRow(ct);
            if (row.Cells is [""] && row.Fault is null) continue; // An empty line.
            return row with { Number = ++_row };
        }
    }

    async ValueTask<CsvRow> ReadRow(CancellationToken ct)
    {
        var cells = new List<string>();
        var (line, quoted, afterQuote, fault) = (_line, false, false, (string?)null);
        _cell.Clear();
        while (_position < _length || await Fill(ct))
        {
            var c = _buffer[_position++];
            if (c == '\0') fault ??= "nul_byte";
            if (quoted)
            {
                if (c == '"') (quoted, afterQuote) = (false, true);
                else Append(c, ref fault);
                if (c == '\n') _line++;
            }
            else if (c == '"' && (afterQuote || _cell.Length == 0))
            {
                if (afterQuote) Append('"', ref fault); // A doubled quote.
                (quoted, afterQuote) = (true, false);
            }
            else if (c is '\r' or '\n')
            {
                if (c == '\r' && (_position < _length || await Fill(ct)) && _buffer[_position] == '\n') _position++;
                _line++;
                Close(cells, ref fault);
                return new CsvRow(0, line, cells, fault);
            }
            else
            {
                afterQuote = false;
                if (c == delimiter) Close(cells, ref fault);
                else Append(c, ref fault);
            }
        }

        Close(cells, ref fault);
        return new CsvRow(0, line, cells, quoted ? "quote_open" : fault);
    }

    void Append(char c, ref string? fault)
    {
        if (_cell.Length < CellLengthMax) _cell.Append(c);
        else fault ??= "cell_too_long";
    }

    void Close(List<string> cells, ref string? fault)
    {
        if (cells.Count < CellsMax) cells.Add(_cell.ToString());
        else fault ??= "too_many_cells";
        _cell.Clear();
    }

    async ValueTask<bool> Fill(CancellationToken ct)
    {
        _length = await source.ReadAsync(_buffer, ct);
        _position = 0;
        return _length > 0;
    }
}
