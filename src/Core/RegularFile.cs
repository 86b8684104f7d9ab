using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace PenguinMails.Core;

/// <summary>Tells files from pipes and devices: to open a pipe nobody writes to waits for ever, and a device may never end.</summary>
public static class RegularFile
{
    const int FromCurrentFolder = -100;
    const uint TypeWanted = 1;

    // The layout of struct statx is the same on every architecture, unlike that of struct stat.
    const int Octets = 256;
    const int ModeAt = 28;
    const int TypeMask = 0xF000;
    const int Regular = 0x8000;
    const int Folder = 0x4000;

    static readonly string[] HandedOver = ["/dev/fd/", "/proc/self/fd/"];

    /// <summary>What lies at the path, links followed, is neither file nor folder; false too when there is nothing, and for what the shell hands over open, such as <c>/dev/stdin</c>: somebody writes to that.</summary>
    public static bool IsPipeOrDevice(string path)
    {
        if (path is "/dev/stdin" || HandedOver.Any(folder => path.StartsWith(folder, StringComparison.Ordinal))) return false;
        var found = new byte[Octets];
        if (statx(FromCurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), 0, TypeWanted, found) != 0) return false;
        return (BinaryPrimitives.ReadUInt16LittleEndian(found.AsSpan(ModeAt)) & TypeMask) is not (Regular or Folder);
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int statx(int folder, byte[] path, int flags, uint mask, byte[] found);
}
