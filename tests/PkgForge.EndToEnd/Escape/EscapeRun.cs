using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.EndToEnd.Real;
using Xunit;

namespace PkgForge.EndToEnd.Escape;

/// <summary>
/// One job that runs all probes twice: as a build, and as the script of a package that the job's second source needs,
/// which is as root of the root. Then the same probes run outside of roots, where they must do harm.
/// </summary>
public class EscapeRun : RealFarmTests, IAsyncLifetime
{
    private protected const string Install =
        "perl /usr/share/probes/probe install /usr/share/probes/targets < /dev/null";

    // A session keyring of its own, and a key in it.
    private const string AddKey = """
        my ($type, $name, $key) = ("user\0", "pkgforge-probe\0", "key");
        syscall 250, 1, 0;
        syscall(248, $type, $name, $key, 3, -3) >= 0 or die "add_key: $!";
        exec @ARGV or die;
        """;

    /// <summary>By context and name, what each probe has printed. Contexts: <c>build</c>, <c>install</c>, <c>user</c>, <c>root</c>.</summary>
    internal IReadOnlyDictionary<string, string> Verdicts { get; private set; } = new Dictionary<string, string>();

    /// <summary>What the host has noticed of the builds.</summary>
    internal IReadOnlyList<string> Harm { get; private set; } = [];

    /// <summary>How the job ended.</summary>
    internal string State { get; private set; } = "";

    /// <summary>The end of the job's log.</summary>
    internal string Log { get; private set; } = "";

    /// <summary>What the farm's configuration has beside the rest.</summary>
    private protected virtual string More => "";

    public async ValueTask InitializeAsync()
    {
        var farm = await MakeRealFarmAsync(More);
        var targets = Keep(await HostTargets.PrepareAsync(farm));
        var before = HostState.Read();
        await RunAsync(farm, targets);
        Harm = [.. targets.Harm(), .. HostState.Read().Differences(before)];
        Verdicts = Probes.Read($"{Log}\n{await ControlAsync(farm, targets)}");
    }

    private async Task RunAsync(TestFarm farm, HostTargets targets)
    {
        await farm.SubmitAsync("escape", await SourcesAsync(farm, targets));
        await farm.DoAsync("incoming");
        // A key of the farm's, as a login session has them.
        await BuildWithKeyAsync(farm);
        State = (await farm.StatusAsync("escape")).State;
        Log = await farm.DoAsync("log", "escape");
    }

    /// <summary>Two sources: one that runs the probes in its build and in the script of its package, and one that needs this package.</summary>
    private protected virtual Task<string[]> SourcesAsync(TestFarm farm, HostTargets targets)
    {
        var files = new Dictionary<string, string> { ["probe"] = Probes.Program, ["targets"] = targets.Text };
        var probes = new NativeSource("probes", "perl ./probe build ./targets < /dev/null")
        {
            Files = files,
            AfterInstallation = $"#!/bin/sh\n{Install}\n",
        };
        var after = new NativeSource("after", "true") { Needs = "probes" };
        var sources = $"{farm.Directory}/sources";
        return Task.FromResult<string[]>([probes.Write(sources), after.Write(sources)]);
    }

    /// <summary>Who builds them.</summary>
    private protected virtual string Builder => Deb1;

    private async Task BuildWithKeyAsync(TestFarm farm)
    {
        string[] words = [.. Executable.Program, "buildd", "--name", Builder, "-c", farm.Configuration];
        string[] keyed = ["perl", "-e", AddKey, "--", .. words];
        var built = await farm.Run(FarmProcess.Start(Executable.AsUser(keyed))).EndAsync(TimeSpan.FromMinutes(10));
        built.ExitCode.Should().Be(0, "but it printed:\n{0}", built);
    }

    private static async Task<string> ControlAsync(TestFarm farm, HostTargets targets)
    {
        var directory = $"{farm.Directory}/host";
        await File.WriteAllTextAsync($"{directory}/probe", Probes.Program);
        await File.WriteAllTextAsync($"{directory}/targets", targets.Text);
        string[] program = ["perl", $"{directory}/probe"];
        string[] asRoot =
        [
            "--map-auto",
            "--setuid",
            "0",
            "--setgid",
            "0",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
        ];
        string[] namespaces = ["unshare", .. asRoot, "--mount-proc", "--ipc", "--uts", "--net", "--"];
        var user = await RunAsync([.. program, "user", $"{directory}/targets", "user"]);
        var root = await RunAsync([.. namespaces, .. program, "root", $"{directory}/targets", "root"]);
        return $"{user}\n{root}";
    }

    private static async Task<string> RunAsync(IEnumerable<string> command) =>
        (await FarmProcess.Start(Executable.AsUser(command)).EndAsync(TimeSpan.FromMinutes(2))).ToString();
}

/// <summary>The same on a farm whose builds have their tops on the disk.</summary>
public sealed class EscapeOnDiskRun : EscapeRun
{
    private protected override string More => "limits: { top: disk }";
}
