using AwesomeAssertions;
using PkgForge.Cli.Commands;
using PkgForge.Server.Processes;
using Xunit;

namespace PkgForge.Tests;

/// <summary>What packages of PkgForge install beside the executable.</summary>
public sealed class PackagingTests
{
    private const string Executable = "/usr/bin/pkgforge";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Units =>
        ["pkgforge-incoming.service", "pkgforge-buildd@.service", "pkgforge-serve.service"];

    public static TheoryData<string> ManualPages => ["pkgforge.1", "pkgforge.yml.5"];

    [Theory]
    [MemberData(nameof(Units))]
    public void A_unit_runs_a_command_that_there_is(string unit)
    {
        var start = Unit(unit).Split('\n').Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal));
        var words = start["ExecStart=".Length..].Split(' ');
        words[0].Should().Be(Executable);
        var parsed = Root.Create().Parse(words[1..]);
        parsed.Errors.Should().BeEmpty();
        // The server is a daemon always.
        if (words[1] != "serve")
            parsed.GetValue(DaemonRun.Daemon).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Units))]
    public async Task Systemd_has_nothing_to_say_against_a_unit(string unit)
    {
        Assert.SkipUnless(HostTools.Has("systemd-analyze"), "systemd-analyze is not installed");
        var directory = Directory.CreateTempSubdirectory("pkgforge-test-").FullName;
        try
        {
            // The executable need not be installed to verify the rest.
            await File.WriteAllTextAsync($"{directory}/{unit}", Unit(unit).Replace(Executable, "/bin/true"), Cancel);
            var output = new CapturedOutput();
            var result = await Tool.RunAsync(
                new("systemd-analyze", "verify", "--man=no", $"{directory}/{unit}"),
                output,
                cancel: Cancel
            );
            output.Text.Should().NotContain("pkgforge");
            result.Succeeded.Should().BeTrue(output.Text);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void A_builder_may_become_root_of_its_own_namespaces()
    {
        // Each of these forbids, by itself or by no-new-privileges that it brings, what a root is made by.
        string[] forbidding =
        [
            "NoNewPrivileges",
            "RestrictNamespaces",
            "RestrictSUIDSGID",
            "PrivateUsers",
            "PrivateDevices",
            "ProtectKernelTunables",
            "ProtectProc",
            "SystemCallFilter",
            "DynamicUser",
            "ProtectControlGroups",
        ];
        var keys = Unit("pkgforge-buildd@.service").Split('\n').Select(line => line.Split('=')[0]);
        keys.Should().NotIntersectWith(forbidding);
    }

    /// <summary>That it works is tried on a machine with systemd: <c>InstallingGuideTests</c>.</summary>
    [Fact]
    public void The_server_may_make_the_sandbox_in_which_tools_read_what_it_publishes()
    {
        var lines = Unit("pkgforge-serve.service").Split('\n');
        var keys = lines.Select(line => line.Split('=')[0]).ToList();
        keys.Should()
            .NotIntersectWith(["RestrictNamespaces", "ProtectKernelTunables", "ProtectKernelLogs", "ProtectProc"]);
        lines.Should().Contain("SystemCallFilter=@system-service @mount");
    }

    [Fact]
    public void A_builder_is_given_the_control_groups_that_it_limits_builds_with() =>
        Unit("pkgforge-buildd@.service").Split('\n').Should().Contain("Delegate=cpu memory pids");

    [Theory]
    [MemberData(nameof(ManualPages))]
    public async Task A_manual_page_is_well_formed(string page)
    {
        Assert.SkipUnless(HostTools.Has("groff"), "groff is not installed");
        var output = new CapturedOutput();
        var complaints = new CapturedOutput();
        var command = new Command("groff", "-mandoc", "-Tutf8", "-ww", Checkout.PathOf($"packaging/man/{page}"));
        var result = await Tool.RunAsync(command, new SeparateOutput(output, complaints), cancel: Cancel);
        result.Succeeded.Should().BeTrue();
        complaints.Text.Should().BeEmpty();
    }

    private static string Unit(string name) => Checkout.Read($"packaging/systemd/{name}");
}
