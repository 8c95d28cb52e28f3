using System.Runtime.InteropServices;
using PkgForge.Platforms;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Roots;

/// <summary>Which architectures of platforms this machine runs: its own, its 32-bit sister, and those that the kernel hands to an emulator.</summary>
internal static class MachineArchitecture
{
    private const string Emulators = "/proc/sys/fs/binfmt_misc";

    private static readonly string[] Intel = ["amd64", "x86_64"];
    private static readonly string[] Intel32 = ["i386", "i486", "i586", "i686"];
    private static readonly string[] Arm = ["arm64", "aarch64"];
    private static readonly string[] Arm32 = ["armhf", "armel", "armv7hl"];

    /// <summary>The distributions' words for an architecture, and the emulator's.</summary>
    private static readonly Dictionary<string, string> Emulated = new(StringComparer.OrdinalIgnoreCase)
    {
        ["amd64"] = "x86_64",
        ["arm64"] = "aarch64",
        ["armhf"] = "arm",
        ["armel"] = "arm",
        ["armv7hl"] = "arm",
        ["ppc64el"] = "ppc64le",
        ["i686"] = "i386",
    };

    /// <exception cref="MachineLacksException">Programs of the platform cannot run here.</exception>
    public static void Require(PlatformKey platform)
    {
        if (Lacks(platform.Architecture) is { } missing)
            throw new MachineLacksException(
                $"this machine ({RuntimeInformation.OSArchitecture}) cannot run programs of {platform.Architecture}: {missing}, or give the "
                    + "platform a builder on another machine"
            );
    }

    /// <summary>True when a 32-bit platform runs here beside its 64-bit sister: its builds are to see a 32-bit machine.</summary>
    public static bool IsNarrow(string architecture) =>
        IsHere(Architecture.X64) && Is(Intel32, architecture) || IsHere(Architecture.Arm64) && Is(Arm32, architecture);

    /// <summary>What is missing, and what to do about it; null when nothing is.</summary>
    private static string? Lacks(string architecture)
    {
        if (IsNarrow(architecture))
            return NarrowProgram.Runs
                ? null
                : "its kernel refuses 32-bit programs (Linux: CONFIG_IA32_EMULATION or CONFIG_COMPAT, and no ia32_emulation=off; some virtual "
                    + "machines have none). Use a kernel that runs them";
        if (IsOwn(architecture))
            return null;
        var entry = $"{Emulators}/qemu-{Emulator(architecture)}";
        return File.Exists(entry)
            ? EntryLacks(entry, File.ReadAllText(entry))
            : $"install an emulator for them ({entry} is not there; Debian: qemu-user-static and binfmt-support)";
    }

    /// <summary>
    /// What an entry of the kernel's for a format of programs lacks: it must be enabled, and its emulator opened beforehand (flag F), because roots do not have it
    /// (the kernel's documentation of binfmt_misc).
    /// </summary>
    internal static string? EntryLacks(string entry, string text)
    {
        var lines = text.Split('\n');
        if (!lines.Contains("enabled"))
            return $"{entry} is not enabled: write 1 into it";
        return Array.Exists(lines, line => line.StartsWith("flags:", StringComparison.Ordinal) && line.Contains('F'))
            ? null
            : $"{entry} has not the flag F, without which roots do not find the emulator: install one that sets it (Debian: qemu-user-static)";
    }

    private static bool IsOwn(string architecture) =>
        architecture is "any" or "noarch" or "all"
        || IsHere(Architecture.X64) && Is(Intel, architecture)
        || IsHere(Architecture.Arm64) && Is(Arm, architecture)
        || string.Equals(
            architecture,
            RuntimeInformation.OSArchitecture.ToString(),
            StringComparison.OrdinalIgnoreCase
        );

    private static string Emulator(string architecture) => Emulated.GetValueOrDefault(architecture, architecture);

    private static bool IsHere(Architecture mine) => RuntimeInformation.OSArchitecture == mine;

    private static bool Is(string[] words, string architecture) =>
        words.Contains(architecture, StringComparer.OrdinalIgnoreCase);
}
