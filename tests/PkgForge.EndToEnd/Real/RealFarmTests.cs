using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Server;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>Real builds: <c>bookworm-amd64</c> from Debian's archive, and <c>tiny12-x86_64</c> from the test distribution.</summary>
[Trait("category", "Real")]
public abstract class RealFarmTests : FarmTests
{
    private protected const string Debian = "bookworm-amd64";
    private protected const string Rpm = "tiny12-x86_64";

    /// <summary>Making the first base layer of a machine takes half a minute and more.</summary>
    private protected static readonly TimeSpan LongestBuild = TimeSpan.FromMinutes(10);

    private static int farms;

    private readonly string prefix = $"t{Environment.ProcessId}-{Interlocked.Increment(ref farms)}";

    /// <summary>The builder of the Debian platform. Names are the test's own: the work directory is shared.</summary>
    private protected string Deb1 => $"{prefix}-deb1";

    /// <summary>What builds Debian's source packages.</summary>
    private protected virtual string DebianDriver => "roots";

    /// <summary>What builds SRPMs.</summary>
    private protected virtual string RpmDriver => "roots";

    private protected string Rpm1 => $"{prefix}-rpm1";

    private protected async Task<TestFarm> MakeRealFarmAsync(
        string more = "",
        string? registry = null,
        string checks = "off"
    )
    {
        Executable.RequireUser();
        foreach (
            var tool in new[]
            {
                "mmdebstrap",
                "newuidmap",
                "dnf",
                "rpmbuild",
                "createrepo_c",
                "apt-ftparchive",
                "bwrap",
            }
        )
            Executable.Require(
                File.Exists($"/usr/bin/{tool}"),
                $"{tool} is missing: tests/environment test installs it"
            );
        await Cache.ReadyAsync();
        Keep(new SharedBuilders(prefix));
        var recipes = $$"""
              bookworm-amd64: { format: debian, driver: {{DebianDriver}} }
              tiny12-x86_64:
                format: rpm
                driver: {{RpmDriver}}
                repositories: { tiny: "file://{{Cache.Distribution}}" }
                releasever: "12"
                gpgcheck: false
                packages: [rpm-build, bash, coreutils, shadow-utils, util-linux, which]
            """;
        var farm = await MakeFarmAsync(
            new()
            {
                Work = Cache.Work,
                More = more,
                Recipes = recipes,
                Registry = registry,
                Checks = checks,
            }
        );
        await farm.DoAsync("platform", "add", "bookworm", "amd64", "--auto");
        await farm.DoAsync("platform", "add", "tiny12", "x86_64", "--auto");
        await farm.DoAsync("builder", "add", Deb1, "bookworm", "amd64");
        await farm.DoAsync("builder", "add", Rpm1, "tiny12", "x86_64");
        return farm;
    }

    /// <summary>Submits one job, takes it, and builds all that waits for one builder.</summary>
    private protected static async Task<JobStatus> BuildAsync(
        TestFarm farm,
        string builder,
        string id,
        params string[] names
    )
    {
        await farm.SubmitAsync(id, [.. names.Select(name => Path.IsPathRooted(name) ? name : Cache.Source(name))]);
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, builder);
        return await farm.StatusAsync(id);
    }

    private protected static async Task BuildAllAsync(TestFarm farm, string builder)
    {
        var built = await farm.Start("buildd", "--name", builder).EndAsync(LongestBuild);
        built.ExitCode.Should().Be(0, "but it printed:\n{0}", built);
    }

    /// <summary>Runs a command as the farm's user; it must succeed.</summary>
    internal static async Task AsFarmAsync(params string[] command)
    {
        var done = await FarmProcess.Start(Executable.AsUser(command)).EndAsync();
        done.ExitCode.Should().Be(0, "of {0}, which printed:\n{1}", string.Join(' ', command), done);
    }

    /// <summary>The evidence of a job that has failed, which must stand in the log where it is said to.</summary>
    private protected static async Task<string> EvidenceAsync(TestFarm farm, JobStatus job)
    {
        var last = job.Task.Last;
        var log = farm.Log(job.Id, job.Task.Platform, last.Number);
        last.EvidenceLine.Should().NotBeNull("of {0}", job);
        var line = log.Split('\n')[last.EvidenceLine!.Value - 1];
        line.Trim().Should().StartWith(last.Evidence);
        var bytes = System.Text.Encoding.UTF8.GetBytes(log);
        System.Text.Encoding.UTF8.GetString(bytes[(int)last.EvidenceOffset!..]).Should().StartWith(line);
        var told = await farm.DoAsync("log", "--cause", job.Id);
        told.Should().Contain($"> {last.EvidenceLine}  {line}".TrimEnd());
        return line;
    }

    /// <summary>A job has failed because a package that the farm has built cannot be installed.</summary>
    private protected static async Task<AttemptStatus> CannotBeInstalledAsync(TestFarm farm, string id)
    {
        var job = await farm.StatusAsync(id);
        (job.State, job.Task.Last.Cause).Should().Be(("failed", "unsatisfiable-dependency"), await WhyAsync(farm, id));
        job.Task.Attempts.Should().ContainSingle("it is the package's own failure");
        job.Task.Last.Message.Should().Contain("packages of this job or of its buckets");
        return job.Task.Last;
    }

    /// <summary>Runs a command as the user whose the files of layers are.</summary>
    internal static Task AsRootOfLayersAsync(params string[] command) =>
        AsFarmAsync(["unshare", "--map-auto", "--setuid", "0", "--setgid", "0", "--", .. command]);

    /// <summary>Removes a layer, or anything else with such files.</summary>
    private protected static async Task RemoveAsync(string layer)
    {
        await AsRootOfLayersAsync("find", $"{layer}/root", "-mindepth", "1", "-delete");
        await AsFarmAsync("rm", "-rf", "--", layer);
    }

    private protected static async Task<string> WhyAsync(TestFarm farm, string id) =>
        $"its log ends with:\n{string.Join('\n', (await farm.TryAsync("log", id)).ToString().Split('\n').TakeLast(30))}";

    /// <summary>Waits until the build's own command runs, which a line of its log tells.</summary>
    private protected static async Task InBuildAsync(TestFarm farm, string id, string said = "sh ./behaviour")
    {
        await farm.UntilAsync(id, job => job.State == "building");
        var started = TimeProvider.System.GetTimestamp();
        var pace = new Pace();
        while (!(await farm.TryAsync("log", id)).Output.Contains(said, StringComparison.Ordinal))
        {
            TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromMinutes(10));
            await pace.RestAsync();
        }
    }

    /// <summary>The tops that a builder has on the disk now.</summary>
    private protected static string[] TopsOf(string builder) =>
        Directory.GetDirectories(
            $"{Cache.Work}/making",
            $"top-{Digest.OfText($"{Cache.Work}/builders/{builder}")[..32]}"
        );

    /// <summary>The builders' own directories in the shared work directory: empty but for their lock, and removed.</summary>
    private sealed class SharedBuilders(string prefix) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            if (!Directory.Exists($"{Cache.Work}/builders"))
                return ValueTask.CompletedTask;
            foreach (var builder in Directory.EnumerateDirectories($"{Cache.Work}/builders", $"{prefix}-*").ToList())
            {
                Directory.EnumerateFileSystemEntries(builder).Select(Path.GetFileName).Should().BeSubsetOf(["lock"]);
                Directory.Delete(builder, recursive: true);
            }
            return ValueTask.CompletedTask;
        }
    }
}
