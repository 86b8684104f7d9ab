using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Core;

public sealed class CsvReaderTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a,b\r\n1,2\r\n", "a|b", "1|2")]
    [InlineData("a,b\n1,2", "a|b", "1|2")]
    [InlineData("a,b\r1,2\r", "a|b", "1|2")]
    [InlineData("\"a\",\"b\"\r\n\"1,5\",\"2\"", "a|b", "1,5|2")]
    [InlineData("a\r\n\"say \"\"hi\"\"\"", "a", "say \"hi\"")]
    [InlineData("a,b\r\n\"two\r\nlines\",x", "a|b", "two\r\nlines|x")]
    [InlineData("a,b\r\n\r\n\r\n1,2", "a|b", "1|2")]
    [InlineData("a,b,\r\n1,2,", "a|b|", "1|2|")]
    [InlineData("a\r\nab\"c", "a", "ab\"c")]
    public async Task Rows_read_as_people_write_them(string text, params string[] rows)
    {
        var read = await All(text);
        Assert.Equal(rows, read.Select(r => string.Join('|', r.Cells)));
        Assert.All(read, r => Assert.Null(r.Fault));
    }

    [Theory]
    [InlineData("a\r\n\"open", "quote_open")]
    [InlineData("a\r\nx\0y", "nul_byte")]
    public async Task A_fault_is_named_with_its_line(string text, string fault)
    {
        var row = (await All(text))[^1];
        Assert.Equal((fault, 1L, 2L), (row.Fault, row.Number, row.Line));
    }

    [Theory]
    [InlineData(CsvReader.CellLengthMax - 1, null)]
    [InlineData(CsvReader.CellLengthMax, null)]
    [InlineData(CsvReader.CellLengthMax + 1, "cell_too_long")]
    public async Task A_cell_has_a_longest_length(int length, string? fault)
    {
        var rows = await All($"a\r\n{new string('x', length)}\r\nnext");
        Assert.Equal(fault, rows[1].Fault);
        Assert.Equal("next", rows[2].Cells[0]);
    }

    [Theory]
    [InlineData(CsvReader.CellsMax - 1, null)]
    [InlineData(CsvReader.CellsMax, null)]
    [InlineData(CsvReader.CellsMax + 1, "too_many_cells")]
    public async Task A_row_has_a_most_of_cells(int cells, string? fault) =>
        Assert.Equal(fault, (await All("a\r\n" + string.Join(',', Enumerable.Repeat("x", cells))))[1].Fault);

    [Fact]
    public async Task The_line_of_a_row_counts_the_breaks_inside_cells() =>
        Assert.Equal([1L, 2L, 5L], (await All("a\r\n\"1\r\n2\r\n3\"\r\nlast")).Select(r => r.Line));

    [Fact]
    public async Task Whatever_the_pieces_the_source_comes_in_the_rows_are_the_same()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var rows = Enumerable.Range(0, 5).Select(_ => Enumerable.Range(0, 3).Select(_ => Cell(random)).ToArray()).ToList();
            var text = string.Join("\r\n", rows.Select(r => string.Join(',', r.Select(c => "\"" + c.Replace("\"", "\"\"") + "\""))));
            var read = new List<string[]>();
            var reader = new CsvReader(new Drip(text, random), ',');
            while (await reader.Next(Ct) is { } row) read.Add([.. row.Cells]);
            Assert.True(rows.Select(r => string.Join('\u0001', r)).SequenceEqual(read.Select(r => string.Join('\u0001', r))), $"seed {seed} round {round}");
        }
    }

    static string Cell(Random random) => new([.. Enumerable.Range(0, random.Next(0, 8)).Select(_ => "ab,\"\r\n ü"[random.Next(8)])]);

    static async Task<List<CsvRow>> All(string text)
    {
        var reader = new CsvReader(new StringReader(text), ',');
        var rows = new List<CsvRow>();
        while (await reader.Next(Ct) is { } row) rows.Add(row);
        return rows;
    }

    /// <summary>Gives one to three characters at a time.</summary>
    sealed class Drip(string text, Random random) : TextReader
    {
        int _position;

        public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(Math.Min(random.Next(1, 4), buffer.Length), text.Length - _position);
            text.AsSpan(_position, count).CopyTo(buffer.Span);
            _position += count;
            return ValueTask.FromResult(count);
        }
    }
}
