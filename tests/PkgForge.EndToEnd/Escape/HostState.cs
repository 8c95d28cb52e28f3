using System.Diagnostics;

namespace PkgForge.EndToEnd.Escape;

/// <summary>What a build might change of the machine as a whole.</summary>
internal sealed record HostState(IReadOnlyDictionary<string, string> Values)
{
    private static readonly string[] Files =
    [
        "/proc/sys/kernel/hostname",
        "/proc/sys/kernel/domainname",
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/kernel/modprobe",
        "/proc/sys/kernel/panic",
        "/proc/sys/net/ipv4/ip_forward",
        "/proc/sys/vm/overcommit_memory",
        "/proc/swaps",
        "/proc/modules",
        "/etc/passwd",
    ];

    /// <summary>Reads it.</summary>
    public static HostState Read()
    {
        var values = Files.Where(File.Exists).ToDictionary(path => path, File.ReadAllText, StringComparer.Ordinal);
        values["mode of /dev/null"] = $"{File.GetUnixFileMode("/dev/null")}";
        values["/dev/full is there"] = $"{File.Exists("/dev/full")}";
        // The wall clock against the clock that nobody can set, to the minute.
        var boot =
            TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(Stopwatch.GetTimestamp() / Stopwatch.Frequency);
        values["the clock"] = $"{Math.Round(boot.ToUnixTimeSeconds() / 60.0 / 10)}";
        return new(values);
    }

    /// <summary>What is not as it was.</summary>
    public IEnumerable<string> Differences(HostState before) =>
        Values.Where(value => before.Values[value.Key] != value.Value).Select(value => $"{value.Key} has changed");
}
