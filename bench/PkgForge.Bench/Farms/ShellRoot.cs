using System.Globalization;
using PkgForge.Bench.Measuring;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Farms;

/// <summary>The floor under a root: the same mounts and namespaces, made from a shell (<c>inputs/shell-root</c>).</summary>
internal static class ShellRoot
{
    /// <summary>Milliseconds from before the shell starts to its end, when the root is gone again.</summary>
    public static async Task<double> WholeAsync(string top, IReadOnlyList<string> layers, IReadOnlyList<string> command)
    {
        var started = TimeProvider.System.GetTimestamp();
        await FirstInstructionAsync(top, layers, command);
        return TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>Milliseconds from before the shell starts to what the command in the root prints as its first instruction.</summary>
    public static async Task<double> FirstInstructionAsync(
        string top,
        IReadOnlyList<string> layers,
        IReadOnlyList<string> command
    )
    {
        var limits = new BuildLimits();
        Directory.CreateDirectory(top);
        var size = limits.Root.ToString(CultureInfo.InvariantCulture);
        var processes = limits.Processes.ToString(CultureInfo.InvariantCulture);
        var user = Step.BuildUser.ToString(CultureInfo.InvariantCulture);
        var output = new CapturedOutput();
        var started = TimeProvider.System.GetUtcNow();
        var result = await Tool.RunAsync(
            new(
                "sh",
                [Place.Script("inputs/shell-root"), top, string.Join(':', layers), size, processes, user, .. command]
            ),
            output
        );
        return result.Succeeded
            ? (RootFarm.FirstInstruction(output.Text) - started).TotalMilliseconds
            : throw new CannotMeasureException($"the root from a shell: {output.Tail()}");
    }
}
