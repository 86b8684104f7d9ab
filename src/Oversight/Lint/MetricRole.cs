using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Lint;

/// <summary>What a metric is by its usual name: what its definition says, else what its name and title are known for.</summary>
static class MetricRole
{
    static readonly string[] Rates = ["rate", "share", "percentage", "percent", "growth", "satisfaction", "success", "using", "adoption", "interviews", "complaints", "tickets"];
    static readonly string[] CustomerWords = ["customer", "customers", "client", "clients", "subscriber", "subscribers", "logo", "logos", "user", "users", "accounts", "members", "merchants", "tenants", "patients", "students", "donors", "guests", "learners", "readers", "players", "buyers", "shoppers"];
    static readonly string[] CustomerQualities = ["active", "paying", "paid", "beta", "total", "number", "of", "count", "our", "the", "kpi", "all", "live", "monthly", "end", "registered", "enrolled"];
    static readonly string[] Heads = ["headcount", "fte", "ftes", "employees", "staff"];

    public static string Of(PlanObject metric)
    {
        if (metric.Text("is") is { } stated) return stated;
        var words = Words(metric.Name).Concat(Words(metric.Metadata.Text("title") ?? "")).ToList();
        bool Has(params string[] any) => any.Any(words.Contains);
        bool Phrase(string phrase) => Words(metric.Metadata.Text("title") ?? "").Joined().Contains(phrase, StringComparison.Ordinal) || Words(metric.Name).Joined().Contains(phrase, StringComparison.Ordinal);
        var (ltv, cac) = (Has("ltv", "clv", "cltv") || Phrase("lifetime value"), Has("cac") || Phrase("acquisition cost") || Phrase("cost of acquisition"));
        if (ltv && cac) return "ltv_cac";
        if (ltv) return "ltv";
        if (cac) return "cac";
        if (Has("mrr") || Phrase("monthly recurring revenue")) return Has(Rates) ? "other" : "mrr";
        if (Has("arr") || Phrase("annual recurring revenue") || Phrase("annual run rate")) return Phrase("growth") ? "other" : "arr";
        if (Has("arpa", "arpu") || Phrase("revenue per account") || Phrase("revenue per customer") || Phrase("revenue per user")) return "arpa";
        if (Phrase("gross margin")) return "gross_margin";
        if (Has("churn")) return "churn";
        if (Has("retention")) return "retention";
        if (Has(Heads) || Phrase("team size") || Phrase("team members")) return Has(Rates) ? "other" : "headcount";
        if (words.All(word => word is "team" or "people" or "size" or "total" or "members" or "count" or "number" or "of" or "kpi") && Has("team", "people")) return "headcount";
        if (Has("volume") || Phrase("emails sent") || Phrase("messages sent")) return Has(Rates) ? "other" : "volume";
        // Short names stand for much; where there is a title, it says what is meant.
        var called = Words(metric.Title).ToList();
        if (called.Contains("revenue") && called.All(word => word is "revenue" or "annual" or "total" or "yearly" or "kpi" or "company")) return "revenue";
        return called.Any(CustomerWords.Contains) && called.All(word => CustomerWords.Contains(word) || CustomerQualities.Contains(word)) ? "customers" : "other";
    }

    /// <summary>Numbers that only ever rise in a plan.</summary>
    public static bool IsCumulative(string role) => role is "mrr" or "arr" or "customers" or "revenue";

    /// <summary>The words of a text in lower case, without punctuation.</summary>
    public static IEnumerable<string> Words(string text)
    {
        var from = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var inside = i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] is '\'' or '’');
            if (inside && from < 0) from = i;
            if (inside || from < 0) continue;
            yield return text[from..i].ToLowerInvariant().Replace('’', '\'');
            from = -1;
        }
    }

    static string Joined(this IEnumerable<string> words) => string.Join(' ', words);
}
