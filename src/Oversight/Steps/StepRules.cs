using PenguinMails.Accounts.Members;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Reviews;

namespace PenguinMails.Oversight.Steps;

/// <summary>Something is not as it should be.</summary>
/// <param name="Cause">Names this very deviation: seen again, it is the same one.</param>
/// <param name="Owner">Who answers for it by the plan; null when it names nobody.</param>
sealed record Deviation(string Kind, string Subject, string Cause, string Sentence, string? Owner);

/// <summary>By when a step is due, and whose it is, when nobody says.</summary>
static class StepRules
{
    /// <summary>Without a review ahead.</summary>
    public const int DaysDefault = 14;

    /// <summary>Years ahead that a step may be due.</summary>
    public const int YearsMax = 5;

    /// <summary>The next review, where it is looked at anyway; else in two weeks.</summary>
    public static DateOnly DueOn(IEnumerable<ReviewLine> reviews, DateOnly today) =>
        reviews.Select(review => review.NextDue).OfType<DateOnly>().Where(day => day > today).Order().Select(day => (DateOnly?)day).FirstOrDefault() ?? today.AddDays(DaysDefault);

    /// <summary>The member who is called so, or has this address; null when none is, or when two are.</summary>
    public static UserId? OwnerOf(string? named, IEnumerable<ListMembers.Member> members)
    {
        if (string.IsNullOrWhiteSpace(named)) return null;
        var found = members.Where(one => one.DisplayName.Equals(named.Trim(), StringComparison.OrdinalIgnoreCase) || one.Email.Equals(named.Trim(), StringComparison.OrdinalIgnoreCase)).Select(one => one.UserId).Distinct().Take(2).ToList();
        return found is [var one] ? one : null;
    }

    /// <summary>Everybody in the account; one line for each role a person holds.</summary>
    public static async Task<List<ListMembers.Member>> Members(TenantId tenant, TenantDb db, CancellationToken ct)
    {
        var (all, cursor, actor) = (new List<ListMembers.Member>(), (string?)null, Actor.System(tenant));
        do
        {
            var page = (await ListMembers.Handle(actor, cursor, Cursor.LimitMax, db, ct)).Value;
            all.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return all;
    }
}
