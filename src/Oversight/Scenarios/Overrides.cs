using PenguinMails.Core;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Scenarios;

/// <summary>What is set otherwise than it is; null leaves it.</summary>
public sealed record Overrides(double? Customers = null, double? Arpa = null, double? Churn = null, double? NewCustomers = null, double? VendorCost = null, double? People = null, double? CostPerPerson = null)
{
    const double AmountMax = 1e12;
    const double PeopleMax = 1e6;

    static readonly (string Name, double Most, Func<Overrides, double?> Of, Func<Overrides, double, Overrides> With)[] All =
    [
        ("customers", AmountMax, set => set.Customers, (set, value) => set with { Customers = value }),
        ("arpa", AmountMax, set => set.Arpa, (set, value) => set with { Arpa = value }),
        ("churn", 1, set => set.Churn, (set, value) => set with { Churn = value }),
        ("new_customers", AmountMax, set => set.NewCustomers, (set, value) => set with { NewCustomers = value }),
        ("vendor_cost", AmountMax, set => set.VendorCost, (set, value) => set with { VendorCost = value }),
        ("people", PeopleMax, set => set.People, (set, value) => set with { People = value }),
        ("cost_per_person", AmountMax, set => set.CostPerPerson, (set, value) => set with { CostPerPerson = value }),
    ];

    /// <summary>What can be set, as API, page and command spell it.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(one => one.Name)];

    public Drivers On(Drivers now) => new(
        Customers ?? now.Customers, Arpa ?? now.Arpa, Churn ?? now.Churn, NewCustomers ?? now.NewCustomers, VendorCost ?? now.VendorCost, People ?? now.People, CostPerPerson ?? now.CostPerPerson);

    /// <summary>Whether a driver is set here.</summary>
    public bool Has(string name) => Array.Find(All, one => one.Name == name) is { Of: { } of } && of(this) is not null;

    /// <summary>Reads what people wrote, with numbers as plans have them: <c>1200.5</c>, <c>25k</c>, <c>3%</c>.</summary>
    /// <returns>A fault for each name that is none, stands twice or has no number, and for each value out of its range.</returns>
    public static (Overrides Set, IReadOnlyList<FieldProblem> Faults) Read(IEnumerable<(string Name, string Text)> written)
    {
        var (set, faults, seen) = (new Overrides(), new List<FieldProblem>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (name, text) in written)
        {
            if (Array.Find(All, one => one.Name == name) is not { With: { } with }) faults.Add(new(name, $"Nothing of that name can be set{Nearest.Hint(name, Names)}. There are {string.Join(", ", Names)}."));
            else if (!seen.Add(name)) faults.Add(new(name, "Stands twice; set it once."));
            else if (!NumberText.TryParse(text, out var number, out var unit) || (unit == "%" && name != "churn")) faults.Add(new(name, "Write a number, such as 1200.5."));
            else set = with(set, (double)number / (unit == "%" ? 100 : 1));
        }

        return (set, [.. faults, .. set.Faults()]);
    }

    /// <summary>A fault for each value out of its range.</summary>
    public IEnumerable<FieldProblem> Faults() =>
        from one in All
        where one.Of(this) is { } number && !(number >= 0 && number <= one.Most)
        select new FieldProblem(one.Name, one.Name == "churn" ? "A share from 0 to 1: 0.03 is three percent a month." : "A number from 0 on.");
}
