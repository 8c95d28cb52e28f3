using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// Whether a 64-bit machine runs programs of its 32-bit sister. A processor without that mode, a kernel without it, a kernel that was told
/// to leave it (<c>ia32_emulation=off</c>) and a virtual machine that lacks it cannot be told by what /proc says: a program of 93 bytes is run.
/// </summary>
internal static class NarrowProgram
{
    /// <summary>ENOEXEC of execve(2): the kernel has nothing that runs a program of this kind.</summary>
    private const int NotAProgram = 8;

    private static bool? refused;

    /// <summary>False when the machine has refused such a program. An answer is kept: it holds until the next start of the machine.</summary>
    public static bool Runs => !((refused ??= IsRefused(Write(RuntimeInformation.OSArchitecture))) ?? false);

    /// <summary>A program that ends with 0, as ELF32 (System V ABI, chapter 4): its head, one segment, and its instructions.</summary>
    internal static byte[] Write(Architecture wide)
    {
        // Machine, flags, and exit(0): svc 0 with r7 1 on arm (EABI 5); int 0x80 with eax 1 on i386.
        (ushort machine, int flags, byte[] code) =
            wide == Architecture.Arm64
                ? (
                    (ushort)40,
                    0x05000000,
                    new byte[] { 0x00, 0x00, 0xa0, 0xe3, 0x01, 0x70, 0xa0, 0xe3, 0x00, 0x00, 0x00, 0xef }
                )
                : ((ushort)3, 0, new byte[] { 0xb8, 0x01, 0x00, 0x00, 0x00, 0x31, 0xdb, 0xcd, 0x80 });
        const int head = 52;
        const int segment = 32;
        const int at = 0x10000;
        using var program = new MemoryStream();
        using var to = new BinaryWriter(program);
        to.Write([0x7f, (byte)'E', (byte)'L', (byte)'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        to.Write((ushort)2);
        to.Write(machine);
        Words(to, 1, at + head + segment, head, 0, flags);
        foreach (var size in new ushort[] { head, segment, 1, 0, 0, 0 })
            to.Write(size);
        var all = head + segment + code.Length;
        Words(to, 1, 0, at, at, all, all, 5, 0x1000);
        to.Write(code);
        return program.ToArray();
    }

    /// <summary>
    /// True when the program was not run to its end for what it is, false when it was. Null where something else was in the way, which says nothing of the
    /// machine's programs: another thread that starts a program just then has the file open for writing for a moment.
    /// </summary>
    internal static bool? IsRefused(byte[] program)
    {
        var directory = Directory.CreateTempSubdirectory("pkgforge-");
        try
        {
            var file = Path.Combine(directory.FullName, "narrow");
            File.WriteAllBytes(file, program);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            using var run = Process.Start(new ProcessStartInfo(file));
            run!.WaitForExit();
            return run.ExitCode != 0;
        }
        catch (Win32Exception e)
        {
            return e.NativeErrorCode == NotAProgram ? true : null;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static void Words(BinaryWriter to, params ReadOnlySpan<int> words)
    {
        foreach (var word in words)
            to.Write(word);
    }
}
