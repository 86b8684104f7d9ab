namespace PenguinMails.Mail;

/// <summary>Fills every octet at random: <see cref="System.Security.Cryptography.RandomNumberGenerator.Fill"/> in production.</summary>
public delegate void RandomFill(Span<byte> octets);
