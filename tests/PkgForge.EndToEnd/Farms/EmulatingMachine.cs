using System.Diagnostics;
using AwesomeAssertions;
using Xunit;

namespace PkgForge.EndToEnd.Farms;

/// <summary>
/// This machine, but with an emulator for programs of arm64: in user and mount namespaces with a <c>binfmt_misc</c> of their own (Linux 6.7). All ids are
/// mapped as they are, and the machine itself learns nothing of it.
/// </summary>
internal sealed class EmulatingMachine : IAsyncDisposable
{
    private const string Emulator = "/usr/lib/binfmt.d/qemu-aarch64.conf";

    private const string Script = """
        set -e
        echo made
        read -r mapped
        mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
        cat "$0" > /proc/sys/fs/binfmt_misc/register
        echo ready
        read -r end
        """;

    private readonly Process holder;

    private EmulatingMachine(Process holder) => this.holder = holder;

    /// <summary>Makes one, or skips the test.</summary>
    public static async Task<EmulatingMachine> MakeAsync()
    {
        Executable.RequireRoot("only root can map all users");
        Executable.Require(File.Exists(Emulator), "qemu-user-static is missing: tests/environment test installs it");
        var start = Executable.Clean(["unshare", "--user", "--mount", "--", "sh", "-c", Script, Emulator]);
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        var machine = new EmulatingMachine(Process.Start(start)!);
        try
        {
            await machine.MapAsync();
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a command of pkgforge on it.</summary>
    public FarmProcess Start(TestFarm farm, params string[] words)
    {
        var inside = Executable.Start([.. words, "-c", farm.Configuration]);
        string[] enter = ["nsenter", "--target", $"{holder.Id}", "--user", "--mount", "--"];
        return farm.Run(FarmProcess.Start(Executable.Clean([.. enter, inside.FileName, .. inside.ArgumentList])));
    }

    public async ValueTask DisposeAsync()
    {
        holder.StandardInput.Close();
        await holder.WaitForExitAsync();
        holder.Dispose();
    }

    private async Task MapAsync()
    {
        (await holder.StandardOutput.ReadLineAsync()).Should().Be("made");
        foreach (var ids in new[] { "uid_map", "gid_map" })
            await File.WriteAllTextAsync($"/proc/{holder.Id}/{ids}", $"0 0 {uint.MaxValue}");
        await holder.StandardInput.WriteLineAsync();
        Assert.SkipUnless(
            await holder.StandardOutput.ReadLineAsync() == "ready",
            "this kernel has no binfmt_misc for namespaces"
        );
    }
}
