using System.Globalization;
using AwesomeAssertions;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Machines;

/// <summary>A machine that was set up by the administrator's guide, word for word, and what it did.</summary>
public sealed class InstalledMachine : IAsyncLifetime
{
    // Without network the distribution cannot be had: its root lies on the disk.
    private const string More = """
            tarball: /srv/root.tar
        limits: { memory: 512M, processes: 200 }

        """;

    private const string Configure = "install -D -m 644 pkgforge.yml /etc/pkgforge/pkgforge.yml\n";

    // None compiles anything, and none keeps the emulated processors busy when it has shown what it is to show.
    private static readonly NativeSource[] Sources =
    [
        new("good", "echo nothing to do"),
        new("memory", """perl -e 'for (;;) { push @taken, "x" x 1048576 }'"""),
        new("processes", "perl -e 'for (;;) { fork or sleep 5 }'"),
        new("hang", "sleep infinity"),
        new("remote", "echo nothing to do"),
    ];

    private IReadOnlyDictionary<string, MachinePart> parts = new Dictionary<string, MachinePart>();

    internal MachinePart this[string name] =>
        parts.GetValueOrDefault(name)
        ?? throw new InvalidOperationException(
            $"the machine did not come to '{name}', only to: {string.Join(", ", parts.Keys)}"
        );

    public async ValueTask InitializeAsync()
    {
        Machine.Require();
        await Cache.ReadyAsync();
        var written = Directory.CreateTempSubdirectory("pkgforge-machine-");
        try
        {
            parts = await Machine.RunAsync(InstallingGuide.Packages, Files(written.FullName));
        }
        finally
        {
            written.Delete(recursive: true);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Dictionary<string, string> Files(string written)
    {
        File.WriteAllText($"{written}/guide", InstallingGuide.Commands(Configure));
        File.WriteAllText($"{written}/pkgforge.yml", InstallingGuide.Configuration + More);
        var files = new Dictionary<string, string>
        {
            ["main"] = $"{Cache.Checkout}/tests/machine/main",
            ["artifacts/pkgforge"] = Executable.Program[0],
        };
        foreach (var path in Directory.EnumerateFiles($"{Cache.Checkout}/packaging", "*", SearchOption.AllDirectories))
            files[Path.GetRelativePath(Cache.Checkout, path)] = path;
        foreach (var source in Sources)
            source.Write(written);
        foreach (var path in Directory.EnumerateFiles(written))
            files[Path.GetFileName(path)] = path;
        return files;
    }
}

/// <summary>
/// The administrator's guide on a machine that it is for: Debian 12 with systemd and control groups of version 2.
/// </summary>
/// <param name="machine">The machine, which ran once.</param>
[Trait("category", "Real")]
public sealed class InstallingGuideTests(InstalledMachine machine) : IClassFixture<InstalledMachine>
{
    private const string Groups =
        @"/sys/fs/cgroup/system.slice/system-pkgforge\x2dbuildd.slice/pkgforge-buildd@b1.service";

    [Fact]
    public void Every_command_of_the_guide_succeeds_and_the_daemons_run()
    {
        machine["guide"].ExitCode.Should().Be(0, machine["guide"].Said);
        machine["units"].Said.Trim().Split('\n').Should().Equal("active", "active");
    }

    [Fact]
    public void A_builder_says_which_control_groups_it_has_found() =>
        machine["journal"]
            .Said.Should()
            .Contain(
                $"control groups, version 2, in {Groups}: memory is limited by them, processes by them; processors are shared equally between builds",
                "systemd delegates them"
            );

    [Fact]
    public void A_first_job_is_built_within_its_limits() =>
        machine["good"]
            .Said.Should()
            .Contain("job good: successful")
            .And.Contain("512 MiB of memory (by control group)")
            .And.Contain("200 processes (by control group)");

    [Fact]
    public void A_build_that_takes_all_memory_ends_alone_and_as_the_packages_failure() =>
        machine["memory"]
            .Said.Should()
            .Contain("job memory: failed")
            .And.Contain("out-of-memory")
            .And.Contain("stopped at 512 MiB of memory, the limit")
            .And.NotContain("attempt 2", "it is not tried again");

    [Fact]
    public void A_build_that_forks_without_end_meets_the_limit_of_its_group_and_can_be_cancelled()
    {
        var lines = machine["processes"].Said.Split('\n');
        // The farm's own processes in the group are on top of the build's.
        lines.Should().Contain("216");
        var refused = lines.Single(line => line.StartsWith("max ", StringComparison.Ordinal));
        int.Parse(refused["max ".Length..], CultureInfo.InvariantCulture).Should().BePositive();
        machine["processes"].Said.Should().Contain("job processes: cancelled");
    }

    [Fact]
    public void A_builder_that_systemd_stops_puts_its_task_back_and_leaves_nothing() =>
        // What the status prints of the waiting task is the end: no process, and no group.
        machine["stop"].Said.TrimEnd().Should().MatchRegex(@"bookworm-amd64: needs build(.|\n)*    results +\S+$");

    [Fact]
    public void A_builder_that_is_killed_is_started_again_and_what_it_left_is_gone()
    {
        var said = machine["kill"].Said;
        said.Should().Contain("NRestarts=1").And.Contain("job hang: cancelled").And.NotContain("did not come true");
        var groups = said.Split('\n')
            .Where(line => line.StartsWith($"{Groups}/pkgforge@b1@", StringComparison.Ordinal))
            .ToList();
        groups.Should().HaveCount(2, "each time only that of the build which ran was there");
    }

    [Fact]
    public void The_server_answers_within_the_bounds_of_its_unit() =>
        machine["serve"].Said.Should().StartWith("Created symlink").And.Contain("active\nHTTP/1.1 ");

    /// <summary>Tools that publish run in namespaces of their own, which a unit can forbid.</summary>
    [Fact]
    public void The_server_publishes_what_a_builder_elsewhere_has_made() =>
        machine["remote"].Said.Should().Contain("job remote: successful").And.Contain("remote_1.0_amd64.deb");

    [Fact]
    public void At_the_end_the_builder_runs_nothing_is_left_and_no_unit_has_failed() =>
        machine["left"].Said.Trim().Should().Be("active");
}
