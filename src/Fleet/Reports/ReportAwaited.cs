using System.Globalization;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Reports;

/// <summary>What an empty page says: whether a report can come, and when the first is to be expected. Pure.</summary>
static class ReportAwaited
{
    public static string Of(DomainDetail detail, ReportSample seen, string kind, DateTimeOffset now)
    {
        if (seen.Counted > 0) return "";
        if (kind == "tls") return "Receivers report once a day about the day before, and only to domains that publish where: switch TLS reports on in the domain's DNS. Few senders do it, Google and Microsoft among them.";
        var open = detail.Records.Where(record => record.Kind is "dmarc" or "return_path" or "dkim" && record.State != "ok").Select(record => Name(record.Kind)).ToList();
        if (open.Count > 0) return $"None can come yet: {string.Join(" and ", open)} {(open.Count == 1 ? "is" : "are")} not in DNS as asked for. After that the first is to be expected the day after the next mail.";
        var next = now.UtcDateTime.Date.AddDays(1).ToString("d MMMM", CultureInfo.InvariantCulture);
        return $"Receivers report once a day about the day before, and only about days on which they got mail of the domain. If mail goes out today, the first is to be expected on {next}, in the morning of UTC.";
    }

    static string Name(string kind) => kind switch { "dmarc" => "the DMARC record", "dkim" => "the DKIM key", _ => "the return path" };
}
