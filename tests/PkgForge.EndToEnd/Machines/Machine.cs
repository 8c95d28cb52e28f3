using System.Formats.Tar;
using System.Globalization;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Machines;

/// <summary>
/// A machine of its own: Debian 12 as it is installed, with its kernel, systemd, and control groups of version 2, emulated by qemu, without network. It boots, does what
/// <c>tests/machine/main</c> says, and is gone.
/// </summary>
internal static class Machine
{
    private const string Emulator = "/usr/bin/qemu-system-x86_64";

    /// <summary>What it does takes five minutes where nothing else runs.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(25);

    // What it prints while it boots goes to the first serial port, and so to this process.
    private const string Kernel =
        "console=ttyS0 panic=-1 root=/dev/vda rw quiet systemd.show_status=0 systemd.mask=serial-getty@ttyS0.service "
        + "systemd.run=/usr/local/sbin/run-disk systemd.run_success_action=poweroff systemd.run_failure_action=poweroff";

    /// <summary>Skips or fails the test where there is nothing to emulate it by.</summary>
    public static void Require()
    {
        Executable.RequireUser();
        Executable.Require(Executable.Program.Count == 1, "PKGFORGE_EXECUTABLE names no native executable");
        Executable.Require(
            File.Exists(Emulator),
            $"{Emulator} is missing: tests/environment test installs it (Debian: qemu-system-x86)"
        );
    }

    /// <summary>Boots it.</summary>
    /// <param name="packages">What it has installed.</param>
    /// <param name="files">What <c>main</c> finds beside itself.</param>
    /// <returns>What <c>main</c> printed, by part.</returns>
    public static async Task<IReadOnlyDictionary<string, MachinePart>> RunAsync(
        IReadOnlyList<string> packages,
        IReadOnlyDictionary<string, string> files
    )
    {
        await Cache.ReadyAsync();
        var image = $"{Cache.Directory}/machine";
        await DoAsync(TimeSpan.FromMinutes(10), [$"{Cache.Directory}/scripts/machine/make", image, .. packages]);
        var place = $"{Cache.Directory}/machine-{Guid.NewGuid():N}";
        await DoAsync(TimeSpan.FromMinutes(1), "mkdir", "--", place);
        try
        {
            await WriteDiskAsync($"{place}/disk.tar", files);
            await DoAsync(Longest, ["env", $"TMPDIR={place}", .. Emulate(image, place)]);
            return MachinePart.Read(await File.ReadAllTextAsync($"{place}/said"));
        }
        finally
        {
            await DoAsync(TimeSpan.FromMinutes(1), "rm", "-rf", "--", place);
        }
    }

    private static string[] Emulate(string image, string place) =>
        [
            Emulator,
            .. "-machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 3072".Split(' '),
            .. "-nodefaults -no-user-config -display none -no-reboot -serial stdio".Split(' '),
            "-serial",
            $"file:{place}/said",
            "-kernel",
            $"{image}/kernel",
            "-initrd",
            $"{image}/initrd",
            // What it writes to its disk goes with it.
            "-drive",
            $"file={image}/disk,if=virtio,format=raw,snapshot=on",
            "-drive",
            $"file={place}/disk.tar,if=virtio,format=raw,readonly=on",
            "-append",
            Kernel,
        ];

    private static async Task WriteDiskAsync(string path, IReadOnlyDictionary<string, string> files)
    {
        await using var tar = new TarWriter(File.Create(path), TarEntryFormat.Pax);
        foreach (var (name, file) in files)
            await tar.WriteEntryAsync(file, name);
    }

    private static async Task DoAsync(TimeSpan atMost, params string[] command)
    {
        var done = await FarmProcess.Start(Executable.AsUser(command)).EndAsync(atMost);
        done.ExitCode.Should().Be(0, "of {0}, which printed:\n{1}", command[0], done);
    }
}

/// <summary>A part of what a machine did.</summary>
/// <param name="ExitCode">Of its command.</param>
/// <param name="Said">What that printed.</param>
internal sealed record MachinePart(int ExitCode, string Said)
{
    /// <summary>Reads <c>### NAME</c>, what was printed, and <c>=== EXIT CODE</c>, again and again.</summary>
    public static IReadOnlyDictionary<string, MachinePart> Read(string text)
    {
        var parts = new Dictionary<string, MachinePart>(StringComparer.Ordinal);
        foreach (var part in $"\n{text.ReplaceLineEndings("\n")}".Split("\n### ").Skip(1))
        {
            var begin = part.Split('\n', 2);
            if (begin.Length == 2 && begin[1].LastIndexOf("=== ", StringComparison.Ordinal) is >= 0 and var end)
                parts[begin[0]] = new(
                    int.Parse(begin[1][(end + 4)..].Trim(), CultureInfo.InvariantCulture),
                    begin[1][..end]
                );
        }
        return parts;
    }
}
