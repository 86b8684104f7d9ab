using System.Buffers.Binary;

namespace PenguinMails.Mail.Auth;

/// <summary>Numbers modulo the order of the generator, L = 2^252 + 27742317777372353535851937790883648493; little-endian octets outside, four limbs inside. No branch depends on a value.</summary>
static class EdScalar
{
    static readonly ulong[] Order = [0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000];

    /// <summary>Below L, as RFC 8032 5.1.7 demands of S.</summary>
    public static bool IsReduced(ReadOnlySpan<byte> octets)
    {
        Span<ulong> rest = stackalloc ulong[4];
        Limbs(octets, rest);
        return Subtract(rest, rest) == 1;
    }

    /// <summary>Up to 64 octets modulo L, bit by bit from the top: as slow as it is plain, about 5 µs.</summary>
    public static byte[] Reduce(ReadOnlySpan<byte> octets)
    {
        Span<ulong> rest = stackalloc ulong[4];
        Span<ulong> less = stackalloc ulong[4];
        rest.Clear();
        for (var bit = (octets.Length * 8) - 1; bit >= 0; bit--)
        {
            for (var i = 3; i > 0; i--) rest[i] = (rest[i] << 1) | (rest[i - 1] >> 63);
            rest[0] = (rest[0] << 1) | (uint)((octets[bit >> 3] >> (bit & 7)) & 1);
            var keep = 0 - Subtract(rest, less); // All ones when rest was below L.
            for (var i = 0; i < 4; i++) rest[i] = (rest[i] & keep) | (less[i] & ~keep);
        }
        var output = new byte[32];
        for (var i = 0; i < 4; i++) BinaryPrimitives.WriteUInt64LittleEndian(output.AsSpan(i * 8), rest[i]);
        return output;
    }

    /// <summary>one · two + three modulo L.</summary>
    public static byte[] MultiplyAdd(ReadOnlySpan<byte> one, ReadOnlySpan<byte> two, ReadOnlySpan<byte> three)
    {
        Span<ulong> a = stackalloc ulong[4];
        Span<ulong> b = stackalloc ulong[4];
        Span<ulong> sum = stackalloc ulong[8];
        sum.Clear();
        Limbs(one, a);
        Limbs(two, b);
        Limbs(three, sum);
        for (var i = 0; i < 4; i++)
        {
            UInt128 carry = 0;
            for (var j = 0; j < 4; j++)
            {
                carry += ((UInt128)a[i] * b[j]) + sum[i + j];
                sum[i + j] = (ulong)carry;
                carry >>= 64;
            }
            for (var j = i + 4; j < 8; j++)
            {
                carry += sum[j];
                sum[j] = (ulong)carry;
                carry >>= 64;
            }
        }
        Span<byte> octets = stackalloc byte[64];
        for (var i = 0; i < 8; i++) BinaryPrimitives.WriteUInt64LittleEndian(octets[(i * 8)..], sum[i]);
        return Reduce(octets);
    }

    static void Limbs(ReadOnlySpan<byte> octets, Span<ulong> limbs)
    {
        for (var i = 0; i < 4; i++) limbs[i] = BinaryPrimitives.ReadUInt64LittleEndian(octets[(i * 8)..]);
    }

    /// <returns>1 when the value was below L, and then the result is of no use.</returns>
    static ulong Subtract(ReadOnlySpan<ulong> value, Span<ulong> result)
    {
        ulong borrow = 0;
        for (var i = 0; i < 4; i++)
        {
            var difference = (UInt128)value[i] - Order[i] - borrow;
            result[i] = (ulong)difference;
            borrow = (ulong)(difference >> 64) & 1;
        }
        return borrow;
    }
}
