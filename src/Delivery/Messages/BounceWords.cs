using System.Text.Json;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Delivery.Messages;

/// <summary>Words of the columns <c>bounce_class</c> and <c>bounce_category</c>: the names of the enums in snake_case.</summary>
static class BounceWords
{
    public static string Word(this BounceClass value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public static string Word(this BounceCategory value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
