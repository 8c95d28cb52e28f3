using System.ComponentModel;
using System.Runtime.InteropServices;

namespace PkgForge.Native;

/// <summary>
/// The system calls that nothing in a root has a use for, and that have the worst record: they fail with EPERM. It is a list of
/// what is refused, so that it breaks no build; the walls are the namespaces. With it goes no-new-privs.
/// </summary>
public static unsafe class SystemCallFilter
{
    // Numbers on x86-64, i386, arm64, arm; -1 where there is none.
    private static readonly (string Name, int X64, int X86, int Arm64, int Arm)[] Refused =
    [
        ("acct", 163, 51, 89, 51),
        ("add_key", 248, 286, 217, 309),
        ("bpf", 321, 357, 280, 386),
        ("clock_settime", 227, 264, 112, 262),
        ("clock_settime64", -1, 404, -1, 404),
        ("delete_module", 176, 129, 106, 129),
        ("fanotify_init", 300, 338, 262, 367),
        ("finit_module", 313, 350, 273, 379),
        ("init_module", 175, 128, 105, 128),
        ("io_uring_enter", 426, 426, 426, 426),
        ("io_uring_register", 427, 427, 427, 427),
        ("io_uring_setup", 425, 425, 425, 425),
        ("ioperm", 173, 101, -1, -1),
        ("iopl", 172, 110, -1, -1),
        ("kexec_file_load", 320, -1, 294, 401),
        ("kexec_load", 246, 283, 104, 347),
        ("keyctl", 250, 288, 219, 311),
        ("open_by_handle_at", 304, 342, 265, 371),
        ("perf_event_open", 298, 336, 241, 364),
        ("pivot_root", 155, 217, 41, 218),
        ("quotactl", 179, 131, 60, 131),
        ("quotactl_fd", 443, 443, 443, 443),
        ("reboot", 169, 88, 142, 88),
        ("request_key", 249, 287, 218, 310),
        ("settimeofday", 164, 79, 170, 79),
        ("swapoff", 168, 115, 225, 115),
        ("swapon", 167, 87, 224, 87),
        ("syslog", 103, 103, 116, 103),
        ("userfaultfd", 323, 374, 282, 388),
        ("vhangup", 153, 111, 58, 111),
    ];

    private const ushort Load = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint Allow = 0x7fff0000;
    private const uint RefuseAsForbidden = 0x00050000 | 1;

    /// <summary>AUDIT_ARCH_X86_64: the only one whose numbers may have the bit of x32.</summary>
    private const uint X64 = 0xc000003e;

    [ThreadStatic]
    private static bool applied;

    /// <summary>Puts the filter on the calling thread, if that has none yet, and on all that it starts from now on.</summary>
    /// <exception cref="Win32Exception">The kernel has no such filters.</exception>
    public static void Apply()
    {
        if (applied)
            return;
        var program = Program();
        Require(Libc.prctl(Libc.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no-new-privs");
        fixed (Instruction* first = program)
        {
            var filter = new Filter { Length = (ushort)program.Length, First = first };
            Require(
                Libc.prctl(Libc.PR_SET_SECCOMP, Libc.SECCOMP_MODE_FILTER, (nuint)(&filter), 0, 0),
                "the filter of system calls"
            );
        }
        applied = true;
    }

    /// <summary>For each architecture: is it this one? Then is the number one of these? What is of no known one is allowed.</summary>
    internal static Instruction[] Program() =>
        [
            .. Section(X64, call => call.X64),
            .. Section(0x40000003, call => call.X86),
            .. Section(0xc00000b7, call => call.Arm64),
            .. Section(0x40000028, call => call.Arm),
            new(Return, 0, 0, Allow),
        ];

    private static IEnumerable<Instruction> Section(
        uint architecture,
        Func<(string, int X64, int X86, int Arm64, int Arm), int> number
    )
    {
        var numbers = Refused.Select(number).Where(n => n >= 0).Select(n => (uint)n).ToList();
        // The x32 numbers of the same calls: a second way in on x86-64.
        if (architecture == X64)
            numbers.AddRange([.. numbers.Select(n => n | 0x40000000)]);
        var length = numbers.Count;
        yield return new(Load, 0, 0, 4);
        yield return new(JumpIfEqual, 0, (byte)(length + 3), architecture);
        yield return new(Load, 0, 0, 0);
        for (var i = 0; i < length; i++)
            yield return new(JumpIfEqual, (byte)(length - i), 0, numbers[i]);
        yield return new(Return, 0, 0, Allow);
        yield return new(Return, 0, 0, RefuseAsForbidden);
    }

    private static void Require(int result, string what)
    {
        if (result != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"the kernel refuses {what}");
    }

    /// <summary><c>struct sock_filter</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    /// <summary><c>struct sock_fprog</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Filter
    {
        public ushort Length;
        public Instruction* First;
    }
}
