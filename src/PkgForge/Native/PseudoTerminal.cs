using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PkgForge.Native;

/// <summary>
/// A terminal of its own for a program that is not trusted (pty(7)): with the caller's own terminal it could type into what the caller does next.
/// </summary>
public sealed unsafe class PseudoTerminal : IDisposable
{
    private const int LongestPath = 64;

    private readonly SafeFileHandle held;

    private PseudoTerminal(SafeFileHandle master, string path)
    {
        (Master, Path) = (master, path);
        // Without anybody at the program's end, reading would end before the program has begun.
        held = FileSystem.Handle(
            Libc.open(FileSystem.Bytes(path), Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC, 0),
            "open terminal",
            path
        );
    }

    /// <summary>This process' end: what is written is what the program reads as typed.</summary>
    public SafeFileHandle Master { get; }

    /// <summary>The program's end.</summary>
    public string Path { get; }

    /// <summary>Makes one.</summary>
    /// <exception cref="PosixException">The machine has none.</exception>
    public static PseudoTerminal Open()
    {
        var master = FileSystem.Handle(
            Libc.posix_openpt(Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC),
            "open",
            "/dev/ptmx"
        );
        try
        {
            FileSystem.Check(Libc.grantpt(master), "make", "a terminal");
            FileSystem.Check(Libc.unlockpt(master), "unlock", "a terminal");
            var name = new byte[LongestPath];
            FileSystem.Check(-Libc.ptsname_r(master, name, LongestPath), "find the name of", "a terminal");
            return new(master, Encoding.ASCII.GetString(name).TrimEnd('\0'));
        }
        catch
        {
            master.Dispose();
            throw;
        }
    }

    /// <summary>Makes it as large as the caller's terminal is now; the program is told.</summary>
    public void TakeSize()
    {
        // struct winsize: four numbers of 16 bits.
        ulong size;
        if (Libc.ioctl(CallerTerminal.Input, Libc.TIOCGWINSZ, &size) == 0)
            _ = Libc.ioctl(Master, Libc.TIOCSWINSZ, &size);
    }

    /// <summary>The program has ended: whoever reads gets the rest, and then the end (EIO).</summary>
    public void LetGo() => held.Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        held.Dispose();
        Master.Dispose();
    }
}

/// <summary>The terminal that this process was started at.</summary>
public static unsafe class CallerTerminal
{
    /// <summary>Larger than struct termios is anywhere.</summary>
    private const int SettingsSize = 256;

    /// <summary>Standard input.</summary>
    internal static SafeFileHandle Input { get; } = new(0, ownsHandle: false);

    /// <summary>True when standard input and output are a terminal.</summary>
    public static bool IsThere => Libc.isatty(0) == 1 && Libc.isatty(1) == 1;

    /// <summary>
    /// Hands every key on as it is, Ctrl-C too, until disposed. If the process is killed meanwhile the terminal stays so; <c>stty sane</c> puts it right.
    /// </summary>
    public static IDisposable MakeRaw()
    {
        var before = new byte[SettingsSize];
        FileSystem.Check(Libc.tcgetattr(0, before), "ask the settings of", "the terminal");
        var raw = before.ToArray();
        Libc.cfmakeraw(raw);
        Set(raw);
        return new Restored(before);
    }

    private static void Set(byte[] settings) => FileSystem.Check(Libc.tcsetattr(0, 0, settings), "set", "the terminal");

    private sealed class Restored(byte[] settings) : IDisposable
    {
        public void Dispose() => Set(settings);
    }
}
