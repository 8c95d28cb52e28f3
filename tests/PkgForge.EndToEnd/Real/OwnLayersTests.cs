using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Real;

/// <summary>Farms of the test distribution whose layers, and whose copy of the distribution, are a test's own.</summary>
public abstract class OwnLayersTests : RealFarmTests
{
    private protected const string Quick = "greet-noarch-1.0-1.src.rpm";

    /// <summary>A source with build dependencies.</summary>
    private protected const string Needing = "greet-1.0-1.src.rpm";

    private protected async Task<(TestFarm Farm, string Work)> MakeOwnFarmAsync(
        string more = "",
        string refresh = "1d",
        string keys = "gpgcheck: false",
        bool onOverlay = false,
        string? mirror = null
    )
    {
        await MakeRealFarmAsync();
        var work = await MakeWorkAsync();
        if (onOverlay)
            Keep(await OverlayMount.MakeAsync(work));
        await AsFarmAsync("cp", "-a", "--", Cache.Distribution, $"{work}/repo");
        var farm = await MakeFarmAsync(
            new()
            {
                Work = work,
                More = more,
                Recipes = $$"""
                  tiny12-x86_64:
                    format: rpm
                    repositories: { tiny: "{{mirror ?? $"file://{work}/repo"}}" }
                    releasever: "12"
                    {{keys}}
                    refresh: {{refresh}}
                    packages: [rpm-build, bash, coreutils, shadow-utils, util-linux, which]
                """,
            }
        );
        await farm.DoAsync("platform", "add", "tiny12", "x86_64", "--auto");
        await farm.DoAsync("builder", "add", "own", "tiny12", "x86_64");
        return (farm, work);
    }

    /// <summary>A work directory of a test's own; it goes with the test.</summary>
    private protected async Task<string> MakeWorkAsync() => Keep(await OwnWork.MakeAsync()).Path;

    private protected static async Task SucceedAsync(TestFarm farm, string id, string source = Quick)
    {
        var job = await BuildAsync(farm, "own", id, source);
        job.State.Should().Be("successful", await WhyAsync(farm, id));
    }

    private protected static string Layer(string work, string begin, params string[] not) =>
        Directory
            .EnumerateDirectories($"{work}/layers", $"{begin}*")
            .Single(path => !not.Contains(Path.GetFileName(path)));

    private protected static string Layer(string work, string begin, string not, string other) =>
        Layer(work, begin, [not, other]);

    /// <summary>A directory on a file system that takes no tops: it is an overlay itself, as in a container.</summary>
    private sealed class OverlayMount(string path) : IAsyncDisposable
    {
        public static async Task<OverlayMount> MakeAsync(string path)
        {
            Executable.RequireRoot("only root may mount");
            foreach (var part in new[] { "below", "above", "beside" })
                await AsFarmAsync("mkdir", "-p", "--", $"{path}-{part}");
            var options = $"lowerdir={path}-below,upperdir={path}-above,workdir={path}-beside";
            var mount = await FarmProcess
                .Start(new("mount", ["-t", "overlay", "-o", options, "overlay", path]))
                .EndAsync();
            mount.ExitCode.Should().Be(0, "{0}", mount);
            return new(path);
        }

        public async ValueTask DisposeAsync()
        {
            await FarmProcess.Start(new("umount", [path])).EndAsync();
            foreach (var part in new[] { "below", "above", "beside" })
                await FarmProcess.Start(new("rm", ["-rf", "--", $"{path}-{part}"])).EndAsync();
        }
    }
}
