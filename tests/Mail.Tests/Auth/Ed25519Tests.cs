using System.Numerics;
using PenguinMails.Mail.Auth;

namespace PenguinMails.Mail.Tests.Auth;

public sealed class Ed25519Tests
{
    static byte[] Hex(string text) => Convert.FromHexString(text);

    [Theory] // RFC 8032 7.1, tests 1 to 3.
    [InlineData("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Vector_of_the_rfc(string seed, string key, string message, string signature)
    {
        Assert.Equal(key, Convert.ToHexStringLower(Ed25519.PublicKey(Hex(seed))));
        Assert.Equal(signature, Convert.ToHexStringLower(Ed25519.Sign(Hex(seed), Hex(message))));
        Assert.True(Ed25519.Verify(Hex(key), Hex(message), Hex(signature)));
    }

    [Fact]
    public void Any_flipped_bit_is_seen()
    {
        var seed = new byte[32];
        var message = "message"u8.ToArray();
        var (key, signature) = (Ed25519.PublicKey(seed), Ed25519.Sign(seed, message));
        for (var bit = 0; bit < 512; bit += 7)
        {
            var other = signature.ToArray();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Ed25519.Verify(key, message, other));
        }
        Assert.False(Ed25519.Verify(key, "massage"u8, signature));
        Assert.False(Ed25519.Verify(key, message, signature.AsSpan(0, 63)));
        Assert.False(Ed25519.Verify(key.AsSpan(0, 31), message, signature));
    }

    [Fact] // RFC 8032 5.1.7: S is below L, or one signature would have several forms.
    public void Scalar_beyond_the_order_is_refused()
    {
        var seed = new byte[32];
        var signature = Ed25519.Sign(seed, []);
        var order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");
        var other = (new BigInteger(signature.AsSpan(32), isUnsigned: true) + order).ToByteArray(isUnsigned: true);
        Assert.False(Ed25519.Verify(Ed25519.PublicKey(seed), [], (byte[])[.. signature[..32], .. other]));
    }

    [Theory] // Points of order 1, 2, 4 and 8, and forms not below p: with such a key anything would verify.
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void Key_of_small_order_or_in_another_form_is_refused(string key)
    {
        var identity = new byte[64];
        identity[0] = 1;
        Assert.False(Ed25519.Verify(Hex(key), "anything"u8, identity));
    }

    [Fact]
    public void Numbers_agree_with_the_plain_definition()
    {
        var random = new Random(20_261_125);
        var order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");
        for (var round = 0; round < 200; round++)
        {
            var (a, b, c) = (new byte[32], new byte[32], new byte[64]);
            random.NextBytes(a);
            random.NextBytes(b);
            random.NextBytes(c);
            BigInteger Of(byte[] octets) => new(octets, isUnsigned: true);
            Assert.Equal(Of(c) % order, Of(EdScalar.Reduce(c)));
            Assert.Equal((Of(a) * Of(b) + Of(c[..32])) % order, Of(EdScalar.MultiplyAdd(a, b, c.AsSpan(0, 32))));
        }
    }
}
