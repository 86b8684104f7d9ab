using System.Text.Json;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Delivery.Queue;

/// <summary>Whose clock a window is read on.</summary>
public enum ClockOf
{
    Sender,

    /// <summary>The recipient's where it is known, else the sender's.</summary>
    Recipient,
}

/// <summary>When a campaign sends, and how its mailboxes spread their day over that.</summary>
/// <param name="SkipsHolidays">Nothing on public holidays of the recipient's country, where that is known and its holidays are.</param>
public sealed record SendPlan(SendWindow Window, ClockOf Clock, DayShape Shape, bool SkipsHolidays)
{
    /// <summary>The window alone, on the sender's clock.</summary>
    public static SendPlan Plain(SendWindow window) => new(window, ClockOf.Sender, DayShape.None, false);

    /// <summary>The window and the holidays that hold for one recipient.</summary>
    public RecipientWindow For(RecipientFacts recipient)
    {
        var isOwn = Clock == ClockOf.Recipient && recipient.Zone.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(recipient.Zone, out _);
        var window = isOwn ? Window with { Zone = recipient.Zone } : Window;
        return new(window, Clock == ClockOf.Recipient, Shape, SkipsHolidays && recipient.Consent.Country.Length > 0 ? HolidayCalendar.Of(recipient.Consent.Country) : null,
            recipient.Zone.Length > 0 ? recipient.Zone : window.Zone);
    }

    public static string Word(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    internal static SendPlan Of(SendWindow window, string clock, string shape, bool skipsHolidays) =>
        new(window, clock == "recipient" ? ClockOf.Recipient : ClockOf.Sender, DayShapes.Of(shape), skipsHolidays);
}

/// <summary>When one recipient may be written to.</summary>
/// <param name="Window">In the zone that counts for them.</param>
/// <param name="DiffersByRecipient">Others of the campaign may have another.</param>
/// <param name="Holidays">Null: none are left out.</param>
/// <param name="HolidayZone">Where it is decided which day it is.</param>
public sealed record RecipientWindow(SendWindow Window, bool DiffersByRecipient, DayShape Shape, HolidayCalendar? Holidays, string HolidayZone)
{
    public static readonly RecipientWindow Always = SendPlan.Plain(SendWindow.Always).For(RecipientFacts.Unknown);

    public bool IsHoliday(DateTimeOffset moment) => Holidays is { } calendar && calendar.Has(WallClock.DayOf(moment, TimeZoneInfo.FindSystemTimeZoneById(HolidayZone)));

    public DateTimeOffset NextOpen(DateTimeOffset now) => Window.NextOpen(now, Holidays is null ? null : IsHoliday);

    /// <summary>The first moment at which it is open after a day.</summary>
    public DateTimeOffset OpenAfter(DateOnly day) => NextOpen(WallClock.Midnight(day.AddDays(1), TimeZoneInfo.FindSystemTimeZoneById(HolidayZone)));
}

/// <summary>What is known of a recipient, kept with each of their messages.</summary>
/// <param name="Zone">IANA name; empty when unknown.</param>
public sealed record RecipientFacts(ConsentRecord Consent, string Zone)
{
    public static readonly RecipientFacts Unknown = new(ConsentRecord.Unknown, "");
}
