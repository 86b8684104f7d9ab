using PenguinMails.Accounts.Passwords;

namespace PenguinMails.Modules.Tests.Accounts;

public sealed class PasswordTests
{
    const string Phrase = "Kq7!vR2z";

    [Fact]
    public void Seven_characters_are_too_few_and_eight_enough()
    {
        Assert.Equal("password.too_short", Password.Judge(Phrase[..7])?.Code);
        Assert.Null(Password.Judge(Phrase));
    }

    [Fact]
    public void A_password_of_1024_bytes_is_taken_whole_and_one_of_1025_refused()
    {
        var longest = string.Concat(Enumerable.Range(0, 500).Select(i => (i * 7919 % 9973).ToString("x")))[..1024];
        Assert.Null(Password.Judge(longest));
        Assert.Equal("password.too_long", Password.Judge(longest + "a")?.Code);
        Assert.Equal("password.too_long", Password.Judge(string.Concat(Enumerable.Repeat("é", 512)) + "a")?.Code);
        Assert.Null(Password.Check(string.Concat(Enumerable.Repeat("é", 512))));
    }

    [Fact]
    public void Half_a_character_is_refused() => Assert.Equal("password.not_unicode", Password.Judge("\ud800harbour-violin-93")?.Code);

    [Theory]
    [InlineData("Password123", "password.common")]
    [InlineData("QWERTYUIOP", "password.common")]
    [InlineData("aaaaaaaaaaaa", "password.weak")]
    [InlineData("annasmith77", "password.weak")]
    [InlineData("correct horse battery staple", null)]
    [InlineData("alllowercaseletterswithoutanything", null)]
    [InlineData("пароль-корабль-сорока", null)]
    [InlineData(null, "password.missing")]
    [InlineData("", "password.missing")]
    public void Strength_counts_and_composition_does_not(string? password, string? code) =>
        Assert.Equal(code, Password.Judge(password, "anna.smith@example.com", "Anna Smith", "Harbour Ltd")?.Code);
}
