using System.Runtime.InteropServices;
using System.Text;

namespace PenguinMails.Secrets.Keys;

/// <summary>scrypt (RFC 7914) from OpenSSL 3's libcrypto, the library .NET itself uses on Linux; the BCL has no memory-hard function.</summary>
static class Scrypt
{
    const string Library = "libcrypto.so.3";

    /// <summary>Memory is 1 KiB times N: 128 MiB at the default of 2^17.</summary>
    public const int CostLog2Default = 17;

    const int BlockSize = 8;
    const int KeyBytes = 32;

    /// <param name="costLog2">N as a power of two, 14 to 20; about 0.4 s at 17.</param>
    /// <exception cref="InvalidOperationException">libcrypto refused, for want of memory or by its policy.</exception>
    public static byte[] Derive(string passphrase, byte[] salt, int costLog2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(costLog2, 14);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(costLog2, 20);
        return Derive(Encoding.UTF8.GetBytes(passphrase), salt, 1UL << costLog2, BlockSize, 1, KeyBytes);
    }

    internal static byte[] Derive(byte[] passphrase, byte[] salt, ulong cost, int blockSize, int parallel, int length)
    {
        var key = new byte[length];
        var memoryMax = 128UL * cost * (ulong)blockSize + 128UL * (ulong)blockSize * (ulong)parallel + (1 << 20);
        return EVP_PBE_scrypt(passphrase, (nuint)passphrase.Length, salt, (nuint)salt.Length, cost, (ulong)blockSize, (ulong)parallel, memoryMax, key, (nuint)length) == 1
            ? key
            : throw new InvalidOperationException($"scrypt with {memoryMax >> 20} MiB of memory was refused by libcrypto. Free memory, or use a key file instead of a passphrase.");
    }

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int EVP_PBE_scrypt(byte[] pass, nuint passLength, byte[] salt, nuint saltLength, ulong n, ulong r, ulong p, ulong memoryMax, byte[] key, nuint keyLength);
}
