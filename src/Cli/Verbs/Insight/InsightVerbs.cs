using System.CommandLine;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>The statistics of direction for a series in a file: no installation, no database.</summary>
static class InsightVerbs
{
    public static Command Command() => new("insight", "Judge a series in a CSV file, or run one statistic on it, without an installation.")
    {
        VerdictVerb.Command(), TestVerb.Command(),
    };
}
