using System.Globalization;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Tests.Mime;

public sealed class MailDateTests
{
    [Theory]
    [InlineData("Mon, 2 Mar 2026 10(h): 05  :  06 +0100", "2026-03-02T10:05:06+01:00")]
    [InlineData("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00")]            // RFC 5322 A.1.1
    [InlineData("Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)", "1969-02-13T23:32:00-03:30")] // A.5
    [InlineData("Thu,\t13 Feb 1969\t23:32:54 -0330", "1969-02-13T23:32:54-03:30")]
    [InlineData("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06+00:00")]                       // A.6.2
    [InlineData("21 Nov 26 09:55:06 GMT", "2026-11-21T09:55:06+00:00")]                       // 4.3: below 50
    [InlineData("21 Nov 49 09:55:06 GMT", "2049-11-21T09:55:06+00:00")]
    [InlineData("21 Nov 50 09:55:06 GMT", "1950-11-21T09:55:06+00:00")]
    [InlineData("21 Nov 103 09:55:06 GMT", "2003-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 Nov 2026 9:5:6 EST", "2026-11-21T09:05:06-05:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 PDT", "2026-11-21T09:55:06-07:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 K", "2026-11-21T09:55:06+00:00")]                  // 4.3: letters say nothing
    [InlineData("Sat, 21 Nov 2026 09:55:06", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 +01:00", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 GMT+0100 (CET)", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06+0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat Nov 21 09:55:06 2026", "2026-11-21T09:55:06+00:00")]                     // asctime
    [InlineData("Sat Nov 21 09:55:06 CET 2026", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21-Nov-2026 09:55:06 GMT", "2026-11-21T09:55:06+00:00")]
    [InlineData("2026-11-21T09:55:06Z", "2026-11-21T09:55:06+00:00")]
    [InlineData("2026-11-21 09:55:06 +0200", "2026-11-21T09:55:06+02:00")]
    [InlineData("Saturday, November 21, 2026 9:55 PM", "2026-11-21T21:55:00+00:00")]
    [InlineData("Sat, 21 November 2026 09.55.06 +0000", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 Nov 2026 23:59:60 +0000", "2026-11-21T23:59:59+00:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 -0000", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 +9900", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 31 Nov 2026 09:55:06 +0000", null)]
    [InlineData("Sat, 21 Nov 2026", null)]
    [InlineData("yesterday", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    [InlineData("(((((", null)]
    [InlineData(": : - - + +", null)]
    public void Date_is_read(string? text, string? iso) =>
        Assert.Equal(iso, MailDate.TryParse(text, out var date) ? date.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture) : null);
}
