using System.Globalization;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>The input cannot be taken; the message names file, line and what to do. Ends the verb with exit code 2.</summary>
sealed class SeriesRefused(string message) : Exception(message);

/// <summary>One row of a series.</summary>
/// <param name="Line">In the file, 1 for the first.</param>
/// <param name="Start">First column as it stands, or the row's number when there is none.</param>
/// <param name="Numbers">One for each number column; NaN when empty or NaN.</param>
/// <param name="Partial">True when the period is not over.</param>
/// <param name="Rebase">Why the definition changed here; null when it did not.</param>
sealed record SeriesRow(int Line, string Start, double[] Numbers, bool Partial, string? Rebase);

/// <summary>A series as a file holds it: columns <c>start,value</c> or <c>start,num,den</c>, or more numbers for some tests.</summary>
sealed record SeriesFile(string Path, IReadOnlyList<string> Columns, IReadOnlyList<SeriesRow> Rows)
{
    /// <summary>Rows taken; a longer file is refused.</summary>
    public const int RowsMax = 100_000;

    const int OctetsMax = 16 * 1024 * 1024;

    // Products of three values must stay within what a number can hold.
    const double LargestNumber = 1e100;
    static readonly string[] Starts = ["start", "date", "period", "month", "week", "day", "year"];
    static readonly string[] Hits = ["num", "numerator", "hits"];
    static readonly string[] Trials = ["den", "denominator", "trials"];

    /// <summary>True for hits out of trials.</summary>
    public bool IsRate => Columns.Count >= 2 && Hits.Contains(Columns[0]) && Trials.Contains(Columns[1]);

    /// <summary>The only number column, or the shares of hits.</summary>
    public double[] Values() => IsRate
        ? [.. Rows.Select(row => row.Numbers[1] < 0 ? throw Refuse(row, $"{Columns[1]} is {Told(row.Numbers[1])}: nothing is divided by less than none.") : row.Numbers[1] > 0 ? row.Numbers[0] / row.Numbers[1] : double.NaN)]
        : [.. Rows.Select(row => row.Numbers[0])];

    /// <summary>The values without the missing ones.</summary>
    public double[] Known() => [.. Values().Where(value => !double.IsNaN(value))];

    /// <summary>Hits and trials of the rows that have both.</summary>
    public (long[] Hits, long[] Trials, SeriesRow[] Rows) Counts()
    {
        if (!IsRate) throw new SeriesRefused($"{Path}:1: this needs the columns start,num,den (hits and trials); it has {string.Join(',', Columns)}.");
        var rows = Rows.Where(row => !double.IsNaN(row.Numbers[0]) && !double.IsNaN(row.Numbers[1]) && row.Numbers[1] != 0).ToArray();
        if (rows.FirstOrDefault(row => row.Numbers[0] > row.Numbers[1]) is { } over) throw Refuse(over, $"{Columns[0]} is {Told(over.Numbers[0])}, and {Columns[1]} only {Told(over.Numbers[1])}: hits are among the trials.");
        return ([.. rows.Select(row => Whole(row, 0))], [.. rows.Select(row => Whole(row, 1))], rows);
    }

    /// <summary>A number of a row that must be whole and 0 or more.</summary>
    public long Whole(SeriesRow row, int column) => row.Numbers[column] is >= 0 and <= 1e15 && double.IsInteger(row.Numbers[column])
        ? (long)row.Numbers[column]
        : throw Refuse(row, $"{Columns[column]} is {Told(row.Numbers[column])}: counts are whole numbers, 0 or more.");

    static string Told(double number) => number.ToString(CultureInfo.InvariantCulture);

    public SeriesRefused Refuse(SeriesRow row, string why) => new($"{Path}:{row.Line}: {why}");

    public static async Task<SeriesFile> Load(string path, CancellationToken ct)
    {
        try
        {
            if (GivenFile.Refusal(path) is { } why) throw new SeriesRefused(why);
            if (path != "-" && new FileInfo(path) is { Exists: true, Length: > OctetsMax }) throw new SeriesRefused($"{path}: larger than {OctetsMax >> 20} MB; cut it down.");
            return Parse(path, await GivenFile.Text(path, ct));
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            throw new SeriesRefused($"{path}: {unread.Message}");
        }
    }

    public static SeriesFile Parse(string path, string text)
    {
        // The first line decides: a row of "2026-01;1,5" has two columns, and 1,5 is no number.
        var plain = text.TrimStart('\uFEFF').Split('\n');
        var first = plain.FirstOrDefault(line => line.Trim().Length > 0) ?? "";
        var separator = first.Contains(';') && !first.Contains(',') ? ';' : ',';
        var lines = plain.Select((line, i) => (Cells: Cells(line, separator), Number: i + 1)).Where(line => line.Cells.Length > 1 || line.Cells[0].Length > 0).ToList();
        if (lines.Count == 0) throw new SeriesRefused($"{path}:1: the file is empty; write a line start,value and a row for each period.");
        var header = IsHeader(lines[0].Cells) ? lines[0].Cells.Select(name => name.ToLowerInvariant()).ToArray() : Unnamed(lines[0].Cells.Length);
        if (IsHeader(lines[0].Cells)) lines.RemoveAt(0);
        if (lines.Count == 0) throw new SeriesRefused($"{path}:2: there is a header and no row; add a row for each period.");
        if (lines.Count > RowsMax) throw new SeriesRefused($"{path}:{RowsMax + 2}: more than {RowsMax} rows; cut the series down.");

        var hasStart = header.Length > 1 || Starts.Contains(header[0]);
        var start = Math.Max(0, Array.FindIndex(header, Starts.Contains));
        int partial = Array.IndexOf(header, "partial"), rebase = Array.IndexOf(header, "rebase");
        var numbers = Enumerable.Range(0, header.Length).Where(i => (i != start || !hasStart) && i != partial && i != rebase).OrderBy(i => Trials.Contains(header[i])).ToArray();
        if (numbers.Length == 0) throw new SeriesRefused($"{path}:1: no column of numbers; write start,value or start,num,den.");
        var rows = lines.Select((line, i) =>
        {
            if (line.Cells.Length != header.Length)
                throw new SeriesRefused($"{path}:{line.Number}: {line.Cells.Length} columns where {header.Length} are expected ({string.Join(',', header)}); leave a missing value empty.");
            return new SeriesRow(
                line.Number, hasStart ? line.Cells[start] : (i + 1).ToString(CultureInfo.InvariantCulture), [.. numbers.Select(k => Number(path, line.Number, header[k], line.Cells[k]))],
                partial >= 0 && line.Cells[partial].ToLowerInvariant() is "true" or "1" or "yes", rebase >= 0 && line.Cells[rebase].Length > 0 ? line.Cells[rebase] : null);
        }).ToList();
        InOrder(path, rows);
        return new(path, [.. numbers.Select(i => header[i])], rows);
    }

    // Days and months come one after the other; what is called otherwise, such as a domain, has no order.
    static void InOrder(string path, List<SeriesRow> rows)
    {
        if (!rows.TrueForAll(row => DateOnly.TryParseExact(row.Start, ["yyyy-MM-dd", "yyyy-MM"], CultureInfo.InvariantCulture, DateTimeStyles.None, out _))) return;
        foreach (var (before, row) in rows.Zip(rows.Skip(1)))
            if (string.CompareOrdinal(row.Start, before.Start) is <= 0 and var order)
                throw new SeriesRefused($"{path}:{row.Line}: {(order == 0 ? $"{row.Start} stands twice; leave one row for each period" : $"{row.Start} stands behind {before.Start}; put the rows in order of time")}.");
    }

    static string[] Cells(string line, char separator) => [.. line.TrimEnd('\r').Split(separator).Select(cell => cell.Trim().Trim('"').Trim())];

    static string[] Unnamed(int count) => count switch
    {
        1 => ["value"],
        2 => ["start", "value"],
        3 => ["start", "num", "den"],
        _ => ["start", .. Enumerable.Range(1, count - 1).Select(i => "value" + i.ToString(CultureInfo.InvariantCulture))],
    };

    // A header names its last column in words; a row has a number there, or nothing.
    static bool IsHeader(string[] cells) => Starts.Contains(cells[0].ToLowerInvariant()) || !cells.Skip(cells.Length > 1 ? 1 : 0).All(cell => IsMissing(cell) || TryNumber(cell, out _));

    static bool IsMissing(string cell) => cell.Length == 0 || cell.ToLowerInvariant() is "nan" or "na" or "null";

    static bool TryNumber(string cell, out double number) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    static double Number(string path, int line, string column, string cell)
    {
        if (IsMissing(cell)) return double.NaN;
        if (TryNumber(cell, out var large) && Math.Abs(large) > LargestNumber) throw new SeriesRefused($"{path}:{line}: {column} is {cell}, too large to compute with; write the series in thousands, millions or more.");
        return TryNumber(cell, out var number)
            ? number
            : throw new SeriesRefused($"{path}:{line}: {column} is '{(cell.Length > 40 ? cell[..40] + "…" : cell)}', which is no number; write 1234.5, or leave it empty when it is missing.");
    }
}
