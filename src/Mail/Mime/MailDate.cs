using System.Globalization;

namespace PenguinMails.Mail.Mime;

/// <summary>Dates of mail (RFC 5322 3.3), the obsolete forms (4.3) and what is really sent: asctime, ISO 8601, names of zones, two-digit years.</summary>
public static class MailDate
{
    const int LengthMax = 200;
    const string Months = "janfebmaraprmayjunjulaugsepoctnovdec";
    static readonly System.Buffers.SearchValues<char> ClockCharacters = System.Buffers.SearchValues.Create("0123456789:.");

    /// <summary>Reads a date in any of the forms; the offset is the writer's, +00:00 where the zone is missing or unknown (RFC 5322 4.3).</summary>
    /// <returns>False when day, month, year or the time of day cannot be made out, or do not exist.</returns>
    public static bool TryParse(string? text, out DateTimeOffset date)
    {
        date = default;
        if (string.IsNullOrWhiteSpace(text) || text.Length > LengthMax) return false;
        var plain = WithoutComments(text);
        if (Iso(plain, out date) || Words(plain, out date)) return true;
        // RFC 5322 4.3: blanks were once allowed around the colons of a time.
        return plain.Contains(':', StringComparison.Ordinal) && Words(string.Join(':', plain.Split(':').Select(part => part.Trim())), out date);
    }

    static bool Words(string plain, out DateTimeOffset date)
    {
        var found = new Found();
        foreach (var range in plain.AsSpan().SplitAny(" \t,;"))
        {
            var word = plain.AsSpan()[range].Trim('"').TrimEnd('.');
            if (!word.IsEmpty) found.Take(word);
        }
        return found.ToDate(out date);
    }

    static string WithoutComments(string text)
    {
        var (kept, depth) = (new System.Text.StringBuilder(), 0);
        foreach (var c in text)
        {
            if (c == '(') depth++;
            else if (c == ')' && depth > 0) depth--;
            else if (depth == 0) kept.Append(c);
        }
        return kept.ToString();
    }

    static bool Iso(string text, out DateTimeOffset date)
    {
        date = default;
        var trimmed = text.Trim();
        return trimmed.Length >= 16 && trimmed[4] == '-' && trimmed[7] == '-' && char.IsAsciiDigit(trimmed[0])
            && DateTimeOffset.TryParse(trimmed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date);
    }

    /// <summary>What the words of a date told so far.</summary>
    struct Found
    {
        int day;
        int month;
        int year;
        bool hasYear;
        TimeSpan? time;
        TimeSpan? zone;
        bool isAfternoon;
        bool isMorning;

        public void Take(ReadOnlySpan<char> word)
        {
            if (word.Contains(':') && Clock(word, ':')) return;
            if (time is null && word.Count('.') == 2 && Clock(word, '.')) return;
            if (word[0] is '+' or '-' && time is not null)
            {
                zone ??= Zone(word);
                return;
            }
            if (word.Count('-') == 2 && Dashed(word)) return;
            if (char.IsAsciiDigit(word[0])) Number(word);
            else Name(word);
        }

        void Number(ReadOnlySpan<char> word)
        {
            var digits = word.IndexOfAnyExceptInRange('0', '9');
            var number = digits < 0 ? word : word[..digits];
            if (number.Length > 4 || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return;
            if (day == 0 && number.Length <= 2 && value is > 0 and < 32) day = value;
            else if (!hasYear && number.Length >= 2) (year, hasYear) = (Year(value, number.Length), true);
        }

        // RFC 5322 4.3: two digits below 50 are of this century, others and three digits count from 1900.
        static int Year(int value, int digits) => digits switch
        {
            2 => value < 50 ? 2000 + value : 1900 + value,
            3 => 1900 + value,
            _ => value,
        };

        void Name(ReadOnlySpan<char> word)
        {
            if (month == 0 && Month(word) is > 0 and var found) month = found;
            else if (word.Equals("pm", StringComparison.OrdinalIgnoreCase)) isAfternoon = true;
            else if (word.Equals("am", StringComparison.OrdinalIgnoreCase)) isMorning = true;
            else if (time is not null) zone ??= Named(word);
        }

        static int Month(ReadOnlySpan<char> word)
        {
            if (word.Length < 3) return 0;
            Span<char> start = stackalloc char[3];
            word[..3].ToLowerInvariant(start);
            var at = Months.AsSpan().IndexOf(start, StringComparison.Ordinal);
            return at >= 0 && at % 3 == 0 ? (at / 3) + 1 : 0;
        }

        /// <summary>21-Nov-2026.</summary>
        bool Dashed(ReadOnlySpan<char> word)
        {
            var first = word.IndexOf('-');
            var second = first + 1 + word[(first + 1)..].IndexOf('-');
            if (Month(word[(first + 1)..second]) is not (> 0 and var found)) return false;
            month = found;
            Number(word[..first]);
            Number(word[(second + 1)..]);
            return true;
        }

        bool Clock(ReadOnlySpan<char> word, char separator)
        {
            // 12:30:00+0100 and 12:30PM, written without a blank.
            var end = word.IndexOfAnyExcept(ClockCharacters);
            var clock = end < 0 ? word : word[..end];
            Span<int> parts = [0, 0, 0];
            var count = 0;
            foreach (var range in clock.SplitAny(separator, '.'))
            {
                if (count == 3) break;
                if (!int.TryParse(clock[range], NumberStyles.None, CultureInfo.InvariantCulture, out parts[count])) return false;
                count++;
            }
            if (count < 2 || parts[0] > 24 || parts[1] > 59 || parts[2] > 60) return false;
            if (time is not null) return true;
            // A leap second has no place in the runtime's time.
            time = new TimeSpan(parts[0] % 24, parts[1], Math.Min(parts[2], 59));
            if (end >= 0) Take(word[end..]);
            return true;
        }

        static TimeSpan Zone(ReadOnlySpan<char> word)
        {
            var colon = word.IndexOf(':');
            var digits = word[1..];
            if (!int.TryParse(colon < 0 ? digits : string.Concat(word[1..colon], word[(colon + 1)..]), NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return TimeSpan.Zero;
            if (colon < 0 && digits.Length <= 2) value *= 100;
            var minutes = (value / 100 * 60) + (value % 100);
            return minutes > 14 * 60 ? TimeSpan.Zero : TimeSpan.FromMinutes(word[0] == '-' ? -minutes : minutes);
        }

        static TimeSpan? Named(ReadOnlySpan<char> word)
        {
            Span<char> upper = stackalloc char[8];
            if (word.Length is 0 or > 8) return null;
            var name = upper[..word.ToUpperInvariant(upper)];
            if (name.StartsWith("GMT") || name.StartsWith("UTC")) return name.Length > 4 && name[3] is '+' or '-' ? Zone(word[3..]) : TimeSpan.Zero;
            return name switch
            {
                "EDT" => TimeSpan.FromHours(-4),
                "EST" or "CDT" => TimeSpan.FromHours(-5),
                "CST" or "MDT" => TimeSpan.FromHours(-6),
                "MST" or "PDT" => TimeSpan.FromHours(-7),
                "PST" or "AKDT" => TimeSpan.FromHours(-8),
                "CET" or "MET" or "BST" or "MEZ" => TimeSpan.FromHours(1),
                "CEST" or "MEST" or "EET" or "MESZ" => TimeSpan.FromHours(2),
                "EEST" or "MSK" => TimeSpan.FromHours(3),
                "MSD" => TimeSpan.FromHours(4),
                "JST" or "KST" => TimeSpan.FromHours(9),
                "HKT" or "SGT" or "AWST" => TimeSpan.FromHours(8),
                "AEST" => TimeSpan.FromHours(10),
                "AEDT" => TimeSpan.FromHours(11),
                "HST" => TimeSpan.FromHours(-10),
                "AKST" => TimeSpan.FromHours(-9),
                "NZST" => TimeSpan.FromHours(12),
                "NZDT" => TimeSpan.FromHours(13),
                // RFC 5322 4.3: the letters of RFC 822 were defined backwards, so they say nothing but Z.
                "UT" or "Z" or "WET" => TimeSpan.Zero,
                _ => null,
            };
        }

        public readonly bool ToDate(out DateTimeOffset date)
        {
            date = default;
            if (day == 0 || month == 0 || !hasYear || time is not { } clock) return false;
            if (year is < 1900 or > 9998 || day > DateTime.DaysInMonth(year, month)) return false;
            if (isAfternoon && clock.Hours < 12) clock += TimeSpan.FromHours(12);
            if (isMorning && clock.Hours == 12) clock -= TimeSpan.FromHours(12);
            date = new DateTimeOffset(new DateTime(year, month, day).Add(clock), zone ?? TimeSpan.Zero);
            return true;
        }
    }
}
