using System.Buffers.Binary;

namespace PenguinMails.Mail.Auth;

/// <summary>A number modulo p = 2^255 - 19 in five limbs of 51 bits, each below 2^52 between operations. No branch depends on a value.</summary>
readonly record struct EdField(ulong A, ulong B, ulong C, ulong D, ulong E)
{
    const ulong Mask = (1UL << 51) - 1;

    public static readonly EdField Zero = new(0, 0, 0, 0, 0);
    public static readonly EdField One = new(1, 0, 0, 0, 0);

    public static EdField Of(ulong small) => new(small, 0, 0, 0, 0);

    public static EdField operator +(EdField x, EdField y) => Carry(x.A + y.A, x.B + y.B, x.C + y.C, x.D + y.D, x.E + y.E);

    // Four times p is added first, so that no limb goes below zero.
    public static EdField operator -(EdField x, EdField y) => Carry(
        x.A + ((Mask - 18) << 2) - y.A, x.B + (Mask << 2) - y.B, x.C + (Mask << 2) - y.C, x.D + (Mask << 2) - y.D, x.E + (Mask << 2) - y.E);

    public static EdField operator *(EdField x, EdField y)
    {
        // A limb beyond the fifth comes back times 19, since 2^255 is 19 modulo p.
        var (b19, c19, d19, e19) = (y.B * 19, y.C * 19, y.D * 19, y.E * 19);
        var a = Wide(x.A, y.A) + Wide(x.B, e19) + Wide(x.C, d19) + Wide(x.D, c19) + Wide(x.E, b19);
        var b = Wide(x.A, y.B) + Wide(x.B, y.A) + Wide(x.C, e19) + Wide(x.D, d19) + Wide(x.E, c19);
        var c = Wide(x.A, y.C) + Wide(x.B, y.B) + Wide(x.C, y.A) + Wide(x.D, e19) + Wide(x.E, d19);
        var d = Wide(x.A, y.D) + Wide(x.B, y.C) + Wide(x.C, y.B) + Wide(x.D, y.A) + Wide(x.E, e19);
        var e = Wide(x.A, y.E) + Wide(x.B, y.D) + Wide(x.C, y.C) + Wide(x.D, y.B) + Wide(x.E, y.A);
        b += a >> 51;
        c += b >> 51;
        d += c >> 51;
        e += d >> 51;
        return Carry(((ulong)a & Mask) + (19 * (ulong)(e >> 51)), (ulong)b & Mask, (ulong)c & Mask, (ulong)d & Mask, (ulong)e & Mask);
    }

    static UInt128 Wide(ulong x, ulong y)
    {
        var high = Math.BigMul(x, y, out var low);
        return new UInt128(high, low);
    }

    static EdField Carry(ulong a, ulong b, ulong c, ulong d, ulong e)
    {
        b += a >> 51;
        c += b >> 51;
        d += c >> 51;
        e += d >> 51;
        return new EdField((a & Mask) + (19 * (e >> 51)), b & Mask, c & Mask, d & Mask, e & Mask);
    }

    /// <summary>This when <paramref name="choose"/> is 0, the other when it is 1.</summary>
    public EdField Or(EdField other, ulong choose)
    {
        var mask = 0 - choose;
        return new EdField(A ^ (mask & (A ^ other.A)), B ^ (mask & (B ^ other.B)), C ^ (mask & (C ^ other.C)), D ^ (mask & (D ^ other.D)), E ^ (mask & (E ^ other.E)));
    }

    /// <summary>To the power 2^count.</summary>
    EdField Squared(int count)
    {
        var value = this;
        for (; count > 0; count--) value *= value;
        return value;
    }

    /// <summary>To the power 2^250 - 1, from which both exponents below are a few steps away.</summary>
    EdField Long()
    {
        var five = this * Squared(1) * Squared(2) * Squared(3) * Squared(4); // 2^5 - 1
        var ten = five.Squared(5) * five;
        var twenty = ten.Squared(10) * ten;
        var forty = twenty.Squared(20) * twenty;
        var fifty = forty.Squared(10) * ten;
        var hundred = fifty.Squared(50) * fifty;
        return (hundred.Squared(100) * hundred).Squared(50) * fifty;
    }

    /// <summary>1 / this, by the power p - 2 = 2^255 - 21; zero for zero.</summary>
    public EdField Inverse() => Long().Squared(5) * (this * Squared(1) * Squared(3));

    /// <summary>To the power (p - 5) / 8 = 2^252 - 3, for square roots (RFC 8032 5.1.3).</summary>
    public EdField RootPower() => Long().Squared(2) * this;

    /// <summary>To the power (p - 1) / 4 = 2^253 - 5, which of 2 is a root of -1.</summary>
    public EdField QuarterPower() => Long().Squared(3) * (this * Squared(1));

    /// <summary>Null when not below p: RFC 8032 5.1.3 refuses those.</summary>
    public static EdField? Read(ReadOnlySpan<byte> octets)
    {
        var (a, b, c, d) = (Limb(octets, 0), Limb(octets, 8), Limb(octets, 16), Limb(octets, 24) & (ulong.MaxValue >> 1));
        var value = new EdField(a & Mask, ((a >> 51) | (b << 13)) & Mask, ((b >> 38) | (c << 26)) & Mask, ((c >> 25) | (d << 39)) & Mask, d >> 12);
        var isBelow = value.A < Mask - 18 || (value.B & value.C & value.D & value.E) != Mask;
        return isBelow ? value : null;
    }

    static ulong Limb(ReadOnlySpan<byte> octets, int at) => BinaryPrimitives.ReadUInt64LittleEndian(octets[at..]);

    /// <summary>The one form below p, 32 octets.</summary>
    public byte[] Write()
    {
        var v = Carry(A, B, C, D, E);
        v = Carry(v.A, v.B, v.C, v.D, v.E);
        // One p too many shows in the carry out of v + 19.
        var over = (v.A + 19) >> 51;
        over = (v.B + over) >> 51;
        over = (v.C + over) >> 51;
        over = (v.D + over) >> 51;
        over = (v.E + over) >> 51;
        var a = v.A + (19 * over);
        var b = v.B + (a >> 51);
        var c = v.C + (b >> 51);
        var d = v.D + (c >> 51);
        var e = (v.E + (d >> 51)) & Mask; // What runs over the top is the p taken away.
        (a, b, c, d) = (a & Mask, b & Mask, c & Mask, d & Mask);
        var output = new byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(output, a | (b << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(output.AsSpan(8), (b >> 13) | (c << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(output.AsSpan(16), (c >> 26) | (d << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(output.AsSpan(24), (d >> 39) | (e << 12));
        return output;
    }

    public bool Same(EdField other) => Write().AsSpan().SequenceEqual(other.Write());
}
